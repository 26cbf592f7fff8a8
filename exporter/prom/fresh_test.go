package prom

import (
	"testing"
	"time"

	"withings-exporter/exporter"
)

func TestTheSleepStateLeavesAScrapeAfterTwelveHoursWithoutAPoll(t *testing.T) {
	anna := anna(t)
	at := moment.Add(-3 * time.Hour)
	anna.State.Apply(exporter.Batch{Service: exporter.Night, Records: []exporter.Record{{
		Service: exporter.Night, ID: "1-mat", Start: at, End: at,
		Readings: []exporter.Reading{{Metric: exporter.ByName("sleep_minute_state"), Labels: "Aura Sensor V2", Value: decimal(t, "2")}},
	}}})
	s := newScene(anna)
	for _, c := range []struct {
		after time.Duration
		shown bool
	}{{0, true}, {9*time.Hour - time.Second, true}, {9 * time.Hour, false}, {10 * time.Hour, false}} {
		s.now = moment.Add(c.after)
		families := s.families(t)
		set := families["withings_sleep_state"]
		if (set != nil) != c.shown {
			t.Errorf("%s later the state is shown: %v, want %v", c.after, set != nil, c.shown)
		}
		if c.shown && len(set.GetMetric()) != 7 {
			t.Errorf("it has %d series, want one for each of seven states", len(set.GetMetric()))
		}
		if families["withings_sleep_minute_state"] == nil {
			t.Errorf("%s later the newest minute is gone, too", c.after)
		}
	}
}
