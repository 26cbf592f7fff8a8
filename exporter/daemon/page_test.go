package daemon

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/web"
)

// TestThePageDrawsAMonthAndNamesEachCauseOnce compares the last point of a drawing with the gauge,
// and then has Withings be away.
func TestThePageDrawsAMonthAndNamesEachCauseOnce(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		weight := w.Series()["withings_weight_grams{profile=Anna}"]
		charted := map[string]bool{}
		for _, r := range cardOf(w, "Anna").Readings {
			if r.Chart == nil {
				continue
			}
			c := r.Chart()
			charted[r.Label] = c.Worth()
			if len(c.Days) != 30 {
				t.Errorf("%s: %d days, want 30", r.Label, len(c.Days))
			}
			for i := range c.Days {
				if d := c.Days[len(c.Days)-1-i]; d.Known && r.Label == "Weight" {
					if d.Value != weight {
						t.Errorf("the last weight drawn is %v, the gauge has %v", d.Value, weight)
					}
					break
				}
			}
		}
		for _, label := range []string{"Weight", "Blood pressure", "Sleep", "Steps today"} {
			if !charted[label] {
				t.Errorf("%s is not drawn", label)
			}
		}
		w.Set.Halt()
		w.Settings.HTTP = &http.Client{Transport: cutOff{}}
		w.Start()
		w.Pass(3 * time.Hour)
		card := cardOf(w, "Anna")
		if card.State != web.StateFailing || len(card.Causes) != 1 || !strings.Contains(card.Causes[0].Text, "no route to host") || card.Causes[0].Do == "" {
			t.Errorf("%s because of %+v, want one cause", card.State, card.Causes)
		}
	})
}

// TestTheEndOfAPermissionIsToldOnceWithWhatToDo: the person withdrew it in the Withings app.
func TestTheEndOfAPermissionIsToldOnceWithWhatToDo(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		w.Pass(10 * time.Minute)
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultRefreshRefused, UserID: w.ID("Anna")})
		w.Pass(4 * time.Hour) // a token lasts three
		card := cardOf(w, "Anna")
		if card.State != web.StateAuthorize || !strings.HasPrefix(card.Headline, "The permission has ended: ") || card.Command != "withings-exporter auth Anna" {
			t.Errorf("the page says %s, %q and offers %q", card.State, card.Headline, card.Command)
		}
		if notes := pageOf(w).Notes; len(notes) > 0 {
			t.Errorf("beside that it notes %q", notes)
		}
		log := w.Log.String()
		if n := strings.Count(log, "invalid refresh_token"); n != 1 || !strings.Contains(log, `msg="profile needs authorisation" profile=Anna err="the permission has ended: `) {
			t.Errorf("the log has it %d times:\n%s", n, log)
		}
	})
}

func TestAWithdrawnAuthorisationIsToldWithWhenAndBothWaysOn(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		w.Settings.Profiles, w.Settings.ConfigFile = []string{"Anna", "Ben"}, "withings.yaml"
		w.Try(w.Set.Load(w.Settings))
		w.Try(annasStore(w).Withdraw(context.Background()))
		day := w.Sim.Now().UTC().Format("2006-01-02")
		w.Pass(time.Minute)
		card := cardOf(w, "Anna")
		if card.State != web.StateAuthorize || !strings.HasPrefix(card.Headline, "Withdrawn on "+day) || card.Command != "withings-exporter auth Anna" ||
			!strings.Contains(card.Do, `remove "Anna" from the profiles in withings.yaml`) {
			t.Errorf("the page says %s, %q, %q and offers %q", card.State, card.Headline, card.Do, card.Command)
		}
		authorize(w, "Anna", "Anna", auth.Scopes...)
		w.Pass(time.Minute)
		if card := cardOf(w, "Anna"); card.State == web.StateAuthorize {
			t.Errorf("after she was authorised again, the page says %q", card.Headline)
		}
	})
}

func TestATokenFileOfANewerVersionAsksForAnUpgradeAndNobodyToSignIn(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		path := w.Set.Dir.File("Anna", "token")
		w.Try(os.WriteFile(path, []byte(`{"version":99,"profile":"Anna"}`), 0o600))
		w.Pass(time.Minute)
		card := cardOf(w, "Anna")
		if card.State != web.StateFailing || card.Command != "" || !strings.Contains(card.Do, "upgrade withings-exporter") {
			t.Errorf("the page says %s, %q, %q and offers %q, want an upgrade", card.State, card.Headline, card.Do, card.Command)
		}
		if got := w.Series()["withings_authorized{profile=Anna}"]; got != 0 {
			t.Errorf("withings_authorized is %v with a file that cannot be read, want 0", got)
		}
		if data, err := os.ReadFile(path); err != nil || !strings.Contains(string(data), "99") {
			t.Errorf("the file holds %q, %v, want it left alone", data, err)
		}
	})
}
