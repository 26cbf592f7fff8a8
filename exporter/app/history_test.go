package app

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter/internal/testserver"
	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
)

// historyYears is how much people have behind them in these tests.
const historyYears = 4

// history is a stage whose people have years behind them. Withings is reached
// through a gate, at which tests meddle with requests.
type history struct {
	*stage
	gate *gate
}

// newHistory signs Anna and Ben in. Nothing limits the rate of their requests.
func newHistory(t *testing.T) *history {
	t.Helper()
	s := newStageOf(t, annaAndBen())
	s.settings.Profiles = []string{"Anna", "Ben"}
	if err := SignIn(t.Context(), s.settings); err != nil {
		t.Fatal(err)
	}
	h := &history{stage: s, gate: &gate{to: s.sim}}
	s.settings.APIURL = h.gate.open(t)
	return h
}

// annaAndBen are the people of these tests: two, so that the counts are of one who
// has every device and one who has not.
func annaAndBen() simulator.Options {
	return simulator.Options{People: 2, Years: historyYears, Switches: simulator.Switches{
		Limiter: simulator.Limiter{Limit: simulator.Unlimited},
	}}
}

// into has every reading go to a database, which may have a gate of its own.
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

// past is everything that a database must hold of a household.
type past struct {
	points []tally.Point
	sums   tally.Sums
}

// pastOf is that of everybody of a simulated household, at this moment.
func pastOf(sim *simulator.Cloud) past {
	var all []tally.Point
	for _, p := range sim.People() {
		all = append(all, truth.Points(sim, p, time.Time{}, time.Time{})...)
	}
	return past{all, tally.Sum(all)}
}

// untouched is the past of the household as it is before a test changes it: the
// same for all, and worked out once.
var untouched = sync.OnceValue(func() past { return pastOf(simulator.New(stageOptions(annaAndBen()))) })

// holds fails unless counts and sums of every series in a database are those of
// the past.
func holds(t *testing.T, db *testserver.InfluxServer, want past) {
	t.Helper()
	complain(t, db.Sums().Of(truth.Covers).Differences(want.sums))
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

// meddler decides what becomes of the n-th request, counted from 1: it passes it
// on to the server, or does not.
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

// pages is how many requests it takes to read everything once, as the
// simulator has it: the pages that exist.
func pages(sim *simulator.Cloud) int {
	n := 0
	for _, p := range sim.People() {
		from, to := p.Since.AddDate(0, 0, -2), sim.Now().AddDate(0, 0, 2)
		measures, objectives := 0, 0
		for _, g := range sim.Measures(p.ID, time.Unix(1, 0), to) {
			if g.Category == 2 {
				objectives++
			} else {
				measures++
			}
		}
		for _, list := range []struct{ rows, size int }{
			{measures, 250}, {objectives, 250}, {len(sim.Days(p.ID, from, to)), 200},
			{len(sim.Nights(p.ID, from, to)), 300}, {len(sim.Workouts(p.ID, from, to)), 200},
		} {
			n += max((list.rows+list.size-1)/list.size, 1)
		}
	}
	return n
}

func TestACleanBackfillIsTheTruthAndAnotherAsksNothing(t *testing.T) {
	t.Parallel()
	db := testserver.Influx(t)
	h := newHistory(t)
	h.into(db.URL, db)
	h.mustBring(BackfillOptions{})
	first := h.gate.count()
	complain(t, tally.Differences(slices.DeleteFunc(db.Points(), func(p tally.Point) bool { return !truth.Covers(p.Key()) }), untouched().points))

	told := h.mustBring(BackfillOptions{})
	if again := h.gate.count() - first; again != 0 {
		t.Errorf("the second run makes %d requests after %d of the first", again, first)
	}
	says(t, "the second run", told, "InfluxDB is already up to date")
	t.Logf("%d requests where there are %d pages, %d values", first, pages(h.sim), len(untouched().points))

	h.sim.Advance(26 * time.Hour)
	before := h.gate.count()
	h.mustBring(BackfillOptions{})
	if news := h.gate.count() - before; news > 2*2*7 {
		t.Errorf("a day later a run makes %d requests, want what is new of seven services of two people", news)
	}
}
