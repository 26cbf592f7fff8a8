package daemon

import (
	"testing"
	"time"

	"withings-exporter/exporter"
)

// TestThePageSaysWhenServicesAreAsked: in one line, whatever is known of the devices.
func TestThePageSaysWhenServicesAreAsked(t *testing.T) {
	now := time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	night := [48]bool{47: true, 0: true, 1: true, 2: true, 11: true}
	for _, c := range []struct {
		name string
		is   exporter.Condition
		want string
	}{
		{"before the first poll", exporter.Condition{}, ""},
		{"not authorised", exporter.Condition{Polled: now, Denied: "no token"}, ""},
		{"no device tells", exporter.Condition{Polled: now}, "all at every poll, since no device tells when it synchronised"},
		{"as it should be", exporter.Condition{Polled: now, Sign: exporter.SignStatus{Known: true}}, "when a device has synchronised"},
		{"one without a session", exporter.Condition{Polled: now, Sign: exporter.SignStatus{Known: true, Unheeded: []exporter.Service{exporter.Sleep}, Since: now.Add(-72 * time.Hour)}},
			"when a device has synchronised; sleep at every poll, since data arrive without that (noticed 3 days ago)"},
		{"a new account", exporter.Condition{Polled: now, Sign: exporter.SignStatus{Known: true, Unproven: []exporter.Service{exporter.Measure, exporter.Sleep}}},
			"when a device has synchronised; measure, sleep often, until it is known that this is enough"},
		{"with habits", exporter.Condition{Polled: now, Sign: exporter.SignStatus{Known: true, Quiet: night}},
			"when a device has synchronised; data arrive mostly at 1:30–5:30, 6:00–23:30"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := asking(c.is, now); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
