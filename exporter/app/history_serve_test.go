package app

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/testserver"
	"withings-exporter/exporter/truth"
	"withings-exporter/exporter/truth/tally"
)

// shelf is a database as far as it matters here, for worlds of false time, which a
// real one cannot live in: it keeps what was last written to a place, and deletes
// by time and profile.
type shelf struct {
	t *testing.T

	mu     sync.Mutex // guards what follows
	points map[tally.Key]map[int64]tally.Point
	down   bool
}

func (s *shelf) set(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

var deletion = regexp.MustCompile(`^DELETE FROM "(\w+)" WHERE "profile" = '(\w+)' AND time = (\d+)s$`)

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.down:
		w.WriteHeader(http.StatusServiceUnavailable)
	case r.URL.Path == "/api/v2/write":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		for line := range strings.Lines(string(body)) {
			s.write(strings.TrimSuffix(line, "\n"))
		}
		w.WriteHeader(http.StatusNoContent)
	case r.URL.Path == "/query":
		m := deletion.FindStringSubmatch(r.FormValue("q"))
		if m == nil {
			s.t.Errorf("not understood: %s", r.FormValue("q"))
			return
		}
		for key, moments := range s.points {
			if key.Measurement == m[1] && strings.Contains(key.Tags, `profile="`+m[2]+`"`) {
				delete(moments, seconds(s.t, m[3]))
			}
		}
		_, _ = io.WriteString(w, `{"results":[{"statement_id":0}]}`)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// write takes a line of our own. Only those of devices, of which the truth says
// nothing, have anything in them to escape.
func (s *shelf) write(line string) {
	if strings.HasPrefix(line, "withings_device,") {
		return
	}
	parts := strings.Split(line, " ")
	if len(parts) != 3 {
		s.t.Errorf("not understood: %s", line)
		return
	}
	series := strings.Split(parts[0], ",")
	tags := map[string]string{}
	for _, tag := range series[1:] {
		name, value, _ := strings.Cut(tag, "=")
		tags[name] = value
	}
	at := seconds(s.t, parts[2])
	for field := range strings.SplitSeq(parts[1], ",") {
		name, text, _ := strings.Cut(field, "=")
		value, err := tally.Parse(text)
		if err != nil {
			s.t.Error(err)
			return
		}
		p := tally.Point{Measurement: series[0], Tags: tags, Field: name, Time: time.Unix(at, 0).UTC(), Value: value}
		if s.points[p.Key()] == nil {
			s.points[p.Key()] = map[int64]tally.Point{}
		}
		s.points[p.Key()][at] = p
	}
}

func seconds(t *testing.T, text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Error(err)
	}
	return n
}

// all lists what is kept, of devices and goals excepted.
func (s *shelf) all() []tally.Point {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []tally.Point
	for key, moments := range s.points {
		if !truth.Covers(key) {
			continue
		}
		for _, p := range moments {
			all = append(all, p)
		}
	}
	return all
}

// TestServeKeepsAllThatWithingsTellsThroughAnOutageAndARestart lets days pass
// with late, corrected and deleted readings and revised nights, the database
// down for hours among them, and the exporter started anew meanwhile.
func TestServeKeepsAllThatWithingsTellsThroughAnOutageAndARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dir, simulator.Switches{})
		db := &shelf{t: t, points: map[tally.Key]map[int64]tally.Point{}}
		w.settings.Profiles, w.settings.PollInterval = []string{"Anna"}, 20*time.Minute
		w.settings.Influx = Influx{URL: "http://influx.test", Org: "any", Bucket: "b", Token: "t", HTTP: pipe(t, db)}
		w.start()
		defer func() { w.home.halt() }()
		w.pass(time.Hour)
		w.stored(db)

		anna := w.id("Anna")
		const watch = 94 // what it measures now arrives after the outage
		w.try(w.sim.DelayDevice(anna, watch, w.sim.Now(), w.sim.Now().Add(20*time.Hour)))
		w.upset(anna, 0)
		w.pass(7 * time.Hour)
		db.set(true)
		w.upset(anna, 1)
		w.pass(5 * time.Hour)
		w.home.halt()
		w.upset(anna, 2)
		w.pass(2 * time.Hour)
		w.start()
		w.pass(3 * time.Hour)
		db.set(false)
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
func (w *world) stored(db *shelf) {
	w.t.Helper()
	settled := w.sim.Now().Add(-24 * time.Hour)
	beyond := func(p tally.Point) bool {
		m := rowsByField[p.Measurement+" "+p.Field]
		return !p.Time.Before(settled) || p.Time.Before(cloudStart.AddDate(0, 0, -28)) && m.Service != exporter.Measure && m.Service != exporter.Objective
	}
	for _, p := range w.sim.People() {
		if p.Name == "Anna" {
			want := truth.Points(w.sim, p, time.Time{}, time.Time{})
			complain(w.t, tally.Differences(slices.DeleteFunc(db.all(), beyond), slices.DeleteFunc(want, beyond)))
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
