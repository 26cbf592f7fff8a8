package daemon

import (
	"testing"
	"time"

	"withings-exporter/exporter"
)

// told is what the page says of whoever has a device that synchronises.
const told = "A poll asks whether a device has synchronised, and then for what that device may have sent."

// TestThePageSaysWhenServicesAreAsked whatever is known of the devices.
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
		{"the devices could not be read", exporter.Condition{Polled: now, Asked: exporter.Asked()}, ""},
		{"the first reading is under way", exporter.Condition{Polled: now, Asked: []exporter.Service{exporter.Measure}}, ""},
		{"no device tells", exporter.Condition{Polled: now}, "Every poll asks for everything, since Withings does not tell when a device of this person has synchronised."},
		{"the devices cannot be read for now", exporter.Condition{Polled: now, Problems: map[exporter.Service]exporter.Problem{exporter.Device: {}}},
			"As long as the list of devices cannot be read, every poll asks for everything."},
		{"the devices are not read yet", exporter.Condition{Polled: now, Sign: exporter.SignStatus{Unread: true}}, ""},
		{"as it should be", exporter.Condition{Polled: now, Sign: exporter.SignStatus{Known: true}}, told},
		{"one without a session", exporter.Condition{Polled: now, Sign: exporter.SignStatus{Known: true, Unheeded: []exporter.Service{exporter.Sleep}, Since: now.Add(-72 * time.Hour)}},
			told + " Every poll asks for sleep, since new readings came without that, the last time 3 days ago."},
		{"a new account", exporter.Condition{Polled: now, Sign: exporter.SignStatus{Known: true, Unproven: []exporter.Service{exporter.Measure, exporter.Sleep}}},
			told + " In the first days, measure, sleep are asked for every quarter of an hour, too, to see whether anything comes without that."},
		{"with habits", exporter.Condition{Polled: now, Sign: exporter.SignStatus{Known: true, Quiet: night}},
			told + " Most readings come at 1:30–5:30, 6:00–23:30; at other hours polls are fewer."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := asking(exporter.NewState("Anna", nil), c.is, now); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestAListThatLacksKnownDevicesIsSaidAsAStateOfAffairs and not as a property of the account.
func TestAListThatLacksKnownDevicesIsSaidAsAStateOfAffairs(t *testing.T) {
	now := time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	state := exporter.NewState("Anna", nil)
	err := state.Advance(exporter.Device, func(p *exporter.Progress) { p.Success, p.Doubted, p.Missing, p.Known = now, now, 2, 3 })
	if err != nil {
		t.Fatal(err)
	}
	const want = "As long as Withings' list of devices lacks known ones, every poll asks for everything."
	if got := asking(state, exporter.Condition{Polled: now}, now); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
