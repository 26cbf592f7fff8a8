package daemon

import (
	"bytes"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/systemd"
)

// TestTheWholeLogFollowsAReload: half of the lines in another format can be read by no program.
func TestTheWholeLogFollowsAReload(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		var out bytes.Buffer
		log := func(level, format string) *slog.Logger {
			return (&command.LogFlags{LogLevel: level, LogFormat: format}).Logger(&out)
		}
		w.Settings.Log = relayed(log("info", "logfmt"))
		next, wrong := w.Settings, error(nil)
		r := &reloader{manager: new(systemd.Manager), set: w.Set, settings: w.Settings, again: func() (command.Settings, error) { return next, wrong }}
		kept := w.Settings.Log.With("profile", "Anna").With("sink", true) // by what stays
		says := func(when string, want ...string) {
			t.Helper()
			out.Reset()
			kept.Info("read", "new", 3)
			kept.Error("failed")
			got := strings.Split(strings.TrimSpace(out.String()), "\n")
			if !slices.EqualFunc(got, want, strings.HasSuffix) {
				t.Errorf("%s, the log has\n%s\nwant at the ends of lines\n%q", when, out.String(), want)
			}
		}
		says("at the start", "level=INFO msg=read profile=Anna sink=true new=3", "level=ERROR msg=failed profile=Anna sink=true")
		next.Log = log("error", "json")
		w.Try(reloadOnce(r))
		const failed = `"level":"ERROR","msg":"failed","profile":"Anna","sink":true}`
		says("after a reload", failed)
		next.Log, wrong = log("info", "logfmt"), errors.New("wrong")
		if reloadOnce(r) == nil {
			t.Fatal("what is wrong is taken")
		}
		says("after one that could not be read", failed)
		next.Influx, wrong = command.Influx{URL: "http://db.example", TokenFile: "/nowhere/token"}, nil
		if reloadOnce(r) == nil {
			t.Fatal("what cannot be loaded is taken")
		}
		says("after one that could not be loaded", failed)
	})
}
