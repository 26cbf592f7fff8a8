package transfer_test

import (
	"net/http"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/daemon"
	"withings-exporter/exporter/internal/rude"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/transfer"
	"withings-exporter/exporter/web"
)

// TestAfterAnOutageABackfillBringsWhatServeHasNotWrittenYet runs it after an outage of the database, before the next poll.
func TestAfterAnOutageABackfillBringsWhatServeHasNotWrittenYet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := stage.NewWorld(t, dir, simulator.Switches{})
		db := piped(w, rude.Influx1)
		w.Settings.Profiles, w.Settings.Services = []string{"Anna"}, []string{"activity", "device"}
		w.Start()
		defer func() { w.Set.Halt() }()
		w.Pass(20 * time.Minute)
		page := func() web.Profile { return daemon.Page(w.Set, w.Sim.Now(), w.Sim.Now()).Profiles[0] }
		m := w.Set.List()[0]
		lacks := func() bool {
			return m.State.Progress(exporter.Activity).Updated.After(m.Influx.Progress(exporter.Activity).Updated)
		}
		young := func() bool { return w.Sim.Now().Sub(m.Influx.Progress(exporter.Activity).Success) < 9*time.Minute }
		for n := 0; !lacks() || !young(); n++ { // until there is news that the database has missed in minutes
			if n > 200 {
				t.Fatal("nothing is missed")
			}
			w.Pass(page().NextPoll.Sub(w.Sim.Now()) - time.Minute)
			bring(w, transfer.Options{})
			db.Set(rude.Status(http.StatusServiceUnavailable))
			w.Pass(2 * time.Minute)
			db.Set(rude.Influx1)
			w.Pass(time.Second)
		}
		if is := page(); len(is.Elsewhere)+len(is.Notes) == 0 {
			t.Error("the page says that InfluxDB has everything")
		}
		stage.Says(t, "an estimate", bring(w, transfer.Options{DryRun: true}), "nothing of the past is missing, and about ", " for what is new")
		told := bring(w, transfer.Options{})
		if lacks() || !regexp.MustCompile(`imported .* activity +\d+ `).MatchString(told) {
			t.Errorf("after the outage the database still lacks it, %v, and the backfill says\n%s", lacks(), told)
		}
	})
}
