package daemon

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// active tells of whom notifications take the place of frequent polls.
func active(w *stage.World) string {
	shown, all := w.Series(), []string{}
	for _, name := range []string{"Anna", "Ben", "Carla"} {
		if shown["withings_notifications_active{profile="+name+"}"] == 1 {
			all = append(all, name)
		}
	}
	return strings.Join(all, " ")
}

// TestWithingsIsToldWhereToSendHoweverPeculiarItIs: by what is known of it, or said by one source.
func TestWithingsIsToldWhereToSendHoweverPeculiarItIs(t *testing.T) {
	for name, switches := range testrun.FewOf(map[string]simulator.Switches{
		"as documented":                       {},
		"quick sequences fail":                {Notifications: simulator.Notifications{Spacing: 5 * time.Second}},
		"204 is refused":                      {Notifications: simulator.Notifications{RefuseNoContent: true}},
		"an empty notification comes first":   {Notifications: simulator.Notifications{EmptyPost: true}},
		"it knows the uncertain categories":   {Notifications: simulator.Notifications{Uncertain: true}},
		"only names, https and port 443 work": {StrictCallbacks: true},
	}) {
		t.Run(name, func(t *testing.T) {
			stage.InWorldTold(t, 5*time.Minute, switches, func(w *stage.World) {
				if got := active(w); got != "Anna Ben Carla" {
					t.Errorf("active for %q after four minutes; log:\n%s", got, w.Log)
				}
				refused := 0
				for _, q := range w.Sim.Requests() {
					if q.Service == "notify" && q.Status != 0 {
						refused++
					}
				}
				if want := map[bool]int{true: 0, false: 3 * 3}[switches.Notifications.Uncertain]; refused != want {
					t.Errorf("%d requests about notifications were refused, want %d", refused, want)
				}
				if shown := w.Series(); shown["withings_notifications_refused_total{reason=malformed}"] != 0 || strings.Contains(w.Log.String(), "level=WARN") {
					t.Errorf("log:\n%s", w.Log)
				}
				asked := len(w.Sim.Requests())
				w.Pass(23 * time.Hour)
				for _, q := range w.Sim.Requests()[asked:] {
					if q.Service == "notify" && q.Action != "list" {
						t.Fatalf("on the first day: %s", q.Action)
					}
				}
			})
		})
	}
}

// TestSubscriptionsThatWithingsHasEndedAreMadeAgain has nobody answer Withings for a day, so that it ends the subscriptions and
// still lists them.
func TestSubscriptionsThatWithingsHasEndedAreMadeAgain(t *testing.T) {
	testrun.Unraced(t, "days of what the tests of subscriptions have an hour of")
	stage.InWorldTold(t, 20*time.Minute, simulator.Switches{Notifications: simulator.Notifications{CancelAfter: 4}}, func(w *stage.World) {
		w.Door.Open(http.NotFoundHandler())
		w.Pass(24 * time.Hour)
		w.Door.Open(w.Set.Receiver)
		if got := active(w); got != "Carla" { // of whom there was no news that could be missed
			t.Errorf("active for %q after a day without notifications", got)
		}
		began := w.Series()["withings_notifications_total{category=16,profile=Anna}"]
		w.Pass(24 * time.Hour)
		if got := active(w); got != "Anna Ben Carla" {
			t.Errorf("active for %q a day after Withings reaches the exporter again", got)
		}
		if got := w.Series()["withings_notifications_total{category=16,profile=Anna}"]; got <= began {
			t.Errorf("%v notifications, as before", got)
		}
	})
}
