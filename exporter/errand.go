package exporter

import (
	"slices"
	"time"

	"golang.org/x/time/rate"
)

const (
	// gathering is how long hints are collected, so that the categories of one weigh-in
	// make one fetch.
	gathering = 250 * time.Millisecond
	// hintBurst is how many fetches hints may cause at once for each service …
	hintBurst = 4
	// … and hintPace is how often they may cause one in the long run, whatever arrives.
	hintPace = 30 * time.Second
	// syncPace is the same for what each synchronisation of a watch or phone announces
	// (category 16). They come every few hours, and all are followed at once; but an open
	// app synchronises every few minutes, and then this is enough for running totals.
	syncPace = 45 * time.Minute
	// syncBurst is how many of them are followed at once, those of a few visits to the app.
	syncBurst = 12
	// syncCategory is their category.
	syncCategory = 16
	// settled is how long after something new a hint that finds nothing counts as one about
	// the same: notifications of several categories may arrive two minutes apart.
	settled = 3 * time.Minute
)

// again is when Withings is asked again after a hint that found nothing new: data may
// be announced before they can be read.
var again = []time.Duration{5 * time.Second, 20 * time.Second, 60 * time.Second, 150 * time.Second}

// errand is a hint that is being followed up.
type errand struct {
	hint  Hint
	since time.Time // when it was first followed up; zero: not yet
	tries int
	next  time.Time

	session bool     // not a hint: a device has been in contact with Withings …
	glances []glance // … and when to ask, the first one first
}

// key tells errands apart.
func (is *errand) key() string {
	if is.session {
		return "session " + is.hint.key()
	}
	return is.hint.key()
}

// errands are the hints of a profile that are being followed up. Their times are by the
// clock of the machine.
type errands struct {
	gather  time.Time // when to look into the inbox; zero: it is empty
	open    map[string]*errand
	fetches map[Service]*rate.Limiter // tokens for fetches
	syncs   map[Service]*rate.Limiter // tokens for hints of synchronisations
	news    map[Service]time.Time     // when something new of a service was last read
}

func newErrands() *errands {
	return &errands{open: map[string]*errand{}, fetches: map[Service]*rate.Limiter{}, syncs: map[Service]*rate.Limiter{}, news: map[Service]time.Time{}}
}

// rang notes that hints have arrived.
func (e *errands) rang(now time.Time) {
	if e.gather.IsZero() {
		e.gather = now.Add(gathering)
	}
}

// collect takes hints over from the inbox once they have gathered, and returns them.
func (e *errands) collect(inbox *Inbox, now time.Time) []Hint {
	if e.gather.IsZero() || now.Before(e.gather) {
		return nil
	}
	e.gather = time.Time{}
	hints := inbox.take()
	for _, h := range hints {
		if before := e.open[h.key()]; before != nil {
			h.join(before.hint)
		}
		e.open[h.key()] = &errand{hint: h, next: now}
	}
	return hints
}

// mostGlances bounds when a service is asked because of sessions, and apart is how far from
// each other that is at least.
const mostGlances, apart = 8, 45 * time.Second

// look has a service asked because of a session, with those that follow it.
func (e *errands) look(services []Service, glances []glance) {
	is := &errand{hint: Hint{Services: services}, session: true, glances: glances}
	if before := e.open[is.key()]; before != nil {
		is.glances = append(is.glances, before.glances...)
	}
	slices.SortStableFunc(is.glances, func(a, b glance) int { return a.at.Compare(b.at) })
	for i := len(is.glances) - 2; i >= 0; i-- {
		if next := &is.glances[i+1]; i > 0 && next.at.Sub(is.glances[i].at) < apart || i >= mostGlances {
			next.again = next.again && is.glances[i].again
			is.glances = slices.Delete(is.glances, i, i+1)
		}
	}
	if len(is.glances) > 0 {
		is.next = is.glances[0].at
		e.open[is.key()] = is
	}
}

