package exporter

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// writers are people with sinks of one database.
func writers(n int) (people []*Profile, clouds []*lateCloud, sinks []*memorySink) {
	for range n {
		cloud, sink := newLateCloud("past"), newMemorySink()
		people = append(people, &Profile{Fetch: &cloud.fakeCloud, Sink: sink})
		clouds, sinks = append(clouds, cloud), append(sinks, sink)
	}
	return people, clouds, sinks
}

// TestADatabaseIsTriedOnceAMinuteForAllAndThenWritesAtOnce has polls half an hour apart.
func TestADatabaseIsTriedOnceAMinuteForAllAndThenWritesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		people, clouds, sinks := writers(3)
		startEvery(t, 30*time.Minute, people...)
		pass(5 * time.Minute)
		for i := range sinks {
			sinks[i].down.set(true)
			clouds[i].add("1")
		}
		pass(31 * time.Minute)
		tried := func() (n int64) {
			for _, sink := range sinks {
				n += sink.tried.Swap(0)
			}
			return n
		}
		tried()
		pass(10 * time.Minute)
		if n := tried(); n < 9 || n > 11 {
			t.Errorf("it was tried %d times in ten minutes, want once a minute for all", n)
		}
		for i, sink := range sinks {
			if is := people[i].Status.Condition().Sink; !is.OfAll || is.Problem.Text == "" {
				t.Errorf("while it is away profile %d has %+v", i, is)
			}
			sink.down.set(false)
		}
		pass(70 * time.Second)
		for i, sink := range sinks {
			if is := people[i].Status.Condition().Sink; is.lacks() || is.OfAll || sink.times("measure 1") == 0 {
				t.Errorf("a minute later profile %d has %+v", i, is)
			}
		}
	})
}

// watchedSink is one of a database that is asked between polls.
type watchedSink struct{ *memorySink }

func (s watchedSink) Watch(context.Context) error { return s.refusal() }

// TestADatabaseThatGoesBetweenPollsIsNoticed has polls half an hour apart, and nothing to write.
func TestADatabaseThatGoesBetweenPollsIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		people, clouds, sinks := writers(2)
		for i := range people {
			people[i].Sink = watchedSink{sinks[i]}
		}
		r := startEvery(t, 30*time.Minute, people...)
		pass(5 * time.Minute)
		for i := range sinks {
			sinks[i].down.set(true)
			clouds[i].taken()
		}
		pass(10 * time.Second)
		for i := range sinks {
			if is := people[i].Status.Condition().Sink; !is.OfAll || is.Problem.Text == "" || is.Problem.Since.IsZero() {
				t.Errorf("seconds later profile %d has %+v", i, is)
			}
			sinks[i].down.set(false)
		}
		pass(70 * time.Second)
		for i := range sinks {
			if is := people[i].Status.Condition().Sink; is.lacks() || is.OfAll {
				t.Errorf("once it is back profile %d has %+v", i, is)
			}
		}
		if lines := r.lines(); strings.Count(lines, unwritten) != 1 || strings.Count(lines, writtenAgain) != 1 {
			t.Errorf("the log does not tell the beginning and the end once each:\n%s", lines)
		}
	})
}

// TestAnAcknowledgedWriteEndsAnOutageForAll has one of them wait for Withings meanwhile.
func TestAnAcknowledgedWriteEndsAnOutageForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		people, clouds, sinks := writers(2)
		var slow shared[bool]
		quick := clouds[1].fetch
		clouds[1].fetch = func(ctx context.Context, service Service, p Progress, apply func(Batch)) (Fetched, error) {
			if slow.get() {
				_ = Pause(ctx, time.Hour)
			}
			return quick(ctx, service, p, apply)
		}
		r := start(t, people...)
		pass(time.Minute)
		for i := range sinks {
			sinks[i].down.set(true)
			clouds[i].add("1")
		}
		pass(6 * time.Minute)
		slow.set(true)
		pass(6 * time.Minute)
		if is := people[1].Status.Condition(); !is.NextPoll.IsZero() || is.Sink.Problem.Text == "" {
			t.Fatalf("whoever waits for Withings is %+v", is)
		}
		for i := range sinks {
			sinks[i].down.set(false)
		}
		pass(70 * time.Second)
		if is := people[1].Status.Condition().Sink; is.Problem.Text != "" || is.Behind.IsZero() {
			t.Errorf("once the other's readings are written its sink is %+v", is)
		}
		if n := strings.Count(r.lines(), "written to the database again\" profiles=2 after="); n != 1 {
			t.Errorf("it is told %d times that the database works", n)
		}
		slow.set(false)
		pass(2 * time.Hour)
		if is := people[1].Status.Condition().Sink; is.lacks() || sinks[1].times("measure 1") == 0 {
			t.Errorf("in the end its sink is %+v", is)
		}
	})
}

