package daemon

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

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/systemd"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/web"
)

// cutOff is a network that is down.
type cutOff struct{}

func (cutOff) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no route to host")
}

func TestAfterARestartTheLastKnownValuesShowThoughWithingsIsAway(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		before := w.Series()
		w.Set.Halt()
		w.Settings.HTTP = &http.Client{Transport: cutOff{}}
		w.Start()
		same(w, before)
		w.Pass(3 * time.Hour)
		known(w, "Anna", before)
		for _, p := range pageOf(w).Profiles {
			if p.State != web.StateFailing {
				t.Errorf("%s is %s while Withings is away, want %s", p.Name, p.State, web.StateFailing)
			}
			told := 0
			for _, row := range p.Services {
				told += strings.Count(row.Err, "no route to host")
			}
			if told != 1 {
				t.Errorf("the page gives %s the reason %d times, want once", p.Name, told)
			}
		}
	})
}

// same fails when a reading is not shown as it was.
func same(w *stage.World, before map[string]float64) {
	w.T.Helper()
	now := w.Series()
	for name, value := range before {
		if strings.HasPrefix(name, "withings_up") || strings.Contains(name, "_total") {
			continue
		}
		if got, ok := now[name]; !ok || got != value {
			w.T.Errorf("%s is %v (shown: %v) after the restart, was %v", name, got, ok, value)
		}
	}
}

func TestDamagedStateFileIsSetAsideAndStopsNobody(t *testing.T) {
	for _, c := range []struct{ name, content, says string }{
		{"cut short", `{"version":1,"profile":"Ben","serv`, "not a state file"},
		{"empty", "", "not a state file"},
		{"of another profile", `{"version":1,"profile":"Eve"}`, "Eve"},
		{"of a newer version", `{"version":99,"profile":"Ben"}`, "a newer version of withings-exporter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage.InWorld(t, func(w *stage.World) {
				before := w.Series()
				w.Set.Halt()
				path := w.Set.Dir.File("Ben", "state")
				w.Try(os.WriteFile(path, []byte(c.content), 0o600))
				w.Start()
				if log := w.Log.String(); !strings.Contains(log, c.says) {
					t.Errorf("the log does not say %q: %s", c.says, log)
				}
				if notes := strings.Join(pageOf(w).Notes, " "); !strings.Contains(notes, ".damaged-") {
					t.Errorf("the page does not say where the file is now: %q", notes)
				}
				aside, _ := filepath.Glob(path + ".damaged-*")
				if len(aside) != 1 {
					t.Fatalf("set aside are %v, want one file", aside)
				}
				if kept, err := os.ReadFile(aside[0]); err != nil || string(kept) != c.content {
					t.Errorf("set aside is %q (%v), want what was there", kept, err)
				}
				known(w, "Anna", before)
				w.Pass(4 * time.Minute)
				known(w, "Ben", before) // read from Withings again
			})
		})
	}
}

func TestStateFileThatCannotBeReadIsLeftAloneAndTriedAgain(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		before := w.Series()
		w.Set.Halt()
		path := w.Set.Dir.File("Ben", "state")
		w.Try(os.Rename(path, path+".intact"))
		w.Try(os.Symlink(path, path)) // which nobody can open, not even root
		w.Start()
		w.Pass(10 * time.Minute)
		now := w.Series()
		if now["withings_up{profile=Ben}"] != 0 || now["withings_authorized{profile=Ben}"] != 1 || now["withings_up{profile=Anna}"] != 1 {
			t.Error("Ben is not failing for want of a file, or Anna is not read")
		}
		if got := pageOf(w).Profiles[1]; got.State != web.StateFailing || got.Headline != "The saved readings cannot be read." || !strings.Contains(got.Do, path) {
			t.Errorf("the page says %s: %s %s", got.State, got.Headline, got.Do)
		}
		if err := w.Set.List()[1].Save(); err == nil { // as for a bed event
			t.Error("the file is said to be saved")
		}
		w.Set.Halt()
		if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("the file was replaced or renamed: %v", err)
		}
		w.Start()
		w.Pass(time.Minute)
		w.Try(os.Remove(path))
		w.Try(os.Rename(path+".intact", path))
		w.Pass(10 * time.Second)
		known(w, "Ben", before)
		if log := w.Log.String(); !strings.Contains(log, `"profile is not polled, since a file of it cannot be used" profile=Ben`) ||
			!strings.Contains(log, `"the files of the profile can be used again" profile=Ben`) || strings.Contains(log, "damaged-") {
			t.Errorf("the log is %s", log)
		}
	})
}

