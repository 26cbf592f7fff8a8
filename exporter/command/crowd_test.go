package command_test

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"withings-exporter/exporter/command/check"
	"withings-exporter/exporter/daemon"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
)

func TestProfilesThatDoNotFitAreToldInLogOnThePageAndByCheck(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := stage.NewWorld(t, dir, simulator.Switches{})
		w.Settings.RateLimit = 1 // three people need 1,400 requests a day, and this has room for 1,250
		const want = "3 profiles cannot be polled every 5m"
		var report strings.Builder
		_ = check.Check(t.Context(), w.Settings, &report, io.Discard) // which finds nothing else
		if got := report.String(); !strings.Contains(got, "note  poll interval: "+want) {
			t.Errorf("check says %q", got)
		}
		w.Start()
		defer w.Set.Halt()
		if log := w.Log.String(); !strings.Contains(log, "level=WARN") || !strings.Contains(log, want) {
			t.Errorf("the log says %q", log)
		}
		if notes := daemon.Page(w.Set, w.Sim.Now(), w.Sim.Now()).Notes; len(notes) != 1 || !strings.HasPrefix(notes[0], want) {
			t.Errorf("the page says %q", notes)
		}
		w.Set.Halt()
		w.Settings.RateLimit = 100
		if err := w.Set.Load(w.Settings); err != nil {
			t.Fatal(err)
		}
		if notes := daemon.Page(w.Set, w.Sim.Now(), w.Sim.Now()).Notes; len(notes) != 0 {
			t.Errorf("with room for everybody the page says %q", notes)
		}
	})
}
