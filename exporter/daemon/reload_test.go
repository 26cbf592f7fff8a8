package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/internal/rude"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/systemd"
	"withings-exporter/exporter/web"
)

// reloadOnce reloads and passes over the note.
func reloadOnce(r *reloader) error {
	_, err := r.reload(context.Background())
	return err
}

func TestReloadSaysWhatWaitsForARestartUntilThereIsOne(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		next := w.Settings
		r := &reloader{manager: new(systemd.Manager), set: w.Set, settings: w.Settings, again: func() (command.Settings, error) { return next, nil }}
		expect := func(want string) {
			t.Helper()
			if note, err := r.reload(context.Background()); note != want || err != nil {
				t.Errorf("the note is %q, %v, want %q", note, err, want)
			}
		}
		expect("")
		next.ListenAddresses, next.StateDir, next.NoProcess = []string{"localhost:1"}, "/elsewhere", !next.NoProcess
		const waiting = "these changes wait for a restart: --state.dir, --web.listen-address, --web.disable-exporter-metrics"
		expect(waiting)
		expect(waiting) // also the second time: nothing of it is in use yet
		if slices.Equal(r.settings.ListenAddresses, next.ListenAddresses) || r.settings.StateDir != w.Settings.StateDir {
			t.Errorf("the settings in use have what waits: %q, %q", r.settings.ListenAddresses, r.settings.StateDir)
		}
		next = w.Settings
		expect("")
	})
}

func TestReloadNamesAClientIDWithWhichNobodyCanBeRead(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		w.Pass(10 * time.Minute)
		next := w.Settings
		r := &reloader{manager: new(systemd.Manager), set: w.Set, settings: w.Settings, again: func() (command.Settings, error) { return next, nil }}
		right := next.ClientID
		next.ClientID = "simulated-clint"
		want := "3 of 3 profiles cannot be read: their tokens belong to another client id than the configured one; if that is a mistake, correct it, and run `" +
			w.Set.ReadAgain() + "`"
		if note, err := r.reload(context.Background()); note != want || err != nil {
			t.Errorf("the note is %q, %v, want %q", note, err, want)
		}
		w.Pass(time.Minute)
		card := cardOf(w, "Anna")
		if len(card.Causes) != 1 || !strings.HasPrefix(card.Causes[0].Text, "Client id or client secret is wrong") || card.Causes[0].Do != nobodySignsIn(w.Set) || card.State != web.StateFailing {
			t.Errorf("the page says %s, %+v, want that the client id is wrong", card.State, card.Causes)
		}
		if log := w.Log.String(); strings.Contains(log, "needs authorisation") || strings.Count(log, "does not accept client id or client secret") != 1 || w.Series()[`withings_authorized{profile=Anna}`] != 1 {
			t.Errorf("not told once, or somebody is sent to sign in:\n%s", log)
		}
		next.ClientID = right
		if note, err := r.reload(context.Background()); note != "" || err != nil {
			t.Errorf("after the correction the note is %q, %v", note, err)
		}
		w.Pass(10 * time.Minute)
		if late := w.Stale("Anna", 10*time.Minute); len(late) > 0 {
			t.Errorf("not read after the correction: %v", late)
		}
	})
}

func TestATokenOfAnotherClientIDThatIsRightIsCalledThat(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		file := annasStore(w).Path()
		data, err := os.ReadFile(file)
		w.Try(err)
		put(t, file, strings.Replace(string(data), w.Settings.ClientID, "of-before", 1))
		w.Pass(time.Minute)
		card := cardOf(w, "Anna")
		headline := `The token belongs to another application: client id "of-before", but "` + w.Settings.ClientID + `" is configured.`
		if card.State != web.StateAuthorize || card.Headline != headline || card.Do != fmt.Sprintf(anotherClientID, w.Set.ReadAgain()) || card.Command != "withings-exporter auth Anna --force" {
			t.Errorf("the page says %s, %q, %q and offers %q", card.State, card.Headline, card.Do, card.Command)
		}
	})
}

// TestADatabaseThatIsNoLongerConfiguredDoesNotFail: somebody removes what does not work, and reloads.
func TestADatabaseThatIsNoLongerConfiguredDoesNotFail(t *testing.T) {
	stage.InBubbleOf(t, t.TempDir(), func(w *stage.World) {
		db := rude.Pipe(w.T, rude.Influx2)
		without := w.Settings
		w.Settings.Influx = command.Influx{URL: db.URL, Org: "home", Bucket: "health", Token: "wrong", HTTP: &http.Client{Transport: &guarded{token: "right"}}}
		w.Start()
		defer func() { w.Set.Halt() }()
		w.Pass(10 * time.Minute)
		const lag = "withings_influx_lag_seconds{profile=Anna}"
		if _, has := w.Series()[lag]; len(cardOf(w, "Anna").Elsewhere) != 1 || !has {
			t.Fatal("the database does not fail")
		}
		r := &reloader{manager: new(systemd.Manager), set: w.Set, settings: w.Settings, again: func() (command.Settings, error) { return without, nil }}
		w.Try(reloadOnce(r))
		w.Pass(time.Minute)
		if _, has := w.Series()[lag]; len(cardOf(w, "Anna").Elsewhere) > 0 || has {
			t.Errorf("after it was removed, the page says %+v", cardOf(w, "Anna").Elsewhere)
		}
	})
}

func TestMetricsTellWhetherTheConfigurationWasReloaded(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		var wrong error
		r := &reloader{manager: new(systemd.Manager), set: w.Set, settings: w.Settings, again: func() (command.Settings, error) { return w.Settings, wrong }}
		expect := func(successful float64, at time.Time) {
			t.Helper()
			series := w.Series()
			if got := series["withings_exporter_config_last_reload_successful"]; got != successful {
				t.Errorf("successful is %v, want %v", got, successful)
			}
			if got := series["withings_exporter_config_last_reload_success_timestamp_seconds"]; got != float64(at.UnixMilli())/1000 {
				t.Errorf("the time of success is %v, want that of %s", got, at)
			}
		}
		const secret = "0123456789abcdef0123456789abcdef"
		good := w.Settings.Now()
		w.Try(reloadOnce(r))
		expect(1, good)
		w.Pass(time.Minute)
		wrong = errors.New(`line 3 is wrong: unknown key "` + secret + `"`)
		if err := reloadOnce(r); err == nil || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("got %v, want what is wrong", err)
		}
		expect(0, good)
		want := "The configuration was not reloaded on " + w.Settings.Now().UTC().Format("2006-01-02 15:04 MST") +
			", and the one before stays in use: see the log, correct what it names, and run `" + w.Set.ReadAgain() + "`."
		w.Pass(time.Minute)
		if notes := pageOf(w).Notes; len(notes) != 1 || notes[0] != want {
			t.Errorf("the page notes %q, want %q", notes, want)
		}
		wrong = fmt.Errorf("read again: %w", &config.Error{Path: "withings.yaml", Line: 3, Key: secret, Problem: "is not a map"})
		_ = reloadOnce(r)
		if notes := pageOf(w).Notes; len(notes) != 1 || !strings.HasSuffix(notes[0], "stays in use: withings.yaml:3 is wrong. See the log, correct that, and run `"+w.Set.ReadAgain()+"`.") {
			t.Errorf("the page notes %q, want the line", notes)
		}
		good, wrong = w.Settings.Now(), nil
		w.Try(reloadOnce(r))
		expect(1, good)
		if notes := pageOf(w).Notes; len(notes) > 0 {
			t.Errorf("after a reload that succeeds the page notes %q", notes)
		}
	})
}