// TestATokenFileThatCannotBeReadSendsNobodyToSignIn: no sign-in would help.
func TestATokenFileThatCannotBeReadSendsNobodyToSignIn(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		w.Set.Halt()
		path := w.Set.Dir.File("Ben", "token")
		w.Try(os.Rename(path, path+".intact"))
		w.Try(os.Symlink(path, path)) // which nobody can open, not even root
		w.Start()
		w.Pass(time.Minute)
		if now := w.Series(); now["withings_up{profile=Ben}"] != 0 || now["withings_authorized{profile=Ben}"] != 0 || now["withings_authorized{profile=Anna}"] != 1 {
			t.Error("Ben has no usable token, or Anna has none either")
		}
		if got := cardOf(w, "Ben"); got.State != web.StateFailing || got.Headline != "The token cannot be used." || !strings.Contains(got.Do, path) || got.Command != "" || len(got.Causes) != 1 || got.Polling {
			t.Errorf("the page says %s: %s %s, with the command %q, for %+v; a poll is under way: %t", got.State, got.Headline, got.Do, got.Command, got.Causes, got.Polling)
		}
		w.Try(os.Remove(path))
		w.Try(os.Rename(path+".intact", path))
		w.Pass(time.Minute)
		if late := w.Stale("Ben", time.Minute); len(late) > 0 || w.Series()["withings_authorized{profile=Ben}"] != 1 {
			t.Errorf("once it can be read, not read are %v", late)
		}
		is := exporter.Condition{Denied: "a file", Blocked: true} // until the poller has seen that it can be read
		if got := condition(is, w.Settings.Now().Add(time.Minute)); got != web.StateFailing {
			t.Errorf("while Withings asks for a pause the page says %s", got)
		}
		if log := w.Log.String(); strings.Contains(log, "needs authorisation") || strings.Count(log, `"profile is not polled, since a file of it cannot be used" profile=Ben`) != 1 {
			t.Errorf("the log is %s", log)
		}
	})
}

func TestUnknownProfileInTheStateFolderIsNamedAndLeftAlone(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		w.Set.Halt()
		w.Settings.Profiles = []string{"Anna", "Carla"}
		w.Start()
		if notes := strings.Join(pageOf(w).Notes, " "); !strings.Contains(notes, `"Ben"`) {
			t.Errorf("the page does not name Ben: %q", notes)
		}
		for name := range w.Series() {
			if strings.Contains(name, "profile=Ben") {
				t.Errorf("%s is shown though Ben is not configured", name)
			}
		}
		for _, kind := range []string{"token", "state"} {
			if _, err := os.Stat(w.Set.Dir.File("Ben", kind)); err != nil {
				t.Errorf("Ben's %s file: %v", kind, err)
			}
		}
	})
}

func TestWithoutConfiguredProfilesEverybodyWithATokenIsServed(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		w.Set.Halt()
		w.Settings.Profiles = nil
		w.Start()
		var names []string
		for _, m := range w.Set.List() {
			names = append(names, m.State.Profile())
		}
		if want := []string{"Anna", "Ben", "Carla"}; !slices.Equal(names, want) {
			t.Errorf("served are %v, want %v", names, want)
		}
	})
}

func TestTokenOfAnotherPersonNeverMixesTheirReadings(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		// Carla's token is put where Ben's was, while everything runs.
		token, err := os.ReadFile(w.Set.Dir.File("Carla", "token"))
		w.Try(err)
		w.Try(os.WriteFile(w.Set.Dir.File("Ben", "token"),
			[]byte(strings.Replace(string(token), `"Carla"`, `"Ben"`, 1)), 0o600))
		w.Pass(20 * time.Minute)
		shown := w.Series()
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
	stage.InWorld(t, func(w *stage.World) {
		before := w.Series()
		path := w.Set.Dir.File("Ben", "token")
		token, err := os.ReadFile(path)
		w.Try(err)
		w.Try(os.Remove(path))
		w.Pass(20 * time.Minute)
		shown := w.Series()
		if shown["withings_authorized{profile=Ben}"] != 0 || shown["withings_up{profile=Ben}"] != 0 {
			t.Error("Ben counts as authorised without a token")
		}
		known(w, "Ben", map[string]float64{"withings_weight_grams{profile=Ben}": 0})
		if got := strings.Count(w.Log.String(), "profile needs authorisation"); got != 1 {
			t.Errorf("the log tells it %d times in 20 minutes, want once", got)
		}
		calls := w.Sim.Count("", w.ID("Ben"), -1)
		w.Pass(time.Hour)
		if got := w.Sim.Count("", w.ID("Ben"), -1); got != calls {
			t.Errorf("%d more requests without a token", got-calls)
		}
		w.Try(os.WriteFile(path, token, 0o600))
		w.Pass(30 * time.Second)
		afresh(w, "Ben", time.Minute)
		known(w, "Ben", before)
		fresh(w, "Anna", 15*time.Minute)
	})
}

