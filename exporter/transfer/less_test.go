package transfer

import (
	"slices"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/backfill"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/openmetrics"
)

// TestWhatSomebodyNoLongerAllowsWouldBeLost has a file with nights of two people, of whom one has signed in anew without them.
func TestWhatSomebodyNoLongerAllowsWouldBeLost(t *testing.T) {
	at := time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	r := run{
		span: exporter.Span{From: time.Unix(1, 0), To: at.Add(time.Hour)}, settings: command.Settings{Timezone: time.UTC},
		profiles: []*backfill.Profile{{Name: "Anna", Asked: []exporter.Service{exporter.Measure}}, {Name: "Ben"}},
	}
	var held []openmetrics.Held
	for _, name := range []string{"Anna", "Ben"} {
		for _, service := range []exporter.Service{"", exporter.Measure, exporter.Sleep, exporter.Workout} { // the first is of metrics that are gone
			held = append(held, openmetrics.Held{Profile: name, Service: service, First: at, Last: at})
		}
	}
	is := r.less(held)
	if want := []string{"sleep and workout of Anna"}; !slices.Equal(is.what, want) {
		t.Errorf("it would lose %q, want %q", is.what, want)
	}
	if want := []string{"have Anna allow sleep and workout (run: withings-exporter auth Anna)"}; !slices.Equal(is.ways, want) {
		t.Errorf("the ways are %q, want %q", is.ways, want)
	}
	r.settings.Services = []string{"measure"}
	r.profiles[1].Asked = r.profiles[0].Asked
	is = r.less(held)
	if want := []string{"sleep and workout"}; !slices.Equal(is.what, want) {
		t.Errorf("of both it would lose %q, want %q", is.what, want)
	}
	if want := []string{"give --services=measure,sleep,workout"}; !slices.Equal(is.ways, want) {
		t.Errorf("the ways are then %q, want %q", is.ways, want)
	}
}
