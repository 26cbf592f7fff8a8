package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter/prom"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/withings"
)

// world is the exporter and a simulated Withings in one bubble of false time,
// connected by pipes: hours pass in no time, and nothing leaves the process.
type world struct {
	t        *testing.T
	sim      *simulator.Cloud
	settings Settings
	home     *household
	gatherer *prom.Gatherer
	log      *logBook
}

// inWorld runs a test in a world whose people have signed in and been polled.
func inWorld(t *testing.T, f func(w *world)) {
	t.Helper()
	inWorldWith(t, simulator.Switches{}, f)
}

// inWorldWith does so where the uncertain points of the API are decided.
func inWorldWith(t *testing.T, switches simulator.Switches, f func(w *world)) {
	t.Helper()
	t.Parallel() // much of a world's time goes into syncing files
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dir, switches)
		if switches != (simulator.Switches{}) {
			w.settings.PollInterval = 20 * time.Minute // there are many of these worlds
		}
		w.start()
		defer func() { w.home.halt() }()
		w.pass(4 * time.Minute)
		f(w)
	})
}

// inBubbleOf runs a test in a world in which nobody polls yet.
func inBubbleOf(t *testing.T, dir string, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(newWorld(t, dir, simulator.Switches{})) })
}

func newWorld(t *testing.T, dir string, switches simulator.Switches) *world {
	sim := simulator.New(simulator.Options{
		Seed: 7, Years: 1, Start: time.Date(2026, 7, 15, 9, 0, 0, 0, time.UTC), Now: time.Now, Switches: switches,
	})
	log := &logBook{}
	w := &world{t: t, sim: sim, log: log, settings: Settings{
		StateDir: dir, ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
		RedirectURL: "http://localhost:8019/auth/external/callback",
		APIURL:      "http://withings.test", AccountURL: "http://withings.test",
		Profiles: []string{"Anna", "Ben", "Carla"}, RateLimit: 100, PollInterval: 5 * time.Minute,
		Now: sim.Now, HTTP: pipe(t, sim), Log: slog.New(slog.NewTextHandler(log, nil)),
	}}
	w.signIn()
	return w
}

// start loads everything from the state directory and begins to poll.
func (w *world) start() {
	w.t.Helper()
	dir, err := statedir.Open(w.settings.StateDir)
	if err != nil {
		w.t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	w.home = &household{counters: newCounters(registry), dir: dir, budget: newBudget(w.settings, dir)}
	if err := w.home.load(w.settings); err != nil {
		w.t.Fatal(err)
	}
	w.gatherer = prom.NewGatherer(w.home.shown, registry, w.settings.Now)
	w.home.start(context.Background(), w.settings)
}

// signIn authorises everybody.
func (w *world) signIn() {
	w.t.Helper()
	if err := SignIn(context.Background(), w.settings); err != nil {
		w.t.Fatal(err)
	}
}

// pass lets time pass in the bubble.
func (w *world) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// id is Withings' number of a person.
func (w *world) id(name string) int64 {
	for _, p := range w.sim.People() {
		if p.Name == name {
			return p.ID
		}
	}
	w.t.Fatalf("nobody is called %s", name)
	return 0
}

// series is what a scrape shows now: the value by name and labels.
func (w *world) series() map[string]float64 {
	w.t.Helper()
	families, err := w.gatherer.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var name strings.Builder
			name.WriteString(f.GetName())
			for i, l := range m.GetLabel() {
				name.WriteString([]string{"{", ","}[min(i, 1)] + l.GetName() + "=" + l.GetValue())
			}
			if len(m.GetLabel()) > 0 {
				name.WriteString("}")
			}
			all[name.String()] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return all
}

// stale lists the services of a profile whose last success is longer ago.
func (w *world) stale(profile string, longest time.Duration) []string {
	var all []string
	shown := w.series()
	for _, service := range []string{"measure", "activity", "sleep", "device", "goal", "objective", "workout"} {
		at := shown["withings_last_success_timestamp_seconds{profile="+profile+",service="+service+"}"]
		if age := w.sim.Now().Sub(time.UnixMilli(int64(at * 1000))); age > longest {
			all = append(all, service+" "+age.String())
		}
	}
	return all
}

// pipe serves h over pipes and returns a client of it.
func pipe(t *testing.T, h http.Handler) *http.Client {
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: h, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(l) })
	client := withings.Transport()
	transport := client.Transport.(*http.Transport)
	transport.DialContext = l.dial
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		serving.Wait()
	})
	return client
}

// pipeListener is a net.Listener of pipes.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.closed:
		return nil, errors.New("connection refused")
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// logBook keeps what was logged.
type logBook struct {
	mu   sync.Mutex // guards text
	text strings.Builder
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
