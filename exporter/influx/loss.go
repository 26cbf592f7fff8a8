package influx

import (
	"context"
	"fmt"
	"slices"
	"time"

	"withings-exporter/exporter"
)

const (
	// lookEvery is how often a database is asked whether it still has what it
	// acknowledged, and lookRarely the same for one that cannot be asked.
	lookEvery  = time.Minute
	lookRarely = time.Hour
	// samples is how many points it is asked for, and the oldest and the newest of
	// each service besides.
	samples = 4
	// settling is how long a point may be gone while another process writes it
	// at another moment.
	settling = 2 * time.Second
)

// lookForLoss asks the database for a few points that it acknowledged. If one is
// gone though a new one would be there, the database has been dropped, restored or
// emptied: nothing counts as safe any more, and everything is written again.
func (s *Sink) lookForLoss(ctx context.Context) error {
	s.mu.Lock()
	due := !s.now().Before(s.nextLook) || s.nextLook.Sub(s.now()) > lookRarely
	s.nextLook = s.now().Add(lookEvery)
	s.mu.Unlock()
	if !due {
		return nil
	}
	missing, err := s.missing(ctx, nil)
	if err != nil || len(missing) == 0 {
		return err
	}
	if err := s.pause(ctx, settling); err != nil {
		return err
	}
	if missing, err = s.missing(ctx, missing); err != nil || len(missing) == 0 {
		return err
	}
	gone, found, err := s.confirmLoss(ctx, missing)
	if err != nil || !found {
		return err
	}
	s.writer.log.Warn("InfluxDB no longer has points that it acknowledged; everything is written again",
		"server", s.writer.where, "measurement", gone.Measurement, "time", gone.At)
	return s.Change(ctx, func(b *book) bool {
		forgetLost(b)
		return true
	})
}

// confirmLoss returns one of some missing points that the database has lost: a new
// one of the same moment is acknowledged and shown. Where it is not, the retention
// policy has taken the point away, or questions are answered by something that does
// not show what was written: another bucket, a replica, a limit to what is searched.
func (s *Sink) confirmLoss(ctx context.Context, missing []spot) (lost spot, found bool, err error) {
	for _, is := range missing {
		shown, err := s.writer.shows(ctx, is.At)
		if err != nil || shown {
			return is, shown, err
		}
	}
	s.mu.Lock()
	s.nextLook = s.now().Add(lookRarely)
	s.mu.Unlock()
	return spot{}, false, s.Change(ctx, func(b *book) (changed bool) {
		for _, c := range b.Services { // they would be missing every time
			n := len(c.Marks)
			c.Marks = slices.DeleteFunc(c.Marks, func(is spot) bool { return slices.Contains(missing, is) })
			changed = changed || len(c.Marks) < n
		}
		return changed
	})
}

// shows reports whether the database takes a new point of a moment, and shows it.
func (w *Writer) shows(ctx context.Context, at int64) (bool, error) {
	taken, err := w.takes(ctx, fmt.Sprintf("%s probe=1 %d\n", probe, at))
	if err != nil || !taken {
		return false, err
	}
	there, known, err := w.has(ctx, "", spot{probe, at})
	w.forget(ctx, spot{probe, at})
	return there && known, err
}

// missing lists which of some points the database does not have, of a sample if
// none are given.
func (s *Sink) missing(ctx context.Context, of []spot) ([]spot, error) {
	var ask []spot
	if err := s.Look(func(b *book) { ask = sample(b, s.now(), of) }); err != nil {
		return nil, err
	}
	var missing []spot
	for _, at := range ask {
		there, known, err := s.writer.has(ctx, tagValue(s.profile), at)
		if err != nil {
			return nil, err
		}
		if !known {
			s.mu.Lock()
			s.nextLook = s.now().Add(lookRarely)
			s.mu.Unlock()
			return nil, nil
		}
		if !there {
			missing = append(missing, at)
		}
	}
	return missing, nil
}

// sample picks acknowledged points that a retention policy has not taken away: the
// oldest and the newest of each service, since what was written before the loss may
// be all there is of one, and some of all in between. With some given, those of them
// that still count as acknowledged.
func sample(b *book, now time.Time, of []spot) []spot {
	oldest := now.Add(24*time.Hour - keepsFor(b)).Unix()
	var all, picked []spot
	for _, c := range b.Services {
		its := c.acknowledged()
		its = slices.DeleteFunc(its, func(is spot) bool { return is.At <= oldest || of != nil && !slices.Contains(of, is) })
		picked = append(picked, ends(its, 2)...)
		all = append(all, its...)
	}
	if of != nil {
		picked = all
	} else {
		picked = append(picked, ends(all, samples)...)
	}
	slices.SortFunc(picked, spot.compare)
	return slices.Compact(picked)
}

// acknowledged are the points of a service that are known to have been written, and
// not to be written again.
func (c *chapter) acknowledged() []spot {
	all := slices.Clone(c.Marks)
	for _, e := range c.Written {
		if e.Hash != 0 && len(e.Old) == 0 && len(e.In) > 0 {
			all = append(all, spot{e.In[0], e.At})
		}
	}
	return all
}

// ends are n points at the same distance from each other in the order of time, from
// the oldest to the newest; all of them if there are no more.
func ends(all []spot, n int) []spot {
	slices.SortFunc(all, spot.compare)
	if len(all) <= n {
		return all
	}
	picked := make([]spot, 0, n)
	for i := range n {
		picked = append(picked, all[i*(len(all)-1)/(n-1)])
	}
	return picked
}

// mark remembers some of the points that were acknowledged and are too old for
// anything else to be known of them: the oldest, the newest, and what lies between
// as far apart as can be.
func (c *chapter) mark(at ...spot) {
	for _, is := range at {
		if slices.Contains(c.Marks, is) {
			continue
		}
		c.Marks = append(c.Marks, is)
		slices.SortFunc(c.Marks, spot.compare)
		if len(c.Marks) <= samples {
			continue
		}
		close := 1 // to its neighbours
		for i := 2; i < len(c.Marks)-1; i++ {
			if c.Marks[i+1].At-c.Marks[i-1].At < c.Marks[close+1].At-c.Marks[close-1].At {
				close = i
			}
		}
		c.Marks = slices.Delete(c.Marks, close, close+1)
	}
}

// forgetLost lets everything be written again. What serve reads from the beginning it
// reads anyway; what there was of others comes as if all of it had just changed.
func forgetLost(b *book) {
	for service, c := range b.Services {
		c.Forget()
		c.Marks = nil
		if row := service.Row(); !row.Current && row.Past != exporter.WholePast {
			c.Updated = c.Had
		}
	}
}
