package withings

import (
	"testing"
	"time"

	"withings-exporter/exporter"
)

// TestAChangeInTheFutureBarsNoCorrection has a row claim that it was changed on a
// day that is yet to come, or say no longer when, before Withings corrects it.
func TestAChangeInTheFutureBarsNoCorrection(t *testing.T) {
	home := aHousehold()
	weight := func(grams float64) []any {
		return []any{map[string]any{"value": grams, "type": 1.0, "unit": -3.0}}
	}
	future, soon := float64(caseNow+3000*86400), float64(caseNow+3600)
	for _, c := range []struct {
		name    string
		service exporter.Service
		first   map[string]any // fields of the newest row, at first
		then    map[string]any // and when it has been corrected
		series  string
		want    float64
	}{
		{"a night", exporter.Sleep, map[string]any{"modified": future}, map[string]any{"modified": soon, "data": map[string]any{"sleep_score": 44.0}}, "withings_sleep_score", 44},
		{"a night, also created then", exporter.Sleep, map[string]any{"modified": future, "created": future}, map[string]any{"modified": soon, "data": map[string]any{"sleep_score": 44.0}}, "withings_sleep_score", 44},
		{"a weigh-in", exporter.Measure, map[string]any{"modified": future}, map[string]any{"modified": soon, "measures": weight(60000)}, "withings_weight_grams", 60000},
		{"a weigh-in that is corrected with the same", exporter.Measure, nil, map[string]any{"modified": future, "measures": weight(60000)}, "withings_weight_grams", 60000},
		{"a day", exporter.Activity, map[string]any{"modified": future}, map[string]any{"modified": soon, "steps": 321.0}, `withings_activity_steps{day="today"}`, 321},
		{"a day that no longer says when", exporter.Activity, nil, map[string]any{"modified": nil, "steps": 321.0}, `withings_activity_steps{day="today"}`, 321},
		{"a night that no longer says when", exporter.Sleep, nil, map[string]any{"modified": null, "data": map[string]any{"sleep_score": 44.0}}, "withings_sleep_score", 44},
		{"a workout", exporter.Workout, map[string]any{"modified": future}, map[string]any{"modified": soon, "data": map[string]any{"steps": 77.0}}, "withings_workout_steps", 77},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			newest := len(home[c.service]) - 1
			if c.service == exporter.Activity {
				newest = 0
			}
			with := func(fields map[string]any) rowsOf {
				rows := append(rowsOf{}, home[c.service]...)
				rows[newest] = edited(rows[newest], fields)
				return rows
			}
			h := newHouse(map[exporter.Service]rowsOf{c.service: with(c.first)})
			h.open(t)
			if _, shown := h.shown(t)[c.series]; !shown {
				t.Fatalf("%s is not shown: %v", c.series, h.shown(t))
			}
			h.list(c.service, with(c.then))
			h.pass(70 * time.Minute)
			h.shows(t, map[string]float64{c.series: c.want, "withings_up": 1})
			h.restart(t)
			h.shows(t, map[string]float64{c.series: c.want})
		})
	}
}

// TestANightIsOfTheDayOnWhichItEnded has an older night say that it is of
// another date than its own.
func TestANightIsOfTheDayOnWhichItEnded(t *testing.T) {
	for name, date := range map[string]any{
		"in 70 years":       "2096-11-26",
		"next month":        "2026-12-25",
		"in two days":       "2026-11-28",
		"not a date":        "tomorrow",
		"of no month":       "2026-13-01",
		"no text":           null,
		"a number":          20991231.0,
		"the end of time":   "9999-12-31",
		"with a time of it": "2099-01-01T00:00:00Z",
	} {
		inBubble(t, name, func(t *testing.T) {
			rows := nightsOf(6)
			rows[2] = edited(rows[2], map[string]any{"date": date})
			h := newHouse(nil)
			h.every(exporter.Sleep, bodyOf(exporter.Sleep, rows))
			h.open(t)
			h.shows(t, map[string]float64{"withings_sleep_score": 55, "withings_up": 1})
			if n := len(h.state.OfDate(exporter.Sleep, time.Unix(caseNow-3600-3*86400, 0).UTC().Format(time.DateOnly))); n != 1 {
				t.Errorf("%d nights are of the day on which it ended, want it alone", n)
			}
		})
	}
}
