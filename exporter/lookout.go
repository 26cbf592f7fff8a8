package exporter

import (
	"slices"
	"time"
)

const (
	// overdue is how long after a change its notification counts as missing. Withings says
	// that most arrive within two minutes.
	overdue = 3 * time.Minute
	// ahead is how much earlier than the change a notification of it may have arrived: it may
	// come before its data are stored, and clocks differ.
	ahead = 10 * time.Minute
)

// lookout notices that notifications no longer arrive: a poll finds something new that
// none has announced. Its times are by the clock of the data.
type lookout struct {
	since       time.Time             // since when notifications are relied on; zero: they are not
	heard       map[Service]time.Time // when the last one about a service arrived
	missing     bool                  // until one arrives again
	unannounced []Service             // what was found by the last poll
}

func newLookout() *lookout { return &lookout{heard: map[Service]time.Time{}} }

// relies notes whether notifications are relied on.
func (l *lookout) relies(do bool, now time.Time) {
	switch {
	case !do:
		l.since = time.Time{}
	case l.since.IsZero():
		l.since = now
	}
}

// arrived notes notifications, and reports whether that is news.
func (l *lookout) arrived(hints []Hint) (again bool) {
	for _, h := range hints {
		for _, service := range h.Services {
			l.heard[service] = Later(l.heard[service], h.At)
		}
	}
	again = l.missing
	l.missing = false
	return again
}

// knows reports whether a notification has announced news of a service since a device was in
// contact with Withings.
func (l *lookout) knows(service Service, since time.Time) bool {
	return !l.heard[service].Before(since.Add(-ahead))
}

// watch returns a function that is called with every answer of a poll before the state
// has it. It looks for changes of announced services since they were last read.
func (l *lookout) watch(state *State, announced []Service, now time.Time) func(Batch) {
	l.unannounced = nil
	looked := map[Service]time.Time{}
	for _, service := range announced {
		looked[service] = Later(state.Progress(service).Success, l.since)
	}
	return func(b Batch) {
		since, watched := looked[b.Service]
		if !watched || l.since.IsZero() || slices.Contains(l.unannounced, b.Service) {
			return
		}
		since = Later(since, l.heard[b.Service].Add(ahead))
		if state.lacksChange(b, since, now.Add(-overdue)) {
			l.unannounced = append(l.unannounced, b.Service)
		}
	}
}

// missed reports whether the last poll has found that notifications do not arrive.
func (l *lookout) missed() bool {
	if l.missing || len(l.unannounced) == 0 {
		return false
	}
	l.missing = true
	return true
}

// announced reports whether Withings announces such a record. Of measures it does so for
// some types: a watch also sends others, for which no notification comes.
func (r *Record) announced() bool {
	return r.Service != Measure || slices.ContainsFunc(r.Readings, func(is Reading) bool { return is.Metric.Announced })
}

// lacksChange reports whether an answer has a record that was changed after one moment
// and before another, which should have been announced, and is not known as such.
func (s *State) lacksChange(b Batch, after, before time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.all(b.Service)
	return slices.ContainsFunc(b.Records, func(r Record) bool {
		return r.Modified.After(after) && r.Modified.Before(before) && r.announced() &&
			!slices.ContainsFunc(known, func(held Record) bool { return held.ID == r.ID && !held.Modified.Before(r.Modified) })
	})
}
