package profiles

import (
	"slices"
	"testing"

	"withings-exporter/auth"
	"withings-exporter/exporter"
)

func TestWhatIsAskedIsWhatWasChosenAndAllowed(t *testing.T) {
	all := exporter.Asked()
	measures, presence := []exporter.Service{exporter.Measure, exporter.Objective}, []exporter.Service{exporter.Presence}
	need := func(scope string) (those []exporter.Service) {
		for _, service := range all {
			if service.Row().Scope == scope {
				those = append(those, service)
			}
		}
		return those
	}
	but := func(some ...exporter.Service) []exporter.Service {
		return slices.DeleteFunc(exporter.Asked(), func(s exporter.Service) bool { return slices.Contains(some, s) })
	}
	for _, c := range []struct {
		name     string
		wanted   []exporter.Service
		granted  []string
		notified bool
		want     exporter.Choice
	}{
		{name: "everything", granted: auth.Scopes, want: exporter.Choice{Asked: all, Sure: true}},
		{name: "everything, and notifications tell the rest", granted: auth.Scopes, notified: true, want: exporter.Choice{Asked: all, Told: presence, Sure: true}},
		{name: "bed events are not allowed", granted: []string{"user.info", "user.metrics", "user.activity"}, notified: true,
			want: exporter.Choice{Asked: all, Barred: presence, Sure: true}},
		{name: "scopes are not known", want: exporter.Choice{Asked: all}},
		{name: "scopes are not known, with notifications", notified: true, want: exporter.Choice{Asked: all, Told: presence}},
		{name: "scopes of another world", granted: []string{"user.everything"}, want: exporter.Choice{Asked: all}},
		{name: "bed events alone do not tell", granted: []string{"user.sleepevents"}, want: exporter.Choice{Asked: all}},
		{name: "bed events alone, with notifications", granted: []string{"user.sleepevents"}, notified: true, want: exporter.Choice{Told: presence, Barred: all, Sure: true}},
		{name: "measures", granted: []string{"user.metrics"}, want: exporter.Choice{Asked: need("user.metrics"), Sure: true, Barred: but(need("user.metrics")...)}},
		{name: "without devices", granted: []string{"user.activity", "user.metrics"}, want: exporter.Choice{Sure: true,
			Asked: but(exporter.Device, exporter.Goal), Barred: []exporter.Service{exporter.Device, exporter.Goal}}},
		{name: "some of what is allowed", wanted: measures, granted: auth.Scopes, notified: true, want: exporter.Choice{Asked: measures, Sure: true}},
		{name: "some, and scopes are not known", wanted: measures, want: exporter.Choice{Asked: measures}},
		{name: "nothing of what is allowed", wanted: measures, granted: []string{"user.info"}, want: exporter.Choice{Barred: measures, Sure: true}},
		{name: "only bed events", wanted: presence, granted: auth.Scopes, notified: true, want: exporter.Choice{Told: presence, Sure: true}},
		{name: "only bed events, without notifications", wanted: presence, granted: auth.Scopes, want: exporter.Choice{Sure: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := choose(c.wanted, c.granted, c.notified)
			if !slices.Equal(got.Asked, c.want.Asked) || !slices.Equal(got.Told, c.want.Told) || !slices.Equal(got.Barred, c.want.Barred) || got.Sure != c.want.Sure {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if named := len(got.Named) > 0; named != (len(c.wanted) > 0 && len(got.Asked) > 0) {
				t.Errorf("chosen by name are %v", got.Named)
			}
		})
	}
}
