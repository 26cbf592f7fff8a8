package profiles

import (
	"slices"
	"testing"

	"withings-exporter/auth"
	"withings-exporter/exporter"
)

func TestWhatIsAskedIsWhatWasChosenAndAllowed(t *testing.T) {
	all := exporter.Services()
	measures := []exporter.Service{exporter.Measure, exporter.Objective, exporter.Heart, exporter.Stetho}
	for _, c := range []struct {
		name    string
		wanted  []exporter.Service
		granted []string
		want    exporter.Choice
	}{
		{"everything", nil, auth.Scopes, exporter.Choice{Asked: all, Sure: true}},
		{"scopes are not known", nil, nil, exporter.Choice{Asked: all}},
		{"scopes of another world", nil, []string{"user.everything"}, exporter.Choice{Asked: all}},
		{"bed events alone do not tell", nil, []string{"user.sleepevents"}, exporter.Choice{Asked: all}},
		{"measures", nil, []string{"user.metrics"}, exporter.Choice{Asked: measures, Sure: true,
			Barred: []exporter.Service{exporter.Activity, exporter.Sleep, exporter.Device, exporter.Goal, exporter.Workout}}},
		{"without devices", nil, []string{"user.activity", "user.metrics"}, exporter.Choice{Sure: true,
			Asked:  []exporter.Service{exporter.Measure, exporter.Activity, exporter.Sleep, exporter.Objective, exporter.Workout, exporter.Heart, exporter.Stetho},
			Barred: []exporter.Service{exporter.Device, exporter.Goal}}},
		{"some of what is allowed", measures, auth.Scopes, exporter.Choice{Asked: measures, Sure: true}},
		{"some, and scopes are not known", measures, nil, exporter.Choice{Asked: measures}},
		{"nothing of what is allowed", measures, []string{"user.info"}, exporter.Choice{Barred: measures, Sure: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := choose(c.wanted, c.granted)
			if !slices.Equal(got.Asked, c.want.Asked) || !slices.Equal(got.Barred, c.want.Barred) || got.Sure != c.want.Sure {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}
