package transfer_test

import (
	"context"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter/internal/rude"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/transfer"
)

// TestADryRunKnowsWhatServeIsAboutToWrite estimates before a serve has read anything, and once it has read everything.
func TestADryRunKnowsWhatServeIsAboutToWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := stage.NewWorld(t, dir, simulator.Switches{})
		piped(w, rude.Influx1)
		estimate := func(o transfer.Options) string {
			t.Helper()
			o.DryRun = true
			return bring(w, o)
		}
		const part, about = "A running serve is about to write part of that itself", `about ([\d,]+) requests, which`
		if told := estimate(transfer.Options{}); strings.Contains(told, part) {
			t.Errorf("without a serve it says\n%s", told)
		}
		set, err := profiles.Open(w.Settings, prometheus.NewRegistry())
		w.Try(err)
		w.Try(set.Load(w.Settings))
		var serving sync.WaitGroup
		ctx, end := context.WithCancel(t.Context())
		serving.Go(func() { set.HoldServing(ctx, slog.New(slog.DiscardHandler)) })
		defer serving.Wait()
		defer end()
		w.Pass(time.Second)
		told := estimate(transfer.Options{})
		all, left := number(t, told, about), number(t, told, `about ([\d,]+) requests are left`)
		if again := estimate(transfer.Options{Again: true}); strings.Contains(again, part) {
			t.Errorf("of everything it says\n%s", again)
		}
		set.Start(t.Context(), w.Settings)
		defer set.Halt()
		w.Pass(4 * time.Minute)
		told = estimate(transfer.Options{})
		if now := number(t, told, about); math.Abs(float64(now-left)) > 0.1*float64(left) || left > all*3/4 || strings.Contains(told, part) {
			t.Errorf("of %d requests %d were to be left, and %d are:\n%s", all, left, now, told)
		}
		for _, want := range []string{" Anna measure 0 0 complete ", " Ben sleep 0 0 none ", " Anna sleep "} {
			if !strings.Contains(told, want) {
				t.Errorf("it does not say %q:\n%s", want, told)
			}
		}
		set.Halt()
		w.Pass(time.Hour)
		stage.Says(t, "an hour later", estimate(transfer.Options{}), " are for what is new, and the others for the past.")
	})
}
