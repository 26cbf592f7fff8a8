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
// for everybody, and once it is answered, what each of them lacks is written at once. It is over for all when somebody's batch
// was taken: a database may take the line that tries it, and no batch.
type database struct {
	outage

	telling sync.Mutex // guards what follows
	since   time.Time
	why     string               // as it was at first …
	last    string               // … and as it is
	met     map[*Profile]bool    // who has met it; nil while there is none
	waiting map[*Profile]Service // who of them waits for its end, and of which service a batch was not taken; "": of none
}

// lacking notes that the database has failed a profile, and returns the number of the outage. The first time is logged.
func (p *Poller) lacking(profile *Profile, service Service, err error) int {
	d := &p.database
	d.telling.Lock()
	defer d.telling.Unlock()
	if d.met == nil {
		p.Log.Warn(unwritten, "err", err)
		d.begin(p.Now(), err.Error())
	}
	d.met[profile], d.last = true, err.Error()
	if was := d.waiting[profile]; service == "" {
		service = was
	}
	d.waiting[profile] = service
	for one := range d.waiting { // there is one reason for all, the one known last
		one.Status.sinkFails(d.last)
	}
	return d.begun(time.Now())
}

func (d *database) begin(now time.Time, why string) {
	d.since, d.why, d.last, d.met, d.waiting = now, why, why, map[*Profile]bool{}, map[*Profile]Service{}
}

// fails is why the database fails a profile, or "".
func (d *database) fails(profile *Profile) string {
	d.telling.Lock()
	defer d.telling.Unlock()
	if _, waits := d.waiting[profile]; waits {
		return d.last
	}
	return ""
}

// ready notes that the database accepts readings of a profile; took reports whether it has taken all that there was of a service.
func (p *Poller) ready(profile *Profile, took func(Service) bool) {
	d := &p.database
	d.telling.Lock()
	defer d.telling.Unlock()
	service, waits := d.waiting[profile]
	if !waits {
		return
	}
	d.ended()
	if service != "" && !took(service) {
		return
	}
	delete(d.waiting, profile)
	for _, other := range d.waiting {
		if service == "" && other != "" {
			return // whose batch tells more
		}
	}
	p.Log.Info(writtenAgain, "profiles", len(d.met), "after", p.Now().Sub(d.since).Round(time.Second), "was", d.why)
	for one := range d.waiting {
		one.Status.sinkFails("")
	}
	d.met, d.waiting = nil, nil
}

// forget drops a profile that must be authorised: nothing of it is written until it is.
func (d *database) forget(profile *Profile) {
	d.telling.Lock()
	defer d.telling.Unlock()
	delete(d.waiting, profile)
	if len(d.waiting) == 0 {
		d.met = nil
		d.ended()
	}
	profile.Status.sinkFails("")
}

// lacked takes over an outage from before the pollers were started again.
func (d *database) lacked(profile *Profile, problem Problem) {
	if d.met == nil {
		d.begin(problem.Since, problem.Text)
	}
	d.since, d.met[profile], d.waiting[profile] = Earlier(d.since, problem.Since), true, ""
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

// watchDatabase notices between polls that the database is gone, which would show when the next reading is written.
func (w *shift) watchDatabase(ctx context.Context) {
	sink, can := w.profile.Sink.(Watcher)
	is := w.profile.Status.Condition().Sink
	if !can || w.lacks != 0 || is == nil || is.Problem.Text != "" {
		return
	}
	err := sink.Watch(ctx)
	if !errors.Is(err, ErrOfAll) {
		return
	}
	w.profile.Status.sinkIs(SinkStatus{Safe: is.Safe, Behind: is.Behind, Problem: Problem{Text: err.Error(), Since: w.Now()}, OfAll: true})
	w.lacks = w.lacking(w.profile, "", err) // last, since another may see at once that it works again
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
			w.lacks = w.lacking(w.profile, "", err)
			return true
		case err != nil:
			return true
		}
		w.database.ended()
	}
	w.lacks = 0
	// Whoever is not taken although others are waits longer each time.
	w.idle = min(max(2*w.idle, tryAgain), w.longest())
	if w.down == 0 {
		w.poll = Earlier(w.poll, Later(now, w.began.Add(w.idle)))
		w.foresee()
	}
	return true
}
