package exporter

import (
	"context"
	"errors"
	"sync"
	"time"
)

// What the log says of the sinks. What is wrong with the database is told once for all; a file is told of its profile.
const (
	unwritten    = "readings cannot be written to the database; metrics are not affected, and missing readings are written later"
	writtenAgain = "readings are written to the database again"
)

// database is an outage of the database behind the sinks of all profiles. As with one of Withings, one request a minute tries it
// for everybody; the first acknowledged write ends it for all, and what each of them lacks is written at once.
type database struct {
	outage

	telling sync.Mutex // guards what follows
	since   time.Time
	why     string            // as it was at first
	met     map[*Profile]bool // who has met it; nil while there is none
}

// lacking notes that the database has failed a profile, and returns the number of the outage. The first time is logged.
func (p *Poller) lacking(profile *Profile, err error) int {
	d := &p.database
	d.telling.Lock()
	defer d.telling.Unlock()
	if d.met == nil {
		p.Log.Warn(unwritten, "err", err)
		d.since, d.why, d.met = p.Now(), err.Error(), map[*Profile]bool{}
	}
	d.met[profile] = true
	for one := range d.met { // there is one reason for all, the one known last
		one.Status.sinkFails(err.Error())
	}
	return d.begun(time.Now())
}

// written notes that the database has acknowledged a write after a failure.
func (p *Poller) written() {
	d := &p.database
	d.telling.Lock()
	defer d.telling.Unlock()
	d.ended()
	if d.met == nil {
		return
	}
	p.Log.Info(writtenAgain, "profiles", len(d.met), "after", p.Now().Sub(d.since).Round(time.Second), "was", d.why)
	for profile := range d.met {
		profile.Status.sinkFails("")
	}
	d.met = nil
}

// lacked takes over an outage from before the pollers were started again.
func (d *database) lacked(profile *Profile, problem Problem) {
	if d.met == nil {
		d.since, d.why, d.met = problem.Since, problem.Text, map[*Profile]bool{}
	}
	d.since, d.met[profile] = Earlier(d.since, problem.Since), true
	d.begun(time.Now())
}

// sinkFails notes why the database fails if it is known to; it no longer does if that is "".
func (s *Status) sinkFails(why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now.Sink == nil || !s.now.Sink.OfAll || s.now.Sink.Problem.Text == why {
		return
	}
	is := *s.now.Sink
	if is.Problem.Text = why; why == "" {
		is.Problem, is.OfAll = Problem{}, false
	}
	s.now.Sink = &is
	s.version++
}

// meetDatabase is the part of meet for the database.
func (w *shift) meetDatabase(r *round) {
	switch {
	case r.forward.down != 0:
		w.lacks = r.forward.down
	case r.forward.open():
		w.lacks, w.idle = 0, 0
	}
}

// reviveDatabase has a profile polled at once whose readings could not be written while the database works, and tries whether
// it does if it is time for that. It reports whether there is something to do.
func (w *shift) reviveDatabase(ctx context.Context) bool {
	if w.lacks == 0 {
		return false
	}
	now := time.Now()
	if !w.database.over(w.lacks) {
		if _, its := w.database.turn(w, now); !its {
			return false
		}
		err := w.profile.Sink.Ready(ctx)
		switch {
		case errors.Is(err, ErrOfAll):
			w.lacks = w.lacking(w.profile, err)
			return true
		case err != nil:
			return true
		}
		w.written()
	}
	w.lacks = 0
	// Whoever is not taken although others are waits longer each time.
	w.idle = min(max(2*w.idle, tryAgain), w.longest())
	if w.down == 0 {
		w.poll = Earlier(w.poll, Later(now, w.began.Add(w.idle)))
		w.profile.Status.change(func(c *Condition) { c.NextPoll = w.Now().Add(time.Until(w.poll)) })
	}
	return true
}
