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
	// acknowledged; lookRarely is the same for one that does not answer queries.
	lookEvery  = time.Minute
	lookRarely = time.Hour
	// samples is how many points it is asked for, plus the oldest and the newest of
	// each service.
	samples = 4
	// settling is how long a point may be missing while another process moves it.
	settling = 2 * time.Second
)

// lookForLoss has everything written again if the database lost what it acknowledged.
func (s *Sink) lookForLoss(ctx context.Context) error {
	s.mu.Lock()
	due := !s.now().Before(s.nextLook) || s.nextLook.Sub(s.now()) > lookRarely
	s.nextLook = s.now().Add(lookEvery)
	s.mu.Unlock()
	if !due {
		return nil
	}
	gone, found, err := s.loss(ctx)
	if err != nil || !found {
		return err
	}
	s.writer.log.Warn("InfluxDB no longer has points that it acknowledged; everything is written again",
		"server", s.writer.where, "measurement", gone.Measurement, "time", gone.At)
	return s.Change(ctx, func(b *book) bool {
		forgetLost(b, s.now())
		return true
	})
}

// loss asks the database for a few points that it acknowledged, and returns one that it
// lost: it is missing although a new point of the same time shows up, since the database
// was dropped, restored or emptied.
func (s *Sink) loss(ctx context.Context) (gone spot, found bool, err error) {
	s.mu.Lock()
	s.unseen = false
	s.mu.Unlock()
	missing, err := s.missing(ctx, nil)
	if err != nil || len(missing) == 0 {
		return spot{}, false, err
	}
	if err := s.pause(ctx, settling); err != nil {
		return spot{}, false, err
	}
	if missing, err = s.missing(ctx, missing); err != nil || len(missing) == 0 {
		return spot{}, false, err
	}
	return s.confirmLoss(ctx, missing)
}

// Lost reports whether the database lost what it acknowledged, and has nothing written
// again.
func (s *Sink) Lost(ctx context.Context) (bool, error) {
	_, found, err := s.loss(ctx)
	return found, err
}

// Unseen reports whether the last look, of Ready or Lost, could not see if the database
// still has what it acknowledged: it answers no queries, or does not let the token read.
func (s *Sink) Unseen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unseen
}

// doubt notes that the last look has shown nothing; the next is a while away.
func (s *Sink) doubt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unseen, s.nextLook = true, s.now().Add(lookRarely)
}

// confirmLoss returns the first missing point that is really lost: a new point of the
// same time is acknowledged and shows up. If it does not, the point has expired under
// the retention policy, or queries are answered from elsewhere (another bucket, a
// replica) or are limited.
func (s *Sink) confirmLoss(ctx context.Context, missing []spot) (lost spot, found bool, err error) {
	for _, is := range missing {
		shown, err := s.writer.shows(ctx, is.At)
		if err != nil || shown {
			return is, shown, err
		}
	}
	s.doubt()
	return spot{}, false, s.Change(ctx, func(b *book) (changed bool) {
		for _, c := range b.Services { // they would be missing every time
			n := len(c.Marks)
			c.Marks = slices.DeleteFunc(c.Marks, func(is spot) bool { return slices.Contains(missing, is) })
			changed = changed || len(c.Marks) < n
		}
		return changed
	})
}

// shows reports whether the database accepts a new point of a moment, and shows it.
func (w *Writer) shows(ctx context.Context, at int64) (bool, error) {
	taken, err := w.takes(ctx, fmt.Sprintf("%s probe=1 %d\n", probe, at))
	if err != nil || !taken {
		return false, err
	}
	there, known, err := w.has(ctx, "", spot{probe, at})
	w.forget(ctx, spot{probe, at})
	return there && known, err
}

// missing lists which of the given points, or of a sample, the database lacks.
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
			s.doubt()
			return nil, nil
		}
		if !there {
			missing = append(missing, at)
		}
	}
	return missing, nil
}

// sample picks acknowledged points that have not expired: the oldest and the newest
// of each service, since one may have nothing that was written after a loss, and a
// few of all. If points are given, it picks those that still count as acknowledged.
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

// acknowledged are the points of a service that were written and stay as they are.
func (c *chapter) acknowledged() []spot {
	all := slices.Clone(c.Marks)
	for _, e := range c.Written {
		if e.Hash != 0 && len(e.Old) == 0 && len(e.In) > 0 {
			all = append(all, spot{e.In[0], e.At})
		}
	}
	return all
}

// ends picks n points in order of time, evenly from the oldest to the newest; all of
// them if there are no more.
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

// mark remembers a few acknowledged points that are too old for Written: the oldest,
// the newest, and others as far apart as possible.
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

// forgetLost makes everything be written again. Services that serve reads from the
// beginning are read anyway; the others are read as if all had just changed. Minutes
// are wanted from when they were first read.
func forgetLost(b *book, now time.Time) {
	for service, c := range b.Services {
		was := c.Progress
		c.Forget()
		c.Marks = nil
		if service.Row().Minutes && !was.Back.IsZero() {
			c.Back = was.Back
			c.Want(exporter.Spans{{From: was.Back, To: now}})
		}
		if row := service.Row(); !row.Current && row.Past != exporter.WholePast {
			c.Updated = c.Had
		}
	}
}