// waiting is the first session because of which a service is still to be asked for the first
// time; zero if there is none.
func (e *errands) waiting(service Service) (first time.Time) {
	for _, is := range e.open {
		if !is.session || is.hint.Services[0] != service {
			continue
		}
		for _, g := range is.glances {
			if !g.again && (first.IsZero() || g.after.Before(first)) {
				first = g.after
			}
		}
	}
	return first
}

// looked notes that an errand of a session was run, and reports whether that was all.
func (e *errands) looked(is *errand, now time.Time) (all bool) {
	is.glances = slices.DeleteFunc(is.glances, func(g glance) bool {
		return !g.at.After(now) || g.again && e.news[is.hint.Services[0]].After(g.after)
	})
	if len(is.glances) > 0 {
		is.next = is.glances[0].at
	}
	return len(is.glances) == 0
}

// next is when something is to be done; zero: nothing is.
func (e *errands) next() time.Time {
	first := e.gather
	for _, is := range e.open {
		if first.IsZero() || is.next.Before(first) {
			first = is.next
		}
	}
	return first
}

// ready are the errands whose time has come and that may be run. For each service a
// token is taken; an errand without enough of them waits.
func (e *errands) ready(now time.Time) (ready []*errand) {
	paid := map[Service]bool{}
	for _, is := range e.open {
		if now.Before(is.next) {
			continue
		}
		if wait := e.pay(is, paid, now); wait > 0 {
			is.next = now.Add(wait)
			continue
		}
		ready = append(ready, is)
	}
	return ready
}

// pay takes the tokens for each service that is not paid yet. If there are not enough, it
// takes none and returns how long to wait.
func (e *errands) pay(is *errand, paid map[Service]bool, now time.Time) (wait time.Duration) {
	var taken []*rate.Reservation
	take := func(from map[Service]*rate.Limiter, service Service, pace time.Duration, burst int) {
		if from[service] == nil {
			from[service] = rate.NewLimiter(rate.Every(pace), burst)
		}
		token := from[service].ReserveN(now, 1)
		taken, wait = append(taken, token), max(wait, token.DelayFrom(now))
	}
	for _, service := range is.hint.Services {
		if paid[service] {
			continue
		}
		take(e.fetches, service, hintPace, hintBurst)
		if is.tries == 0 && !is.session && slices.Contains(service.Row().Announced, syncCategory) {
			take(e.syncs, service, syncPace, syncBurst)
		}
	}
	if wait > 0 {
		for _, token := range taken {
			token.CancelAt(now)
		}
		return wait
	}
	for _, service := range is.hint.Services {
		paid[service] = true
	}
	return 0
}

// within are the errands for which nothing but some services is asked: a poll that asks
// those now does them as well.
func (e *errands) within(services []Service, now time.Time) (all []*errand) {
	for _, is := range e.open {
		if early := is.session && now.Before(is.next); !early && !slices.ContainsFunc(is.hint.Services, func(s Service) bool { return !slices.Contains(services, s) }) {
			all = append(all, is)
		}
	}
	return all
}

// done notes what was new after errands were run. Those that found nothing are run
// again a few times.
func (e *errands) done(run []*errand, new map[Service]bool, holds func(Service, Span) bool, now time.Time) {
	for service := range new {
		e.news[service] = now
	}
	for _, is := range run {
		switch {
		case is.session:
			if e.looked(is, now) {
				delete(e.open, is.key())
			}
		case e.found(is.hint, new, holds, now), is.tries == len(again):
			delete(e.open, is.key())
		default:
			if is.since.IsZero() {
				is.since = now
			}
			is.next = is.since.Add(again[is.tries])
			is.tries++
		}
	}
}

// found reports whether what a hint announces has been read: just now, or with another
// hint shortly before.
func (e *errands) found(h Hint, new map[Service]bool, holds func(Service, Span) bool, now time.Time) bool {
	return slices.ContainsFunc(h.Services, func(service Service) bool {
		last, ever := e.news[service]
		return new[service] || service.Row().Told ||
			ever && now.Sub(last) < settled && (h.Span.Empty() || holds(service, h.Span))
	})
}
