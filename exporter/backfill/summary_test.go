package backfill

import (
	"testing"
	"time"

	"withings-exporter/exporter"
)

// TestTheSummaryCountsWhatWithingsSendsAsOne has a weigh-in with a pulse, which is of two groups, and a nap with what was added up of it.
func TestTheSummaryCountsWhatWithingsSendsAsOne(t *testing.T) {
	reading := func(name string) exporter.Reading { return exporter.Reading{Metric: exporter.ByName(name)} }
	at := time.Unix(1_780_000_000, 0)
	s := NewSummary()
	s.Add(exporter.Batch{Service: exporter.Measure, Records: []exporter.Record{
		{Service: exporter.Measure, Start: at, Readings: []exporter.Reading{reading("weight_grams"), reading("heart_pulse_beats_per_minute")}},
		{Service: exporter.Measure, Start: at}, // one that was deleted
	}})
	nap := exporter.Record{Service: exporter.Sleep, Start: at.Add(time.Hour), Readings: []exporter.Reading{reading("sleep_deep_seconds")}}
	sum := exporter.Record{Service: exporter.Sleep, Start: at.Add(time.Hour), Readings: []exporter.Reading{reading("sleep_naps"), reading("sleep_naps_seconds")}}
	s.Add(exporter.Batch{Service: exporter.Sleep, Records: []exporter.Record{nap, sum}})
	if n := s.Records(); n != 2 {
		t.Errorf("it counts %d records, want a weigh-in and a nap", n)
	}
	for group, want := range map[exporter.Group]Part{
		exporter.GroupBody: {1, at, at}, exporter.GroupHeart: {1, at, at}, exporter.GroupSleep: {3, at.Add(time.Hour), at.Add(time.Hour)},
	} {
		if got := s.Of(group); got != want {
			t.Errorf("%s is %+v, want %+v", group, got, want)
		}
	}
}
