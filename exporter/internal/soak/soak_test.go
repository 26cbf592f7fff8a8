package soak

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

func TestMain(m *testing.M) { os.Exit(testrun.InMemory(m).Run()) }

// sometimes is a client that asks for nights every two hours only, and leaves out workouts.
type sometimes struct {
	exporter.Fetcher
	asked time.Time
}

func (s *sometimes) Fetch(ctx context.Context, service exporter.Service, p exporter.Progress, apply func(exporter.Batch)) (exporter.Fetched, error) {
	switch service {
	case exporter.Sleep:
		if time.Since(s.asked) < 2*time.Hour {
			return exporter.Fetched{Updated: p.Updated}, nil
		}
		s.asked = time.Now()
	case exporter.Workout:
		apply = func(exporter.Batch) {}
	}
	return s.Fetcher.Fetch(ctx, service, p, apply)
}

func TestABadClientIsFound(t *testing.T) {
	testrun.Unraced(t, "it tests the tests")
	r := Run(t, Plan{People: 1, Days: 4, Switches: Real(), Bend: func(f exporter.Fetcher) exporter.Fetcher { return &sometimes{Fetcher: f} }})
	if sleep := r.Fresh["sleep"]; sleep == nil || sleep.Readings < 4 || sleep.Worst < 30*time.Minute || sleep.Within(15*time.Minute) > 0.9 {
		t.Errorf("nights that are read every two hours: %v", sleep)
	}
	lost := 0
	for _, line := range r.Lost {
		if strings.HasPrefix(line, "Anna: workout ") {
			lost++
		}
	}
	if lost == 0 || r.Fresh["workout"] != nil || lost != len(r.Lost) {
		t.Errorf("workouts that are not shown: %v of %d; lost: %v", r.Fresh["workout"], lost, r.Lost)
	}
	if measure := r.Fresh["measure"]; measure == nil || measure.Readings < 8 {
		t.Errorf("measurements, with which nothing is wrong: %v", measure)
	}
	if t.Failed() {
		t.Log(r)
	}
}

// wrongly is a client that reads half a kilogram more.
type wrongly struct{ exporter.Fetcher }

func (w wrongly) Fetch(ctx context.Context, service exporter.Service, p exporter.Progress, apply func(exporter.Batch)) (exporter.Fetched, error) {
	return w.Fetcher.Fetch(ctx, service, p, func(b exporter.Batch) {
		for _, r := range b.Records {
			for i := range r.Readings {
				if r.Readings[i].Metric.Name == "weight_grams" {
					r.Readings[i].Value = exporter.Integer(70_500)
				}
			}
		}
		apply(b)
	})
}

func TestAWrongValueIsFound(t *testing.T) {
	testrun.Unraced(t, "it tests the tests")
	r := Run(t, Plan{People: 2, Days: 2, Switches: Real(), Bend: func(f exporter.Fetcher) exporter.Fetcher { return wrongly{f} }})
	if len(r.Wrong) == 0 || !strings.Contains(r.Wrong[0], "withings_weight_grams{} of 2026-06-0") {
		t.Errorf("weights that are wrong: %v", r.Wrong)
	}
	if len(r.Lost) > 0 {
		t.Error(r)
	}
}

// greedy is a client that asks everything thirty times.
type greedy struct{ exporter.Fetcher }

func (g greedy) Fetch(ctx context.Context, service exporter.Service, p exporter.Progress, apply func(exporter.Batch)) (exporter.Fetched, error) {
	for range 29 {
		if _, err := g.Fetcher.Fetch(ctx, service, p, apply); err != nil {
			return exporter.Fetched{}, err
		}
	}
	return g.Fetcher.Fetch(ctx, service, p, apply)
}

func TestAClientThatAsksTooMuchIsRefused(t *testing.T) {
	testrun.Unraced(t, "it tests the tests")
	for _, window := range []simulator.Window{simulator.FixedWindow, simulator.SlidingWindow} {
		r := Run(t, Plan{People: 1, Days: 1, Limit: 1000, Interval: 6 * time.Hour, Latency: time.Millisecond,
			Switches: simulator.Switches{Limiter: simulator.Limiter{Window: window}},
			Bend:     func(f exporter.Fetcher) exporter.Fetcher { return greedy{f} }})
		if r.Limited == 0 || r.PerDay() < 500 {
			t.Errorf("window %d: %d requests refused of %.1f a day\n%v", window, r.Limited, r.PerDay(), r)
		}
	}
}

func TestAPlanHasTheSameReadingsEachTime(t *testing.T) {
	testrun.Unraced(t, "it tests the tests")
	first := Run(t, Plan{People: 2, Days: 1})
	again := Run(t, Plan{People: 2, Days: 1})
	if a, b := first.Sent(), again.Sent(); a.Readings != b.Readings || a.Readings < 100 {
		t.Errorf("%d readings, and %d in a second run", a.Readings, b.Readings)
	}
	if len(first.Lost) > 0 || len(first.Wrong) > 0 || first.Early > 0 || first.Limited > 0 {
		t.Errorf("%v", first)
	}
}
