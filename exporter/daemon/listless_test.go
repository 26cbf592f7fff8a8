package daemon

import (
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/web"
)

// TestWithoutTheListOfDevicesAWeighInIsShownAtTheNextPoll: the person has not allowed it, the
// token or an answer says so, or it was not chosen. No session is known, so none is waited for.
func TestWithoutTheListOfDevicesAWeighInIsShownAtTheNextPoll(t *testing.T) {
	for _, c := range testrun.Few([]struct {
		name     string
		known    bool // the token tells what was allowed
		switches simulator.Switches
		later    bool // it was allowed first
		services []string
	}{
		{"the token tells", true, simulator.Switches{}, false, nil},
		{"HTTP 403 tells", false, simulator.Switches{}, false, nil},
		{"HTTP 403 tells, after hours", false, simulator.Switches{}, true, nil},
		{"status 2553 tells, after hours", false, simulator.Switches{MissingScope: simulator.ScopeStatus2553}, true, nil},
		{"it was not chosen", true, simulator.Switches{}, false, []string{"measure", "sleep", "activity"}},
	}) {
		t.Run(c.name, func(t *testing.T) {
			stage.InWorldPolled(t, 10*time.Minute, c.switches, func(w *stage.World) {
				if c.services != nil {
					w.Set.Halt()
					w.Settings.Services = c.services
					w.Start()
				}
				if c.later {
					w.Pass(4 * time.Hour)
				}
				if c.services == nil {
					scopes := slices.DeleteFunc(slices.Clone(auth.Scopes), func(s string) bool { return s == "user.info" })
					w.Allow("Anna", c.known, scopes...)
				}
				w.Pass(25 * time.Minute)
				requests := w.Sim.Count("getmeas", w.ID("Anna"), 0)
				for range 3 {
					at := weighs(w, "Anna", 70_000)
					w.Pass(11 * time.Minute)
					weighedBy(w, "Anna", at)
				}
				w.Pass(27 * time.Minute)
				if n := w.Sim.Count("getmeas", w.ID("Anna"), 0) - requests; n < 6 || n > 15 {
					t.Errorf("%d requests for measurements in an hour of polls every ten minutes", n)
				}
				card := cardOf(w, "Anna")
				if card.State != web.StateOK || !strings.HasPrefix(card.Asked, "Every poll asks for everything") {
					t.Errorf("the page says %s: %s; %q is not allowed", card.State, card.Asked, card.NotAllowed)
				}
				if n := strings.Count(w.Log.String(), "service failed"); n > 1 { // once, as long as nothing else was asked that is allowed
					t.Errorf("%d failures are logged:\n%s", n, w.Log)
				}
			})
		})
	}
}
