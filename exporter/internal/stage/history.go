package stage

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/testserver"
	"withings-exporter/exporter/transfer"
)

// HistoryYears is how many years of data people have in these tests.
var HistoryYears = testrun.Scale(1, 4)

// History is a stage whose people have years of data. Withings is reached through a
// gate, where tests can change requests.
type History struct {
	*Stage
	Gate *Gate
}

// NewHistory signs in Anna and Ben. Their requests have no rate limit.
func NewHistory(t *testing.T) *History {
	t.Helper()
	s := NewOf(t, AnnaAndBen())
	s.Settings.Profiles = []string{"Anna", "Ben"}
	if err := signin.SignIn(t.Context(), s.Settings); err != nil {
		t.Fatal(err)
	}
	h := &History{Stage: s, Gate: &Gate{To: s.Sim}}
	s.Settings.APIURL = h.Gate.Open(t)
	return h
}

// AnnaAndBen are the people of these tests: one has every device, the other does not.
func AnnaAndBen() simulator.Options {
	return simulator.Options{People: 2, Years: HistoryYears, Switches: simulator.Switches{
		Limiter: simulator.Limiter{Limit: simulator.Unlimited},
	}}
}

// Into sends every reading to a database, which may have its own gate.
func (h *History) Into(url string, db *testserver.InfluxServer) {
	h.Settings.Influx = command.Influx{URL: url, Org: db.Org, Bucket: db.Bucket, Token: db.Token}
}

// backfill runs a backfill in this process and returns what it told.
func (h *History) backfill(o transfer.Options) (told string, err error) {
	var out, talk bytes.Buffer
	err = transfer.Run(h.T.Context(), h.Settings, o, &out, &talk)
	return out.String() + talk.String(), err
}

// MustBring runs a backfill that must succeed, and returns its output.
func (h *History) MustBring(o transfer.Options) string {
	h.T.Helper()
	told, err := h.backfill(o)
	if err != nil {
		h.T.Fatalf("%v\n%s", err, told)
	}
	return told
}

// Past is everything that a database must contain for some people.
type Past struct {
	Points []tally.Point
	Sums   tally.Sums
}

// PastOf returns that of everybody in a simulated Withings now.
func PastOf(sim *simulator.Cloud) Past {
	var all []tally.Point
	for _, p := range sim.People() {
		all = append(all, truth.Points(sim, p, time.Time{}, time.Time{})...)
	}
	return Past{all, tally.Sum(all)}
}

// Untouched is the past of the people before a test changes it. It is the same for
// all tests and computed once.
var Untouched = sync.OnceValue(func() Past { return PastOf(simulator.New(Options(AnnaAndBen()))) })

// Holds fails the test unless counts and sums of every series in a database are
// those of the past.
func Holds(t *testing.T, db *testserver.InfluxServer, want Past) {
	t.Helper()
	Complain(t, db.Sums().Of(truth.Covers).Differences(want.Sums))
}

// Complain reports the first differences, and how many there are.
func Complain(t *testing.T, lines []string) {
	t.Helper()
	const enough = 10
	if len(lines) > 0 {
		t.Errorf("%d differences from the truth:\n%s", len(lines), strings.Join(lines[:min(len(lines), enough)], "\n"))
	}
}

// Gate is a proxy in front of a server.
type Gate struct {
	To http.Handler

	mu      sync.Mutex // guards what follows
	passed  int
	meddler meddler
}

// meddler handles the n-th request, from 1: it passes it on to the server, or not.
type meddler func(n int, w http.ResponseWriter, r *http.Request, to http.Handler)

// Open starts the gate and returns its address.
func (g *Gate) Open(t testing.TB) string {
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	return server.URL
}

// Meddle sets how requests are handled from now on; nil passes them on.
func (g *Gate) Meddle(m meddler) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.meddler = m
}

// Count returns how many requests have come.
func (g *Gate) Count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.passed
}

// ServeHTTP implements http.Handler.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	g.passed++
	n, m := g.passed, g.meddler
	g.mu.Unlock()
	if m == nil {
		g.To.ServeHTTP(w, r)
		return
	}
	m(n, w, r, g.To)
}

// Pages returns how many requests it takes to read everything once: the number of
// pages in the simulator.
func Pages(sim *simulator.Cloud) int {
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
		hearts, sounds := sim.Hearts(p.ID, from, to), 0
		for _, h := range hearts {
			if h.StethoID != 0 {
				sounds++
			}
		}
		for _, list := range []struct{ rows, size int }{
			{measures, 250}, {objectives, 250}, {len(sim.Days(p.ID, from, to)), 200},
			{len(sim.Nights(p.ID, from, to)), 300}, {len(sim.Workouts(p.ID, from, to)), 200},
			{len(hearts), 200}, {sounds, 200},
		} {
			n += max((list.rows+list.size-1)/list.size, 1)
		}
	}
	return n
}
