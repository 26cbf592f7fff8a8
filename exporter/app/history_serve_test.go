package app

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/rude"
	"withings-exporter/exporter/internal/testserver"
	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/statedir"
)

// kept lists what a database keeps, of devices and goals excepted.
func kept(db *rude.Peer) []tally.Point {
	return slices.DeleteFunc(db.Points(), func(p tally.Point) bool { return !truth.Covers(p.Key()) })
}

// TestServeKeepsAllThatWithingsTellsThroughAnOutageAndARestart lets days pass
// with late, corrected and deleted readings and revised nights, the database
// down for hours among them, and the exporter started anew meanwhile.
func TestServeKeepsAllThatWithingsTellsThroughAnOutageAndARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dir, simulator.Switches{})
		db := rude.Pipe(t, rude.Influx1)
		w.settings.Profiles, w.settings.PollInterval = []string{"Anna"}, 20*time.Minute
		w.settings.Influx = Influx{URL: db.URL, Org: "any", Bucket: "b", Token: "t", HTTP: db.Client()}
		w.start()
		defer func() { w.home.halt() }()
		w.pass(time.Hour)
		w.stored(db)

		anna := w.id("Anna")
		const watch = 94 // what it measures now arrives after the outage
		w.try(w.sim.DelayDevice(anna, watch, w.sim.Now(), w.sim.Now().Add(20*time.Hour)))
		w.upset(anna, 0)
		w.pass(7 * time.Hour)
		db.Set(rude.Status(http.StatusServiceUnavailable))
		w.upset(anna, 1)
		w.pass(5 * time.Hour)
		w.home.halt()
		w.upset(anna, 2)
		w.pass(2 * time.Hour)
		w.start()
		w.pass(3 * time.Hour)
		db.Set(rude.Influx1)
		w.pass(5 * time.Hour)
		w.upset(anna, 3)
		w.pass(30 * time.Hour)
		w.stored(db)
	})
}

// upset changes what Withings has of a person, each time something else of it: a
// weigh-in of long ago and one of the last days, a night, and one weigh-in goes.
func (w *world) upset(user int64, n int) {
	w.t.Helper()
	now := w.sim.Now()
	old := w.sim.Measures(user, now.AddDate(0, 0, -200), now.AddDate(0, 0, -40))
	last := w.sim.Measures(user, now.AddDate(0, 0, -20), now)
	w.try(w.sim.CorrectGroup(user, old[10*n].ID, old[10*n].Measures[0].Type, 4321+int64(n), -2))
	w.try(w.sim.CorrectGroup(user, last[5*n].ID, last[5*n].Measures[0].Type, 1234+int64(n), -2))
	w.try(w.sim.DeleteGroup(user, last[5*n+2].ID))
	nights := w.sim.Nights(user, now.AddDate(0, 0, -12), now.AddDate(0, 0, -3))
	w.try(w.sim.ReviseNight(user, nights[n].ID, -time.Duration(5+10*n)*time.Minute))
}

// stored compares the database with the truth up to yesterday: what is of today
// changes between two polls. Of measures that is everything, of the others what
// has been since the exporter first looked, and the weeks before: what lies
// further back is for a backfill.
func (w *world) stored(db *rude.Peer) {
	w.t.Helper()
	settled := w.sim.Now().Add(-24 * time.Hour)
	beyond := func(p tally.Point) bool {
		m := rowsByField[p.Measurement+" "+p.Field]
		return !p.Time.Before(settled) || p.Time.Before(cloudStart.AddDate(0, 0, -28)) && m.Service != exporter.Measure && m.Service != exporter.Objective
	}
	for _, p := range w.sim.People() {
		if p.Name == "Anna" {
			want := truth.Points(w.sim, p, time.Time{}, time.Time{})
			complain(w.t, tally.Differences(slices.DeleteFunc(kept(db), beyond), slices.DeleteFunc(want, beyond)))
		}
	}
}

// TestABackfillBesideAServeEndsInTheTruth has both write to one database from one
// state directory while Withings changes its mind.
func TestABackfillBesideAServeEndsInTheTruth(t *testing.T) {
	t.Parallel()
	db := testserver.Influx(t)
	h := newHistory(t)
	h.into(db.URL, db)
	w := &world{t: t, sim: h.sim, settings: h.settings, log: h.log}
	w.settings.PollInterval = 100 * time.Millisecond
	changes, quarter := make(chan int, 3), pages(h.sim)/4
	h.gate.meddle(func(n int, rw http.ResponseWriter, r *http.Request, to http.Handler) {
		if n%quarter == 0 && n/quarter <= 3 {
			changes <- n / quarter // they are made before the answer, or after it
		}
		to.ServeHTTP(rw, r)
	})
	dir, err := statedir.Open(w.settings.StateDir)
	w.try(err)
	w.home = &household{counters: newCounters(prometheus.NewRegistry()), dir: dir, budget: newBudget(w.settings, dir)}
	w.try(w.home.load(w.settings))
	w.home.start(context.Background(), w.settings)
	defer func() { w.home.halt() }()

	ended := make(chan struct{})
	var failed error
	talk := newTranscript()
	go func() {
		defer close(ended)
		failed = Backfill(h.t.Context(), h.settings, BackfillOptions{}, newTranscript(), talk)
	}()
	defer func() { <-ended }()
	anna := w.id("Anna")
	for range 3 {
		n := <-changes
		h.sim.Advance(2 * time.Minute)
		w.upset(anna, n)
	}
	<-ended
	if failed != nil {
		t.Fatalf("%v\n%s", failed, talk)
	}
	h.sim.Advance(70 * time.Minute) // the window of nights and of what has gone is due
	w.polled()
	holds(t, db, pastOf(h.sim))
}

// polled waits until everybody has been polled from beginning to end.
func (w *world) polled() {
	w.t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for _, m := range w.home.list() {
		id := w.id(m.State.Profile())
		before := w.sim.Count("getdevice", id, 0)
		for w.sim.Count("getdevice", id, 0) < before+3 { // once in a poll: from the second to the third is a whole one
			<-look.C
		}
	}
}
