package transfer_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/rude"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testserver"
	"withings-exporter/exporter/transfer"
)

// kept lists what a database keeps, of devices and goals excepted.
func kept(db *rude.Peer) []tally.Point {
	return slices.DeleteFunc(db.Points(), func(p tally.Point) bool { return !truth.Covers(p.Key()) })
}

// piped has a world write to a database that is connected by pipes, too.
func piped(w *stage.World, behaviour rude.Behaviour) *rude.Peer {
	db := rude.Pipe(w.T, behaviour)
	w.Settings.Influx = command.Influx{URL: db.URL, Org: "any", Bucket: "b", Token: "t", HTTP: db.Client()}
	return db
}

// TestServeKeepsAllThatWithingsTellsThroughAnOutageAndARestart lets days pass
// with late, corrected and deleted readings and revised nights, the database
// down for hours among them, and the exporter started anew meanwhile.
func TestServeKeepsAllThatWithingsTellsThroughAnOutageAndARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := stage.NewWorld(t, dir, simulator.Switches{})
		db := piped(w, rude.Influx1)
		w.Settings.Profiles, w.Settings.PollInterval = []string{"Anna"}, 30*time.Minute
		w.Start()
		defer func() { w.Set.Halt() }()
		w.Pass(time.Hour)
		stored(w, db)

		anna := w.ID("Anna")
		const watch = 94 // what it measures now arrives after the outage, and later than a day
		w.Try(w.Sim.DelayDevice(anna, watch, w.Sim.Now(), w.Sim.Now().Add(30*time.Hour)))
		upset(w, anna, 0)
		w.Pass(7 * time.Hour)
		db.Set(rude.Status(http.StatusServiceUnavailable))
		upset(w, anna, 1)
		w.Pass(5 * time.Hour)
		w.Set.Halt()
		upset(w, anna, 2)
		w.Pass(2 * time.Hour)
		w.Start()
		w.Pass(3 * time.Hour)
		db.Set(rude.Influx1)
		w.Pass(5 * time.Hour)
		upset(w, anna, 3)
		w.Pass(30 * time.Hour)
		stored(w, db)
		revised(w, db)
	})
}

// upset changes what Withings has of a person, each time something else of it: a
// weigh-in of long ago and one of the last days, a night, and one weigh-in goes.
func upset(w *stage.World, user int64, n int) {
	w.T.Helper()
	now := w.Sim.Now()
	old := w.Sim.Measures(user, now.AddDate(0, 0, -200), now.AddDate(0, 0, -40))
	last := w.Sim.Measures(user, now.AddDate(0, 0, -20), now)
	w.Try(w.Sim.CorrectGroup(user, old[10*n].ID, old[10*n].Measures[0].Type, 4321+int64(n), -2))
	w.Try(w.Sim.CorrectGroup(user, last[5*n].ID, last[5*n].Measures[0].Type, 1234+int64(n), -2))
	w.Try(w.Sim.DeleteGroup(user, last[5*n+2].ID))
	nights := w.Sim.Nights(user, now.AddDate(0, 0, -12), now.AddDate(0, 0, -3))
	w.Try(w.Sim.ReviseNight(user, nights[n].ID, -time.Duration(5+10*n)*time.Minute))
}

// stored compares the database with the truth up to yesterday: what is of today
// changes between two polls. Of measures that is everything, of the others what
// has been since the exporter first looked, and the weeks before: what lies
// further back is for a backfill. Of minutes it is the day before that.
func stored(w *stage.World, db *rude.Peer) {
	w.T.Helper()
	settled := w.Sim.Now().Add(-24 * time.Hour)
	beyond := func(p tally.Point) bool {
		m := rowsByField[p.Measurement+" "+p.Field]
		return !p.Time.Before(settled) || p.Time.Before(stage.CloudStart.AddDate(0, 0, -28)) && m.Service != exporter.Measure && m.Service != exporter.Objective
	}
	for _, p := range w.Sim.People() {
		if p.Name == "Anna" {
			want := truth.Points(w.Sim, p, time.Time{}, time.Time{})
			stage.Complain(w.T, tally.Differences(slices.DeleteFunc(kept(db), beyond), slices.DeleteFunc(want, beyond)))
			minutes := truth.Minutes(w.Sim, p, stage.CloudStart.Add(-24*time.Hour), settled)
			stage.Complain(w.T, tally.Differences(alike(db.Points(), minutes), minutes))
			if len(minutes) == 0 {
				w.T.Error("there are no minutes")
			}
		}
	}
}

// revised compares the minutes of nights that were changed since the exporter first
// looked, when it read the last day alone.
func revised(w *stage.World, db *rude.Peer) {
	w.T.Helper()
	n := 0
	for _, p := range w.Sim.People() {
		for _, night := range w.Sim.Nights(p.ID, stage.CloudStart.AddDate(0, 0, -14), stage.CloudStart.AddDate(0, 0, -2)) {
			if p.Name == "Anna" && night.Modified >= stage.CloudStart.Unix() {
				n++
				minutes := truth.Minutes(w.Sim, p, time.Unix(night.Start, 0), time.Unix(night.End, 0))
				minutes = slices.DeleteFunc(minutes, func(p tally.Point) bool { return p.Measurement != exporter.Prefix+string(exporter.GroupSleep) })
				stage.Complain(w.T, tally.Differences(alike(db.Points(), minutes), minutes))
			}
		}
	}
	if n < 3 {
		w.T.Errorf("%d nights were revised", n)
	}
}

