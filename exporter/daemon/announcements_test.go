package daemon

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// TestThePageSaysHowNotificationsAre in every condition that they can be in.
func TestThePageSaysHowNotificationsAre(t *testing.T) {
	for name, c := range testrun.FewOf(map[string]struct {
		address  string // stage.DoorURL if empty
		notify   string // the address for notifications alone
		switches simulator.Switches
		blocked  bool // nothing of Withings gets through
		door     int  // the status with which everybody is answered
		after    time.Duration
		want     string // "" for no line
		last     bool   // one has arrived
	}{
		"nothing has happened yet":          {switches: simulator.Switches{Notifications: simulator.Notifications{Lose: 1}}, want: "Withings sends them, so that polls are an hour or more apart"},
		"they arrive":                       {after: 3 * time.Hour, want: "Withings sends them, so that polls are an hour or more apart", last: true},
		"they are lost":                     {switches: simulator.Switches{Notifications: simulator.Notifications{Lose: 1}}, after: 3 * time.Hour, want: "Withings has agreed to send them, but none arrive, so that polls go on as without"},
		"Withings does not get through":     {blocked: true, want: "Withings cannot send them, as the note says, so that polls go on as without"},
		"no encryption":                     {address: "http://home.example", switches: simulator.Switches{StrictCallbacks: true}, blocked: true},
		"no encryption, and they are meant": {address: "http://home.example", notify: "localhost:0", switches: simulator.Switches{StrictCallbacks: true}, blocked: true, want: "Withings cannot send them, as the note says, so that polls go on as without"},
		"a password in front":               {door: http.StatusUnauthorized},
		"a private network":                 {address: "https://nas.lan", switches: simulator.Switches{StrictCallbacks: true}, blocked: true},
		"a private network that works":      {address: "https://nas.lan", after: 3 * time.Hour, want: "Withings sends them, so that polls are an hour or more apart", last: true},
		"Withings answers nothing of it":    {switches: simulator.Switches{Notifications: simulator.Notifications{Most: -1}}, want: "Withings cannot send them, as the note says, so that polls go on as without"},
		"there is no address for them at":   {address: "none"},
	}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				w := stage.NewWorld(t, dir, c.switches)
				switch c.address {
				case "":
					w.Settings.ExternalURL = stage.DoorURL
				case "none":
				default:
					w.Settings.ExternalURL = c.address
				}
				w.Settings.NotifyAddress = c.notify
				w.Play()
				w.Start()
				defer func() { w.Set.Halt() }()
				w.Door.Open(w.Set.Receiver)
				if c.blocked {
					w.Door.Open(http.NotFoundHandler())
				}
				if c.door != 0 {
					w.Door.Open(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(c.door) }))
				}
				w.Pass(4*time.Minute + c.after)
				is := cardOf(w, "Anna").Notifications
				switch {
				case c.want == "" && is == nil:
				case c.want == "" || is == nil || is.Condition != c.want || is.Last.IsZero() == c.last || is.Last.After(w.Sim.Now()):
					t.Errorf("the page says %+v, want %q, one has arrived: %t", is, c.want, c.last)
				}
			})
		})
	}
}
