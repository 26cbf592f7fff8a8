package app

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/web"
)

// cutOff is a network that is down.
type cutOff struct{}

func (cutOff) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no route to host")
}

func TestAfterARestartTheLastKnownValuesShowThoughWithingsIsAway(t *testing.T) {
	inWorld(t, func(w *world) {
		before := w.series()
		w.home.halt()
		w.settings.HTTP = &http.Client{Transport: cutOff{}}
		w.start()
		w.same(before)
		w.pass(3 * time.Hour)
		w.known("Anna", before)
		for _, p := range page(w.home, w.sim.Now(), w.sim.Now()).Profiles {
			if p.State != web.StateFailing {
				t.Errorf("%s is %s while Withings is away, want %s", p.Name, p.State, web.StateFailing)
			}
		}
	})
}

// same fails when a reading is not shown as it was.
func (w *world) same(before map[string]float64) {
	w.t.Helper()
	now := w.series()
	for name, value := range before {
		if strings.HasPrefix(name, "withings_up") || strings.Contains(name, "_total") {
			continue
		}
		if got, ok := now[name]; !ok || got != value {
			w.t.Errorf("%s is %v (shown: %v) after the restart, was %v", name, got, ok, value)
		}
	}
}

func TestDamagedStateFileIsSetAsideAndStopsNobody(t *testing.T) {
	for _, c := range []struct{ name, content, says string }{
		{"cut short", `{"version":1,"profile":"Ben","serv`, "not a state file"},
		{"empty", "", "not a state file"},
		{"of another profile", `{"version":1,"profile":"Eve"}`, "Eve"},
		{"of a newer version", `{"version":99,"profile":"Ben"}`, "version 99"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				before := w.series()
				w.home.halt()
				path := w.home.dir.File("Ben", "state")
				w.try(os.WriteFile(path, []byte(c.content), 0o600))
				w.start()
				if log := w.log.String(); !strings.Contains(log, c.says) {
					t.Errorf("the log does not say %q: %s", c.says, log)
				}
				if notes := strings.Join(page(w.home, w.sim.Now(), w.sim.Now()).Notes, " "); !strings.Contains(notes, ".damaged-") {
					t.Errorf("the page does not say where the file is now: %q", notes)
				}
				aside, _ := filepath.Glob(path + ".damaged-*")
				if len(aside) != 1 {
					t.Fatalf("set aside are %v, want one file", aside)
				}
				if kept, err := os.ReadFile(aside[0]); err != nil || string(kept) != c.content {
					t.Errorf("set aside is %q (%v), want what was there", kept, err)
				}
				w.known("Anna", before)
				w.pass(4 * time.Minute)
				w.known("Ben", before) // read from Withings again
			})
		})
	}
}

func TestUnknownProfileInTheStateFolderIsNamedAndLeftAlone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.home.halt()
		w.settings.Profiles = []string{"Anna", "Carla"}
		w.start()
		if notes := strings.Join(page(w.home, w.sim.Now(), w.sim.Now()).Notes, " "); !strings.Contains(notes, `"Ben"`) {
			t.Errorf("the page does not name Ben: %q", notes)
		}
		for name := range w.series() {
			if strings.Contains(name, "profile=Ben") {
				t.Errorf("%s is shown though Ben is not configured", name)
			}
		}
		for _, kind := range []string{"token", "state"} {
			if _, err := os.Stat(w.home.dir.File("Ben", kind)); err != nil {
				t.Errorf("Ben's %s file: %v", kind, err)
			}
		}
	})
}

func TestWithoutConfiguredProfilesEverybodyWithATokenIsServed(t *testing.T) {
	inWorld(t, func(w *world) {
		w.home.halt()
		w.settings.Profiles = nil
		w.start()
		var names []string
		for _, m := range w.home.list() {
			names = append(names, m.State.Profile())
		}
		if want := []string{"Anna", "Ben", "Carla"}; !slices.Equal(names, want) {
			t.Errorf("served are %v, want %v", names, want)
		}
	})
}

func TestTokenOfAnotherPersonNeverMixesTheirReadings(t *testing.T) {
	inWorld(t, func(w *world) {
		// Carla's token is put where Ben's was, while everything runs.
		token, err := os.ReadFile(w.home.dir.File("Carla", "token"))
		w.try(err)
		w.try(os.WriteFile(w.home.dir.File("Ben", "token"),
			[]byte(strings.Replace(string(token), `"Carla"`, `"Ben"`, 1)), 0o600))
		w.pass(20 * time.Minute)
		shown := w.series()
		for name, value := range shown {
			if !strings.Contains(name, "profile=Ben") || strings.HasPrefix(name, "withings_last_success") || strings.Contains(name, "goal") {
				continue
			}
			if other := strings.Replace(name, "profile=Ben", "profile=Carla", 1); shown[other] != value {
				t.Errorf("%s is %v, Carla's is %v", name, value, shown[other])
			}
		}
		if _, ok := shown["withings_diastolic_blood_pressure_mmhg{profile=Ben}"]; !ok {
			t.Error("the profile does not show the person it is authorised for")
		}
	})
}

