package testserver

import (
	"math/big"
	"testing"

	"withings-exporter/exporter/truth/tally"
)

func TestInfluxHoldsTheTruthToTheLastDigit(t *testing.T) {
	points := household(t)
	want := tally.Sum(points)
	s := Influx(t)
	s.Write(points)
	expect(t, "written once", s.Sums().Differences(want))
	s.Write(points)
	expect(t, "written twice", s.Sums().Differences(want))
	s.Stop()
	s.Start()
	expect(t, "after an orderly stop", s.Sums().Differences(want))
	s.Kill()
	s.Start()
	expect(t, "after SIGKILL, point by point", tally.Differences(s.Points(), points))
}

func TestSumsOfInfluxTellAMissingPointAndAWrongDigit(t *testing.T) {
	points := household(t)[:500]
	want := tally.Sum(points)
	s := Influx(t)
	s.Write(points[1:])
	if got := s.Sums().Differences(want); len(got) != 1 {
		t.Errorf("without %v the differences are %q, want one", points[0], got)
	}
	wrong := points[0]
	wrong.Value = new(big.Rat).Add(wrong.Value, big.NewRat(1, 1000))
	s.Write([]tally.Point{wrong})
	if got := s.Sums().Differences(want); len(got) != 1 {
		t.Errorf("with %v a thousandth too high the differences are %q, want one", points[0], got)
	}
	s.Write(points[:1])
	expect(t, "mended", s.Sums().Differences(want))
}