// TestWhoseReadingsAloneAreNotTakenWaitsLongerAllTheSame has others whose readings are.
func TestWhoseReadingsAloneAreNotTakenWaitsLongerAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		people, clouds, sinks := writers(3)
		start(t, people...)
		pass(time.Minute)
		sinks[0].full.set(true)
		clouds[0].add("1")
		pass(time.Hour)
		clouds[0].taken()
		pass(4 * time.Hour)
		if n := len(only(clouds[0].taken(), "fetch measure")); n > 110 { // in a poll for the gauges, and for the sink
			t.Errorf("Withings was asked %d times in four hours, want no more than twice each five minutes and a few", n)
		}
	})
}

// TestADatabaseThatTakesNoBatchIsToldOfOnce takes the line that tries it, and fails all that is to be kept.
func TestADatabaseThatTakesNoBatchIsToldOfOnce(t *testing.T) {
	for name, failing := range map[string][]bool{"everybody's": {true, true, true}, "one person's": {false, true, false}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				people, clouds, sinks := writers(3)
				r := start(t, people...)
				pass(6 * time.Minute)
				count := 0
				for i, fails := range failing {
					sinks[i].full.set(fails)
					if clouds[i].add("1"); fails {
						count++
					}
				}
				pass(10 * time.Minute)
				for range 4 * 60 {
					for i, fails := range failing {
						if is := people[i].Status.Condition().Sink; fails != (is.OfAll && is.Problem.Text != "") {
							t.Fatalf("of profile %d, which fails: %t, is said %+v", i, fails, is)
						}
					}
					pass(time.Minute)
				}
				if got := r.lines(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "cannot be written to the database") {
					t.Errorf("while it fails is logged\n%s", got)
				}
				for i := range sinks {
					sinks[i].full.set(false)
				}
				pass(61 * time.Minute)
				if got := r.lines(); strings.Count(got, "\n") != 1 || !strings.Contains(got, fmt.Sprintf(`written to the database again" profiles=%d after=`, count)) {
					t.Errorf("in the end is logged\n%s", got)
				}
				for i := range sinks {
					if is := people[i].Status.Condition().Sink; is.lacks() || sinks[i].times("measure 1") == 0 {
						t.Errorf("in the end profile %d has %+v", i, is)
					}
				}
			})
		})
	}
}

// TestWhoMustBeAuthorisedHidesNoOutageFromTheLog has one whose batch is not taken lose the token.
func TestWhoMustBeAuthorisedHidesNoOutageFromTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		people, clouds, sinks := writers(2)
		var ready shared[error]
		people[0].Ready = func(context.Context) error { return ready.get() }
		r := start(t, people...)
		pass(6 * time.Minute)
		sinks[0].full.set(true)
		clouds[0].add("1")
		pass(10 * time.Minute)
		ready.set(ErrNotAuthorized)
		pass(10 * time.Minute)
		if is := people[0].Status.Condition().Sink; is.Problem.Text != "" {
			t.Errorf("of whom nothing is read is said %+v", is)
		}
		r.lines()
		sinks[1].down.set(true)
		pass(10 * time.Minute)
		if got := r.lines(); strings.Count(got, "cannot be written to the database") != 1 {
			t.Errorf("of the outage is logged\n%s", got)
		}
		sinks[1].down.set(false)
		pass(10 * time.Minute)
		if got := r.lines(); strings.Count(got, `written to the database again" profiles=1 `) != 1 {
			t.Errorf("of its end is logged\n%s", got)
		}
	})
}
