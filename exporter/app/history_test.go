package app

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testserver"
	"withings-exporter/exporter/truth"
	"withings-exporter/exporter/truth/tally"
)

// history is a stage whose people have years behind them. Withings is reached
// through a gate, at which tests meddle with requests.
type history struct {
	*stage
	gate *gate
}

// newHistory signs people in who have so many years behind them. Nothing limits
// the rate of requests.
func newHistory(t *testing.T, years int, people ...string) *history {
	t.Helper()
	s := newStageOf(t, simulator.Options{Years: years, Switches: simulator.Switches{
		Limiter: simulator.Limiter{Limit: simulator.Unlimited},
	}})
	s.settings.Profiles = people
	if err := SignIn(t.Context(), s.settings); err != nil {
		t.Fatal(err)
	}
	h := &history{stage: s, gate: &gate{to: s.sim}}
	s.settings.APIURL = h.gate.open(t)
	return h
}

// into has every reading go to a database.
func (h *history) into(url string, db *testserver.InfluxServer) {
	h.settings.Influx = Influx{URL: url, Org: db.Org, Bucket: db.Bucket, Token: db.Token}
}

// bring runs a backfill in this process and returns what it told.
func (h *history) bring(o BackfillOptions) (told string, err error) {
	var out, talk bytes.Buffer
	err = Backfill(h.t.Context(), h.settings, o, &out, &talk)
	return out.String() + talk.String(), err
}

func (h *history) mustBring(o BackfillOptions) string {
	h.t.Helper()
	told, err := h.bring(o)
	if err != nil {
		h.t.Fatalf("%v\n%s", err, told)
	}
	return told
}

// points is everything a database must hold of everybody.
func (h *history) points() []tally.Point {
	h.t.Helper()
	var all []tally.Point
	for _, name := range h.settings.Profiles {
		all = append(all, truth.Points(h.sim, h.person(name), time.Time{}, time.Time{})...)
	}
	if len(all) < 1000 {
		h.t.Fatalf("the simulated history has %d values, too few to prove anything", len(all))
	}
	return all
}

// kept compares counts and sums of every series in a database with the truth.
func (h *history) kept(db *testserver.InfluxServer) {
	h.t.Helper()
	complain(h.t, db.Sums().Of(truth.Covers).Differences(tally.Sum(h.points())))
}

// complain tells the first differences, and how many there are.
func complain(t *testing.T, lines []string) {
	t.Helper()
	const enough = 10
	if len(lines) > 0 {
		t.Errorf("%d differences from the truth:\n%s", len(lines), strings.Join(lines[:min(len(lines), enough)], "\n"))
	}
}

// gate is in front of a server.
type gate struct {
	to http.Handler

	mu      sync.Mutex // guards what follows
	passed  int
	meddler meddler
}

// meddler decides what becomes of the n-th request, counted from 1: it passes it on to
// the handler, or does not.
type meddler func(n int, w http.ResponseWriter, r *http.Request, to http.Handler)

// open returns the address of the gate.
func (g *gate) open(t testing.TB) string {
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	return server.URL
}

// meddle has requests treated otherwise from now on; nil lets them pass.
func (g *gate) meddle(m meddler) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.meddler = m
}

// count is how many requests have come.
func (g *gate) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.passed
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	g.passed++
	n, m := g.passed, g.meddler
	g.mu.Unlock()
	if m == nil {
		g.to.ServeHTTP(w, r)
		return
	}
	m(n, w, r, g.to)
}

func TestACleanBackfillIsTheTruthAndAnotherAsksNothing(t *testing.T) {
	db := testserver.Influx(t)
	h := newHistory(t, 5, "Anna", "Ben")
	h.into(db.URL, db)
	h.mustBring(BackfillOptions{})
	first := h.gate.count()
	complain(t, tally.Differences(covered(db.Points()), h.points()))
	told := h.mustBring(BackfillOptions{})
	if again := h.gate.count() - first; again != 0 {
		t.Errorf("the second run makes %d requests after %d of the first", again, first)
	}
	says(t, "the second run", told, "nothing to bring: InfluxDB has it all")
	h.kept(db)
	t.Logf("%d requests, %d values", first, len(h.points()))
}

// covered are the points that the truth tells of.
func covered(points []tally.Point) []tally.Point {
	var all []tally.Point
	for _, p := range points {
		if truth.Covers(p.Key()) {
			all = append(all, p)
		}
	}
	return all
}

