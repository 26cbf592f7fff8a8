package check

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/profiles"
)

// TestReadingsThatServeHasNotSavedAreNotCalledUnread checks before a serve runs, when it has just begun, and once it has saved.
func TestReadingsThatServeHasNotSavedAreNotCalledUnread(t *testing.T) {
	stage.InBubbleOf(t, t.TempDir(), func(w *stage.World) {
		says := func(want string) {
			w.T.Helper()
			var out bytes.Buffer
			w.Try(Check(w.T.Context(), w.Settings, &out, io.Discard))
			stage.Says(w.T, "output", out.String(), want)
		}
		says("no readings known until serve reads them")
		set, err := profiles.Open(w.Settings, prometheus.NewRegistry())
		w.Try(err)
		w.Try(set.Load(w.Settings))
		hold(w.T, set)
		time.Sleep(time.Second)
		says("no readings saved yet, which serve does at the end of a poll")
		set.Start(w.T.Context(), w.Settings)
		time.Sleep(4 * time.Minute)
		set.Halt()
		says(" current readings")
	})
}
