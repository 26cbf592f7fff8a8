package daemon

import (
	"strings"
	"testing"
	"testing/synctest"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
)

// TestOnlyServicesThatAreAskedCount has three people who fit with one service each.
func TestOnlyServicesThatAreAskedCount(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := stage.NewWorld(t, dir, simulator.Switches{})
		w.Settings.RateLimit = 2
		w.Settings.Services = []string{"measure"}
		w.Start()
		defer func() { w.Set.Halt() }()
		if got := w.Log.String(); strings.Contains(got, "do not fit") {
			t.Errorf("logged %s", got)
		}
	})
}
