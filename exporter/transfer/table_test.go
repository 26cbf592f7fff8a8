package transfer

import (
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/backfill"
)

// TestEachGroupThatIsImportedHasARow also if a serve that is running has written it since the import began.
func TestEachGroupThatIsImportedHasARow(t *testing.T) {
	var out strings.Builder
	into := &intoInflux{out: &out, place: `bucket "health" of InfluxDB at db:8086`, before: map[exporter.Group]before{
		exporter.GroupBody:     {lacked: true}, // which serve has written since
		exporter.GroupHeart:    {had: true},
		exporter.GroupActivity: {lacked: true},
		exporter.GroupSleep:    {lacked: true}, // of which Withings has nothing
		// workouts are not read
	}}
	summary := backfill.NewSummary()
	summary.Lacked[exporter.Activity], summary.Lacked[exporter.Sleep] = true, true
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var steps *exporter.Metric
	for _, m := range exporter.Catalog() {
		if m.Group == exporter.GroupActivity && m.Service == exporter.Activity {
			steps = m
		}
	}
	summary.Add(exporter.Batch{Service: exporter.Activity, Records: []exporter.Record{{ID: "1", Start: day, End: day, Readings: []exporter.Reading{{Metric: steps}}}}})
	if err := into.Finish(t.Context(), summary, exporter.Span{}, &out); err != nil {
		t.Fatal(err)
	}
	const want = `imported 1 record into bucket "health" of InfluxDB at db:8086,
by what was measured:
group        readings  from … to
body                -  nothing was missing
heart               -  nothing was missing
activity            1  2026-11-01 … 2026-11-01
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", &out, want)
	}
}
