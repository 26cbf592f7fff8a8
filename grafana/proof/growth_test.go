package proof

import (
	"testing"
	"time"

	"withings-exporter/grafana/boards"
	"withings-exporter/grafana/queries"
)

// TestFirstErrorsAreShown has the first errors of a kind, with which their series begins: at the start of the
// exporter, later, and after a restart. What was counted while Prometheus was away is not said to be of one step.
func TestFirstErrorsAreShown(t *testing.T) {
	now := time.Date(2026, 8, 20, 10, 30, 0, 0, time.UTC)
	ago := func(hours, minutes int) time.Time {
		return now.Add(-time.Duration(hours)*time.Hour - time.Duration(minutes)*time.Minute)
	}
	s := store{}
	for _, run := range []struct {
		from, to time.Time
		counts   map[time.Time]float64 // since when it has this many errors
		away     [2]time.Time          // Prometheus, from and until
	}{
		{from: ago(20, 2), to: ago(12, 2), counts: map[time.Time]float64{ago(20, 2): 3, ago(14, 2): 5}, away: [2]time.Time{ago(15, 2), ago(13, 2)}},
		{from: ago(12, 1), to: now, counts: map[time.Time]float64{ago(6, 2): 1}},
	} {
		for at := run.from.Add(20 * time.Second); !at.After(run.to); at = at.Add(time.Minute) {
			if at.After(run.away[0]) && at.Before(run.away[1]) {
				continue
			}
			put := func(name string, value float64, more map[string]string) {
				s.put(at, gauge{name: name, labels: braces(join("Anna", more, map[string]string{"job": "withings", "instance": "here:10054"})), value: value})
			}
			put("withings_exporter_build_info", 1, nil)
			put("process_start_time_seconds", float64(run.from.Unix()), nil)
			count := 0.0
			for since, n := range run.counts {
				if !since.After(at) {
					count = max(count, n)
				}
			}
			if count > 0 {
				put("withings_api_requests_total", count, map[string]string{"service": "heart", "status": "timeout"})
			}
		}
	}
	pages, err := boards.Pages(boards.Prometheus, boards.Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if page.Slug != "exporter" {
			continue
		}
		panels, err := queries.Panels(page.Slug, page.JSON, queries.View{Person: "Anna", Now: now, Variables: map[string]string{"instance": "here:10054"}})
		if err != nil {
			t.Fatal(err)
		}
		prometheus := loaded(t, s)
		for _, p := range panels {
			if p.Title != "Errors by status" {
				continue
			}
			shown, err := show(prometheus, now, p)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]float64{}
			for _, one := range shown.lines["heart timeout"] {
				got[one.at.UTC().Format("15:04")] = one.value
			}
			if len(got) != 2 || got["14:30"] != 3 || got["04:30"] != 1 {
				t.Errorf("%v, want 3 at 14:30 and 1 at 04:30", got)
			}
		}
	}
}
