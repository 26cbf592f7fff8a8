package testserver

import (
	"math/big"
	"testing"

	"withings-exporter/exporter/internal/truth/tally"
)

func TestVictoriaHoldsTheTruthToTheLastDigit(t *testing.T) {
	t.Parallel()
	points := history(t)
	flat := each(points, Flat)
	want := tally.Sum(flat)
	s := Victoria(t)
	s.Write(points)
	expect(t, "written once", s.Sums("").Differences(want))
	s.Write(points)
	expect(t, "written twice", s.Sums("").Differences(want))
	s.Stop()
	s.Start()
	expect(t, "after an orderly stop, point by point", tally.Differences(s.Points(""), flat))
}

// TestVictoriaKeepsTheLargerOfTwoValues shows why a correction to a smaller value is
// not visible there; no test of the exporter may rely on it.
func TestVictoriaKeepsTheLargerOfTwoValues(t *testing.T) {
	t.Parallel()
	s := Victoria(t)
	p := tally.Point{Measurement: "withings_body", Field: "weight_grams", Tags: map[string]string{"profile": "Anna"}, Time: now}
	for _, c := range []struct{ written, shown int64 }{{70_000, 70_000}, {69_000, 70_000}, {71_000, 71_000}} {
		p.Value = big.NewRat(c.written, 1)
		s.Write([]tally.Point{p})
		want := Flat(p)
		want.Value = big.NewRat(c.shown, 1)
		expect(t, "after "+tally.Text(p.Value), tally.Differences(s.Points(""), []tally.Point{want}))
	}
}
