package exporter

import (
	"errors"
	"maps"
	"sync"
	"time"
)

// Status says what the last poll of a profile read and what is wrong. It is safe
// for concurrent use.
type Status struct {
	saving sync.Mutex // held while the state is saved

	mu      sync.Mutex // guards what follows
	version uint64
	now     Condition
}

// Condition is a Status at one moment.
type Condition struct {
	Polled   time.Time // end of the last poll; zero before the first
	NextPoll time.Time // zero while a poll is under way, and before the first is planned
	Up       bool      // every service that is asked was read in full when it was last asked
	// Unreachable says that Withings does not answer: it is tried every minute, for all profiles together, and as soon as
	// it answers, the next poll begins. Returned says that it has answered somebody since, and that this poll has not ended yet.
	Unreachable, Returned bool
	Longer                bool                // the next poll comes later than usual, since no service could be read
	Denied                string              // why the profile is not asked until somebody helps, most often by signing in; "" if it is
	Blocked               bool                // a sign-in does not help: a file of the profile cannot be used
	Problems              map[Service]Problem // of the services that could not be read when they were last asked
	Asked                 []Service           // the services that are asked; nil until that is known
	Told                  []Service           // the services that notifications tell of
	Barred                []Service           // services that are wanted but that the person has not allowed
	Rare                  []Service           // services that are asked once a day, since no device of the account can have data of them
	Sign                  SignStatus          // whether the sessions of devices decide when services are asked
	Notified              Notified            // whether notifications take the place of polls …
	// Unsubscribed is why Withings cannot send notifications; "" if it can, or need not.
	Unsubscribed string
	Unsaved      string      // why the state could not be written; "" if it could
	Sink         *SinkStatus // nil without a sink, or before it was tried
}

// Notified says whether notifications take the place of frequent polls.
type Notified struct {
	Configured bool // there is an address for notifications
	Active     bool // they take the place of frequent polls
	Missing    bool // they have been found missing, and none has arrived since
}

// SinkStatus is how far a sink is behind the gauges, at the end of a poll.
type SinkStatus struct {
	Safe    time.Time // when everything the gauges had was acknowledged; zero if it never was
	Behind  time.Time // since when something that the gauges have is not acknowledged; zero if everything is
	Problem Problem   // why the sink accepts no readings; no text if it does …
	OfAll   bool      // … and no other does either: the database is tried every minute, for all profiles together
}

// Lag is how long a sink has been behind; 0 if it is not.
func (s *SinkStatus) Lag(now time.Time) time.Duration {
	if s.Behind.IsZero() {
		return 0
	}
	return max(now.Sub(s.Behind), 0)
}

// lacks reports whether a sink lacks something, or refuses it.
func (s *SinkStatus) lacks() bool { return s != nil && (s.Problem.Text != "" || !s.Behind.IsZero()) }

// Known reports whether a poll has ended or failed.
func (c Condition) Known() bool {
	return !c.Polled.IsZero() || c.Denied != "" || len(c.Problems) > 0
}

// Problem is why a service could not be read, and since when.
type Problem struct {
	Text  string
	Since time.Time
	Away  bool // Withings itself has not answered, see ErrUnreachable
}

// Condition returns the present state of the profile.
func (s *Status) Condition() Condition {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.now
	c.Problems = maps.Clone(s.now.Problems)
	return c
}

// Version changes with every change of the condition.
func (s *Status) Version() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// sinkIs notes the state of the sink and returns the one before.
func (s *Status) sinkIs(is SinkStatus) (was SinkStatus) {
	s.change(func(c *Condition) {
		if c.Sink != nil {
			was = *c.Sink
		}
		if is.Problem.Text != "" && was.Problem.Text != "" {
			is.Problem.Since = was.Problem.Since
		}
		if !is.Behind.IsZero() && !was.Behind.IsZero() { // all the time
			is.Behind = was.Behind
		}
		c.Sink = &is
	})
	return was
}

func (s *Status) change(f func(*Condition)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.now)
	s.version++
}

// served notes the outcome of one service and reports whether a problem is new or
// gone.
func (s *Status) served(service Service, err error, now time.Time) (news bool) {
	before, failed := s.Condition().Problems[service]
	switch {
	case err == nil && !failed:
		return false
	case err == nil:
		s.change(func(c *Condition) { delete(c.Problems, service) })
		return true
	case failed:
		now = before.Since
	}
	// It shows at once: a poll may wait for answers for minutes.
	s.change(func(c *Condition) {
		if c.Problems == nil { // most never have any
			c.Problems = map[Service]Problem{}
		}
		c.Problems[service], c.Up = Problem{err.Error(), now, errors.Is(err, ErrUnreachable)}, false
	})
	return !failed
}