// alike are the points that share series and time with one of some others. What is no
// longer told of a minute stays in a database.
func alike(points, others []tally.Point) []tally.Point {
	type place struct {
		tally.Key
		at int64
	}
	known := map[place]bool{}
	for _, p := range others {
		known[place{p.Key(), p.Time.Unix()}] = true
	}
	return slices.DeleteFunc(points, func(p tally.Point) bool { return !known[place{p.Key(), p.Time.Unix()}] })
}

// TestABackfillBesideAServeEndsInTheTruth has both write to one database from one
// state directory while Withings changes its mind.
func TestABackfillBesideAServeEndsInTheTruth(t *testing.T) {
	t.Parallel()
	db := testserver.Influx(t)
	h := stage.NewHistory(t)
	h.Into(db.URL, db)
	w := &stage.World{T: t, Sim: h.Sim, Settings: h.Settings, Log: h.Log}
	w.Settings.PollInterval = 100 * time.Millisecond
	changes, quarter := make(chan int, 3), stage.Pages(h.Sim)/4
	h.Gate.Meddle(func(n int, rw http.ResponseWriter, r *http.Request, to http.Handler) {
		if n%quarter == 0 && n/quarter <= 3 {
			changes <- n / quarter // they are made before the answer, or after it
		}
		to.ServeHTTP(rw, r)
	})
	var err error
	w.Set, err = profiles.Open(w.Settings, prometheus.NewRegistry())
	w.Try(err)
	w.Try(w.Set.Load(w.Settings))
	w.Set.Start(context.Background(), w.Settings)
	defer func() { w.Set.Halt() }()

	ended := make(chan struct{})
	var failed error
	talk := stage.NewTranscript()
	go func() {
		defer close(ended)
		failed = transfer.Run(h.T.Context(), h.Settings, transfer.Options{}, stage.NewTranscript(), talk)
	}()
	defer func() { <-ended }()
	anna := w.ID("Anna")
	for range 3 {
		n := <-changes
		h.Sim.Advance(2 * time.Minute)
		upset(w, anna, n)
	}
	<-ended
	if failed != nil {
		t.Fatalf("%v\n%s", failed, talk)
	}
	h.Sim.Advance(13 * time.Hour) // the window of nights and of what has gone is due
	w.Set.Halt()                  // sessions have it read later, by the clock of the machine; after a start it is read at once
	w.Set, err = profiles.Open(w.Settings, prometheus.NewRegistry())
	w.Try(err)
	w.Try(w.Set.Load(w.Settings))
	w.Set.Start(context.Background(), w.Settings)
	polled(w)
	stage.Holds(t, db, stage.PastOf(h.Sim))
}

// polled waits until everybody has been polled from beginning to end, which is seen by the requests for devices.
func polled(w *stage.World) {
	w.T.Helper()
	ctx, cancel := context.WithTimeout(w.T.Context(), 5*time.Minute)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for _, m := range w.Set.List() {
		id := w.ID(m.State.Profile())
		before := w.Sim.Count("getdevice", id, 0)
		for w.Sim.Count("getdevice", id, 0) < before+3 { // once in a poll: from the second to the third is a whole one
			select {
			case <-look.C:
			case <-ctx.Done():
				w.T.Fatalf("%s was not polled from beginning to end: are devices among the services %q? %v", m.State.Profile(), w.Settings.Services, ctx.Err())
			}
		}
	}
}

// TestADatabaseIsBehindSinceItLacksSomething has a database go after hours in which it had everything, also what is asked rarely.
func TestADatabaseIsBehindSinceItLacksSomething(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := stage.NewWorld(t, dir, simulator.Switches{})
		db := piped(w, rude.Influx2)
		w.Settings.Profiles, w.Settings.PollInterval = []string{"Anna"}, time.Minute
		w.Start()
		defer func() { w.Set.Halt() }()
		w.Pass(6 * time.Hour)
		sink := func() exporter.SinkStatus { return *w.Set.List()[0].Status.Condition().Sink }
		if is := sink(); !is.Behind.IsZero() {
			t.Fatalf("it is behind: %+v", is)
		}
		db.Set(rude.Status(http.StatusUnauthorized))
		gone, behind := w.Settings.Now(), false
		for range 60 {
			w.Pass(time.Minute)
			is, since := sink(), w.Settings.Now().Sub(gone)
			if lag := is.Lag(w.Settings.Now()); lag > since+w.Settings.PollInterval {
				t.Fatalf("after %s it is said to be %s behind", since, lag)
			}
			if at := gone.Add(-w.Settings.PollInterval); is.Safe.Before(at) {
				t.Fatalf("it had everything at %s, and is said to have had it at %s", at, is.Safe)
			}
			behind = behind || !is.Behind.IsZero()
		}
		if !behind {
			t.Error("nothing came that it lacks")
		}
	})
}
