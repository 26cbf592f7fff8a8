package testserver

import (
	"testing"
	"time"

	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/truth"
	"withings-exporter/exporter/truth/tally"
)

// now is an ordinary Wednesday evening; there is a year of history.
var now = time.Date(2026, time.July, 15, 18, 30, 0, 0, time.UTC)

// household is everything that is true of three people.
func household(t testing.TB) []tally.Point {
	t.Helper()
	sim := simulator.New(simulator.Options{Years: 1, Start: now, Now: func() time.Time { return now }})
	var all []tally.Point
	for _, p := range sim.People() {
		all = append(all, truth.Points(sim, p, time.Time{}, time.Time{})...)
	}
	return all
}

// each changes copies of points.
func each(points []tally.Point, change func(tally.Point) tally.Point) []tally.Point {
	changed := make([]tally.Point, len(points))
	for i, p := range points {
		changed[i] = change(p)
	}
	return changed
}

// expect reports lines that say what is wrong, up to a number that can be read.
func expect(t *testing.T, what string, differences []string) {
	t.Helper()
	const readable = 10
	for _, line := range differences[:min(readable, len(differences))] {
		t.Errorf("%s: %s", what, line)
	}
	if more := len(differences) - readable; more > 0 {
		t.Errorf("%s: and %d more", what, more)
	}
}
