package influx

import (
	"context"
	"slices"
	"time"

	"withings-exporter/exporter"
)

const (
	// lookEvery is how often a database is asked whether it still has what it
	// acknowledged, and lookRarely the same for one that cannot be asked.
	lookEvery  = time.Minute
	lookRarely = time.Hour
	// samples is how many points it is asked for.
	samples = 4
	// settling is how long a point may be gone while another process writes it
	// at another moment.
	settling = 2 * time.Second
)

// lookForLoss asks the database for a few points that it acknowledged. If one is
// gone, the database has been dropped, restored or emptied: nothing counts as
// safe any more, and everything is written again.
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
	gone := missing[0]
	s.writer.log.Warn("InfluxDB no longer has points that it acknowledged; everything is written again",
		"server", s.writer.where, "measurement", gone.Measurement, "time", gone.At)
	return s.ledger.change(ctx, func(b *book) bool {
		b.lost()
		return true
	})
}

// missing lists which of some points the database does not have, of a sample if
// none are given.
func (s *Sink) missing(ctx context.Context, of []spot) ([]spot, error) {
	var ask []spot
	if err := s.ledger.look(func(b *book) { ask = b.sample(s.now(), of) }); err != nil {
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

// sample picks acknowledged points, from the oldest to the newest, that a
// retention policy has not taken away. With some given, those of them that still
// count as acknowledged.
func (b *book) sample(now time.Time, of []spot) []spot {
	oldest := now.Add(24*time.Hour - b.keepsFor()).Unix()
	var all []spot
	for _, c := range b.Services {
		for _, e := range c.Written {
			if e.Hash == 0 || len(e.Old) > 0 || len(e.In) == 0 || e.At <= oldest {
				continue
			}
			is := spot{e.In[0], e.At}
			if of == nil || slices.Contains(of, is) {
				all = append(all, is)
			}
		}
	}
	slices.SortFunc(all, func(a, b spot) int { return int(a.At - b.At) })
	if len(all) <= samples || of != nil {
		return all
	}
	picked := make([]spot, 0, samples)
	for i := range samples {
		picked = append(picked, all[i*(len(all)-1)/(samples-1)])
	}
	return picked
}

// lost lets everything be written again. The past of measures and objectives is
// read by serve anyway; the years of others, if they were there, come as if all
// of it had just changed.
func (b *book) lost() {
	for service, c := range b.Services {
		years := len(c.Covered) > 0 && !c.Updated.IsZero() && service != exporter.Measure && service != exporter.Objective
		c.Progress, c.Covered, c.Open, c.Refused = exporter.Progress{}, nil, nil, nil
		if years {
			c.Updated = time.Unix(1, 0).UTC()
		}
		c.unsure()
	}
}
