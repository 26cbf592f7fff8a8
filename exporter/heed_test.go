package exporter

import (
	"math/rand/v2"
	"testing"
	"time"
)

// longestWait is how long a service may go unasked by its promise.
func longestWait(s *schedule, service Service) time.Duration {
	quarter := max(15*time.Minute, s.interval)
	switch how := s.heed[service]; {
	case service == Device, how == unheeded, how == unproven:
		return quarter
	case how == dormant:
		return max(3*time.Hour, s.interval)
	}
	return max(service.Row().Net, s.interval) + time.Minute
}

// TestNoServiceWaitsLongerThanItsPromise plays days of a schedule with any habits, sessions
// that have services asked at any time, and any trust.
func TestNoServiceWaitsLongerThanItsPromise(t *testing.T) {
	services := []Service{Measure, Activity, Sleep, Device, Goal, Objective, Workout, Heart, Stetho}
	for seed := range uint64(60) {
		dice := rand.New(rand.NewPCG(seed, 7))
		var quiet [48]bool
		for i := range quiet {
			quiet[i] = dice.IntN(2) == 0
		}
		s := schedule{interval: []time.Duration{time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, 2 * time.Hour}[seed%5], signed: true,
			heed: map[Service]heed{}, asked: map[Service]time.Time{}, polled: map[Service]time.Time{},
			quiet: func(at time.Time) bool { return quiet[halfHour(at)] }}
		for _, service := range services {
			s.heed[service] = []heed{unheeded, unproven, heeded, dormant}[dice.IntN(4)]
			if len(service.Row().senders()) == 0 {
				s.heed[service] = heeded
			}
			s.asked[service], s.polled[service] = noon, noon
		}
		for now := noon; now.Before(noon.Add(72 * time.Hour)); {
			now = now.Add(max(sooner(s.next(services, now)), time.Second))
			for _, service := range services {
				if wait := now.Sub(s.asked[service]); wait > longestWait(&s, service) {
					t.Fatalf("seed %d: %s (%d) was not asked for %s with --poll-interval=%s", seed, service, s.heed[service], wait, s.interval)
				}
			}
			for _, service := range s.due(services, now) {
				s.asked[service], s.polled[service] = now, now
			}
			if dice.IntN(20) == 0 {
				s.asked[services[dice.IntN(len(services))]] = now // because of a session
			}
		}
	}
}

// TestBusyHoursAreAskedAtEveryPoll: never later than --poll-interval says, spread or not.
func TestBusyHoursAreAskedAtEveryPoll(t *testing.T) {
	for range 1000 {
		if wait := sooner(5 * time.Minute); wait >= 5*time.Minute || wait < 4*time.Minute+50*time.Second {
			t.Fatalf("five minutes become %s", wait)
		}
	}
}

// TestHabitsAreLearnedAndForgotten: hours at which hardly anything arrives are quiet once
// enough is known, and busy again soon after something does arrive.
func TestHabitsAreLearnedAndForgotten(t *testing.T) {
	var h hours
	day := func(n int) time.Time { return noon.AddDate(0, 0, n).Truncate(24 * time.Hour) }
	busy := func(n int) { // from 7 to 23, every 25 minutes
		for at := day(n).Add(7 * time.Hour); at.Before(day(n).Add(23 * time.Hour)); at = at.Add(25 * time.Minute) {
			h.add(at)
		}
	}
	for n := range 4 {
		busy(n)
		if h.quiet(day(n).Add(23*time.Hour)) != [48]bool{} {
			t.Fatalf("after %d days some hours are quiet: %v", n+1, h.quiet(day(n)))
		}
	}
	for n := 4; n < 12; n++ {
		busy(n)
	}
	quiet := h.quiet(day(12))
	for half, is := range quiet {
		if want := half < 12; is != want { // what is beside a busy one is not
			t.Errorf("at %d:%02d it is quiet: %v", half/2, half%2*30, is)
		}
	}
	for n := 12; n < 15; n++ {
		busy(n)
		h.add(day(n).Add(3*time.Hour + 10*time.Minute))
	}
	if h.quiet(day(15))[6] {
		t.Error("three sessions at night, and it is still quiet then")
	}
	for n := 15; n < 150; n++ {
		busy(n)
	}
	if !h.quiet(day(150))[6] {
		t.Error("a habit of months ago is not forgotten")
	}
	var rarely hours // once a day: what nobody knows is not quiet
	for n := range 10 {
		rarely.add(day(n).Add(7 * time.Hour))
	}
	if rarely.quiet(day(10)) != [48]bool{} {
		t.Error("ten weigh-ins say when nothing arrives")
	}
	h.add(day(1)) // the clock was set back
	h.add(day(90000))
}
