package exporter

import (
	"slices"
	"time"

	"withings-exporter/exporter/retry"
)

const (
	// proof is how many news of a service must have come with a session of a device before
	// sessions are trusted for it, and proofOfAll how many of all services together.
	proof, proofOfAll = 2, 8
	// firstDoubt is how long a service is asked at every poll after its news came without a
	// session. It doubles each time, up to longestDoubt.
	firstDoubt, longestDoubt = 2 * 24 * time.Hour, 16 * 24 * time.Hour
)

// learned is what experience says about the data of an account: whether the sessions of
// its devices tell of them, and when they arrive. It is saved with the state.
type learned struct {
	Trust []trust `json:"trust,omitempty"`
	Hours hours   `json:"hours,omitzero"`
}

// trust is whether the sessions of devices tell of the news of a service.
type trust struct {
	Service Service       `json:"service"`
	Signed  int           `json:"signed,omitempty"` // news that came with a session, up to proofOfAll
	Since   time.Time     `json:"since,omitzero"`   // when news last came without one …
	Until   time.Time     `json:"until,omitzero"`   // … and how long sessions are not trusted because of that
	Doubt   time.Duration `json:"doubt,omitempty"`  // how long that was, in nanoseconds
}

// of is the entry of a service, which is made if it is missing.
func (l *learned) of(service Service) *trust {
	for i := range l.Trust {
		if l.Trust[i].Service == service {
			return &l.Trust[i]
		}
	}
	l.Trust = append(l.Trust, trust{Service: service})
	return &l.Trust[len(l.Trust)-1]
}

// trusts reports whether sessions have been seen to tell of the news of a service, or of
// so many others that it may be expected.
func (l *learned) trusts(service Service, now time.Time) bool {
	all, is := 0, trust{}
	for _, t := range l.Trust {
		all += t.Signed
		if t.Service == service {
			is = t
		}
	}
	return !is.doubted(now) && (is.Signed >= proof || all >= proofOfAll && is.Doubt == 0)
}

// doubts reports whether sessions are known not to tell of the news of a service.
func (l *learned) doubts(service Service, now time.Time) bool {
	return slices.ContainsFunc(l.Trust, func(t trust) bool { return t.Service == service && t.doubted(now) })
}

// doubted reports whether sessions are not trusted. After a clock was set back, a doubt
// does not last longer than it was meant to.
func (t *trust) doubted(now time.Time) bool {
	return now.Before(t.Until) && t.Until.Sub(now) <= t.Doubt
}

// signed notes news of a service that came with a session.
func (l *learned) signed(service Service) {
	is := l.of(service)
	is.Signed = min(is.Signed+1, proofOfAll)
}

// unsigned notes news that came without one, and reports whether that is new.
func (l *learned) unsigned(service Service, now time.Time) (news bool) {
	is := l.of(service)
	if is.doubted(now) {
		return false
	}
	is.Doubt = retry.Backoff{First: firstDoubt, Most: longestDoubt}.Next(is.Doubt)
	is.Signed, is.Since, is.Until = 0, now, now.Add(is.Doubt)
	return true
}

// restored is what can be used of what was saved.
func (l *learned) restored() learned {
	var is learned
	for _, t := range l.Trust {
		known := t.Service.Row().Name != "" && !slices.ContainsFunc(is.Trust, func(has trust) bool { return has.Service == t.Service })
		t.Since, t.Until = t.Since.UTC(), t.Until.UTC()
		if known && storable(t.Since, t.Until) && t.Signed >= 0 && t.Doubt >= 0 {
			t.Signed, t.Doubt = min(t.Signed, proofOfAll), min(t.Doubt, longestDoubt)
			is.Trust = append(is.Trust, t)
		}
	}
	l.Hours.From, l.Hours.Aged = l.Hours.From.UTC(), l.Hours.Aged.UTC()
	if l.Hours.sound() {
		is.Hours = l.Hours
	}
	return is
}

// storable reports whether moments can be written to a file.
func storable(moments ...time.Time) bool {
	return !slices.ContainsFunc(moments, func(t time.Time) bool { return t.Year() < 0 || t.Year() > 9999 })
}

// experience is a copy of what was learned of the profile.
func (s *State) experience() learned {
	s.mu.Lock()
	defer s.mu.Unlock()
	is := s.learned
	is.Trust = slices.Clone(is.Trust)
	return is
}

// learn changes what was learned of the profile.
func (s *State) learn(change func(*learned)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.learned)
}