func TestLostAuthorisationIsLoudQuietAndEndsByItself(t *testing.T) {
	inWorld(t, func(w *world) {
		before := w.series()
		path := w.home.dir.File("Ben", "token")
		token, err := os.ReadFile(path)
		w.try(err)
		w.try(os.Remove(path))
		w.pass(20 * time.Minute)
		shown := w.series()
		if shown["withings_authorized{profile=Ben}"] != 0 || shown["withings_up{profile=Ben}"] != 0 {
			t.Error("Ben counts as authorised without a token")
		}
		w.known("Ben", map[string]float64{"withings_weight_grams{profile=Ben}": 0})
		if got := strings.Count(w.log.String(), "profile needs authorisation"); got != 1 {
			t.Errorf("the log tells it %d times in 20 minutes, want once", got)
		}
		calls := w.sim.Count("", w.id("Ben"), -1)
		w.pass(time.Hour)
		if got := w.sim.Count("", w.id("Ben"), -1); got != calls {
			t.Errorf("%d more requests without a token", got-calls)
		}
		w.try(os.WriteFile(path, token, 0o600))
		w.pass(30 * time.Second)
		w.fresh("Ben", time.Minute)
		w.known("Ben", before)
		w.fresh("Anna", 15*time.Minute)
	})
}

func TestNewlyAuthorisedProfilesAreServedWithoutARestart(t *testing.T) {
	inWorld(t, func(w *world) {
		token, err := os.ReadFile(w.home.dir.File("Ben", "token"))
		w.try(err)
		w.try(os.Remove(w.home.dir.File("Ben", "token")))
		w.home.halt()
		w.settings.Profiles = nil
		w.start()
		r := &reloader{home: w.home, settings: w.settings}
		r.welcome(context.Background())
		if got := len(w.home.list()); got != 2 {
			t.Fatalf("%d profiles are served, want the two with a token", got)
		}
		w.try(os.WriteFile(w.home.dir.File("Ben", "token"), token, 0o600))
		r.welcome(context.Background())
		w.pass(4 * time.Minute)
		w.fresh("Ben", 5*time.Minute)
		w.fresh("Anna", 5*time.Minute)
	})
}

func TestReloadServesTheNewConfigurationAndForgetsNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		before := w.series()
		next := w.settings
		next.Profiles = []string{"Anna", "Carla"}
		var wrong error
		r := &reloader{home: w.home, settings: w.settings, again: func() (Settings, error) { return next, wrong }}
		w.try(r.reload(context.Background()))
		w.known("Anna", before)
		if _, ok := w.series()["withings_weight_grams{profile=Ben}"]; ok {
			t.Error("Ben is still shown")
		}
		wrong = errors.New("line 3 is wrong")
		if err := r.reload(context.Background()); !errors.Is(err, wrong) {
			t.Errorf("the error is %v, want %v", err, wrong)
		}
		wrong, next.Profiles = nil, []string{"Anna", "Ben", "Carla"}
		w.try(r.reload(context.Background()))
		w.pass(6 * time.Minute)
		w.known("Ben", before)
		w.fresh("Anna", 6*time.Minute)
	})
}

func TestReloadsKeepTheRateBudgetTheCoolOffAndTheCondition(t *testing.T) {
	inWorld(t, func(w *world) {
		r := &reloader{home: w.home, settings: w.settings, again: func() (Settings, error) { return w.settings, nil }}
		calls := w.sim.Count("", 0, simulator.AnyStatus)
		for range 20 {
			w.try(r.reload(context.Background()))
			synctest.Wait()
			if got := w.series()["withings_up{profile=Ben}"]; got != 1 {
				t.Fatalf("up is %v after a reload, want 1", got)
			}
		}
		if more := w.sim.Count("", 0, simulator.AnyStatus) - calls; more > 100 {
			t.Errorf("%d requests at once through reloads, want no more than a minute's", more)
		}
		w.pass(5 * time.Minute)
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultRateLimited, Action: "getdevice", Times: 1})
		w.pass(7 * time.Minute)
		w.home.budget.CoolOff()
		until := w.home.budget.Until()
		w.try(r.reload(context.Background()))
		if got := w.home.budget.Until(); !got.Equal(until) || until.IsZero() {
			t.Errorf("the cool-off ends at %s after a reload, want %s", got, until)
		}
	})
}

func TestFullDiskIsSaidAndCostsNothingKnown(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Log("root may write everywhere: a folder in the place of the file stands for the full disk")
	}
	inWorld(t, func(w *world) {
		path := w.home.dir.File("Ben", "state")
		w.try(os.Remove(path))
		w.try(os.Mkdir(path, 0o700))
		w.try(os.WriteFile(filepath.Join(path, "x"), nil, 0o600))
		before := w.series()
		w.pass(12 * time.Minute)
		w.fresh("Ben", 6*time.Minute)
		w.known("Ben", before)
		p := page(w.home, w.sim.Now(), w.sim.Now()).Profiles[1]
		if !strings.Contains(p.Do, "save the state") {
			t.Errorf("the page does not say that the state cannot be saved: %+v", p)
		}
		w.try(os.RemoveAll(path))
		w.pass(6 * time.Minute)
		if p := page(w.home, w.sim.Now(), w.sim.Now()).Profiles[1]; p.State != web.StateOK {
			t.Errorf("Ben is %s once it can be saved again, want %s", p.State, web.StateOK)
		}
	})
}