func TestNewlyAuthorisedProfilesAreServedWithoutARestart(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		token, err := os.ReadFile(w.Set.Dir.File("Ben", "token"))
		w.Try(err)
		w.Try(os.Remove(w.Set.Dir.File("Ben", "token")))
		w.Set.Halt()
		w.Settings.Profiles = nil
		w.Start()
		r := &reloader{manager: new(systemd.Manager), set: w.Set, settings: w.Settings}
		r.welcome(context.Background())
		if got := len(w.Set.List()); got != 2 {
			t.Fatalf("%d profiles are served, want the two with a token", got)
		}
		w.Try(os.WriteFile(w.Set.Dir.File("Ben", "token"), token, 0o600))
		r.welcome(context.Background())
		w.Pass(4 * time.Minute)
		afresh(w, "Ben", 5*time.Minute)
		afresh(w, "Anna", 5*time.Minute)
	})
}

func TestReloadServesTheNewConfigurationAndForgetsNothing(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		before := w.Series()
		next := w.Settings
		next.Profiles = []string{"Anna", "Carla"}
		var wrong error
		r := &reloader{manager: new(systemd.Manager), set: w.Set, settings: w.Settings, again: func() (command.Settings, error) { return next, wrong }}
		w.Try(reloadOnce(r))
		known(w, "Anna", before)
		if _, ok := w.Series()["withings_weight_grams{profile=Ben}"]; ok {
			t.Error("Ben is still shown")
		}
		wrong = errors.New("line 3 is wrong")
		if err := reloadOnce(r); !errors.Is(err, wrong) {
			t.Errorf("the error is %v, want %v", err, wrong)
		}
		wrong, next.Profiles = nil, []string{"Anna", "Ben", "Carla"}
		w.Try(reloadOnce(r))
		w.Pass(6 * time.Minute)
		known(w, "Ben", before)
		afresh(w, "Anna", 6*time.Minute)
	})
}

func TestReloadsKeepTheRateBudgetTheCoolOffAndTheCondition(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		r := &reloader{manager: new(systemd.Manager), set: w.Set, settings: w.Settings, again: func() (command.Settings, error) { return w.Settings, nil }}
		calls := w.Sim.Count("", 0, simulator.AnyStatus)
		for range 20 {
			w.Try(reloadOnce(r))
			synctest.Wait()
			if got := w.Series()["withings_up{profile=Ben}"]; got != 1 {
				t.Fatalf("up is %v after a reload, want 1", got)
			}
		}
		if more := w.Sim.Count("", 0, simulator.AnyStatus) - calls; more > 100 {
			t.Errorf("%d requests at once through reloads, want no more than a minute's", more)
		}
		w.Pass(5 * time.Minute)
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultRateLimited, Action: "getdevice", Times: 1})
		w.Pass(7 * time.Minute)
		w.Set.Budget.CoolOff()
		until := w.Set.Budget.Until()
		w.Try(reloadOnce(r))
		if got := w.Set.Budget.Until(); !got.Equal(until) || until.IsZero() {
			t.Errorf("the cool-off ends at %s after a reload, want %s", got, until)
		}
	})
}

func TestFullDiskIsSaidAndCostsNothingKnown(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Log("root may write everywhere: a folder in the place of the file stands for the full disk")
	}
	stage.InWorld(t, func(w *stage.World) {
		path := w.Set.Dir.File("Ben", "state")
		w.Try(os.Remove(path))
		w.Try(os.Mkdir(path, 0o700))
		w.Try(os.WriteFile(filepath.Join(path, "x"), nil, 0o600))
		before := w.Series()
		w.Pass(12 * time.Minute)
		fresh(w, "Ben", 6*time.Minute)
		known(w, "Ben", before)
		p := pageOf(w).Profiles[1]
		if !strings.Contains(p.Do, "save the state") {
			t.Errorf("the page does not say that the state cannot be saved: %+v", p)
		}
		w.Try(os.RemoveAll(path))
		w.Pass(6 * time.Minute)
		if p := pageOf(w).Profiles[1]; p.State != web.StateOK {
			t.Errorf("Ben is %s once it can be saved again, want %s", p.State, web.StateOK)
		}
	})
}

// TestMain has files in memory.
func TestMain(m *testing.M) { os.Exit(testrun.InMemory(m).Run()) }
