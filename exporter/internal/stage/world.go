package stage

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/auth"
	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/prom"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/withings"
)

// World is the exporter and a simulated Withings in one synctest bubble, connected by
// pipes: hours pass at once, and nothing leaves the process.
type World struct {
	T        *testing.T
	Sim      *simulator.Cloud
	Settings command.Settings
	Set      *profiles.Set
	gatherer *prom.Gatherer
	Log      *LogBook
	// Door is where Withings sends notifications, if Settings.ExternalURL is DoorURL.
	Door *Door
	// Entrance is behind the door once polling has started; nil means the receiver of the profiles'
	// notifications.
	Entrance http.Handler
}

// InWorld runs a test in a world whose people have signed in and been polled once.
func InWorld(t *testing.T, f func(w *World)) {
	t.Helper()
	InWorldPolled(t, 5*time.Minute, simulator.Switches{}, f)
}

// InWorldPolled does the same with another time between two polls, and with switches
// for what is uncertain about the API.
func InWorldPolled(t *testing.T, every time.Duration, switches simulator.Switches, f func(w *World)) {
	t.Helper()
	t.Parallel() // much of a world's time goes into syncing files
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := NewWorld(t, dir, switches)
		w.Settings.PollInterval = every
		w.Start()
		defer func() { w.Set.Halt() }()
		w.Pass(4 * time.Minute)
		f(w)
	})
}

// InWorldTold runs a test in a world that Withings tells of what happens: the door leads to
// the exporter, and the simulator plays its notifications. The people have been polled once.
func InWorldTold(t *testing.T, every time.Duration, switches simulator.Switches, f func(w *World)) {
	t.Helper()
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := NewWorld(t, dir, switches)
		w.Settings.PollInterval, w.Settings.ExternalURL = every, DoorURL
		w.Play()
		w.Start()
		defer func() { w.Set.Halt() }()
		w.Pass(4 * time.Minute)
		f(w)
	})
}

// InBubbleOf runs a test in a world in which polling has not started.
func InBubbleOf(t *testing.T, dir string, f func(w *World)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(NewWorld(t, dir, simulator.Switches{})) })
}

// NewWorld signs in everybody; polling has not started.
func NewWorld(t *testing.T, dir string, switches simulator.Switches) *World {
	door := &Door{}
	sim := simulator.New(simulator.Options{
		Seed: 7, Years: 1, Start: time.Date(2026, 7, 15, 9, 0, 0, 0, time.UTC), Now: time.Now, Switches: switches,
		Callbacks: &http.Client{Transport: door},
	})
	log := &LogBook{}
	w := &World{T: t, Sim: sim, Log: log, Door: door, Settings: command.Settings{
		StateDir: dir, ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
		RedirectURL: "http://localhost:8019/auth/external/callback",
		APIURL:      "http://withings.test", AccountURL: "http://withings.test",
		Profiles: []string{"Anna", "Ben", "Carla"}, RateLimit: 100, PollInterval: 5 * time.Minute,
		Now: sim.Now, HTTP: pipe(t, sim), Own: &http.Client{Transport: door}, Log: slog.New(slog.NewTextHandler(log, nil)),
	}}
	w.SignIn()
	return w
}

// Start loads everything from the state directory and starts polling.
func (w *World) Start() {
	w.T.Helper()
	registry := prometheus.NewRegistry()
	var err error
	if w.Set, err = profiles.Open(w.Settings, registry); err != nil {
		w.T.Fatal(err)
	}
	if err := w.Set.Load(w.Settings); err != nil {
		w.T.Fatal(err)
	}
	w.gatherer = prom.NewGatherer(w.Set.Shown, prom.Others{Registry: registry}, w.Settings.Now)
	if w.Settings.ExternalURL == DoorURL {
		entrance := w.Entrance
		if entrance == nil {
			entrance = w.Set.Receiver
		}
		w.Door.Open(entrance)
	}
	w.Set.Start(context.Background(), w.Settings)
}

// Play has the simulator send its notifications when they are due, until the test ends.
func (w *World) Play() {
	ctx, cancel := context.WithCancel(context.Background())
	var playing sync.WaitGroup
	playing.Go(func() { w.Sim.Play(ctx) })
	w.T.Cleanup(func() {
		cancel()
		playing.Wait()
	})
}

// SignIn authorises everybody.
func (w *World) SignIn() {
	w.T.Helper()
	if err := signin.SignIn(context.Background(), w.Settings); err != nil {
		w.T.Fatal(err)
	}
}

// Pass lets time pass in the bubble.
func (w *World) Pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// ID returns Withings' number of a person.
func (w *World) ID(name string) int64 {
	for _, p := range w.Sim.People() {
		if p.Name == name {
			return p.ID
		}
	}
	w.T.Fatalf("there is no person called %s", name)
	return 0
}

// Series returns what a scrape shows now: values by name and labels.
func (w *World) Series() map[string]float64 {
	w.T.Helper()
	families, err := w.gatherer.Gather()
	if err != nil {
		w.T.Fatal(err)
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

// Stale lists the services of a profile whose last success is longer ago than a
// duration, but for those that are asked once a day.
func (w *World) Stale(profile string, longest time.Duration) []string {
	return w.older(profile, func(exporter.Service) time.Duration { return longest })
}

// quietest is how long a service may go unasked of which no device can tell.
const quietest = 3 * time.Hour

// Overdue lists those whose last success is longer ago than a duration, which is more for
// what is not asked at every poll: as long as its row says, or as may be without a device.
func (w *World) Overdue(profile string, longest time.Duration) []string {
	often := []exporter.Service{exporter.Device}
	for _, m := range w.Set.List() {
		if m.State.Profile() == profile {
			often = append(often, m.Status.Condition().Sign.Unheeded...)
		}
	}
	return w.older(profile, func(service exporter.Service) time.Duration {
		leader := cmp.Or(service.Row().Follows, service)
		if slices.Contains(often, leader) {
			return longest
		}
		return longest + max(leader.Row().Net, quietest)
	})
}

// older lists the services of a profile whose last success is longer ago than they may be,
// but for those that are asked once a day.
func (w *World) older(profile string, most func(exporter.Service) time.Duration) []string {
	var all []string
	shown := w.Series()
	for _, service := range exporter.Asked() {
		if slices.ContainsFunc(w.Set.List(), func(m *profiles.Member) bool {
			return m.State.Profile() == profile && slices.Contains(m.Status.Condition().Rare, service)
		}) {
			continue
		}
		at := shown["withings_last_success_timestamp_seconds{profile="+profile+",service="+string(service)+"}"]
		if age := w.Sim.Now().Sub(time.UnixMilli(int64(at * 1000))); age > most(service) {
			all = append(all, string(service)+" "+age.String())
		}
	}
	return all
}

// pipe serves h over pipes and returns a client for it.
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

// LogBook keeps log output.
type LogBook struct {
	mu   sync.Mutex // guards text
	text strings.Builder
}

// Write implements io.Writer.
func (l *LogBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns what was logged so far.
func (l *LogBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Allow authorises a person for some scopes; known is whether the token names them.
func (w *World) Allow(name string, known bool, scopes ...string) {
	w.T.Helper()
	ctx := context.Background()
	s := w.Settings
	app := &auth.App{ClientID: s.ClientID, ClientSecret: s.ClientSecret, RedirectURL: s.RedirectURL,
		AccountURL: s.AccountURL, APIURL: s.APIURL, Now: s.Now, HTTPClient: s.HTTP}
	address := strings.Replace(app.AuthCodeURL("x"), url.QueryEscape(strings.Join(auth.Scopes, ",")), url.QueryEscape(strings.Join(scopes, ",")), 1)
	back, err := simulator.Consent(ctx, s.HTTP, address, name)
	if err != nil {
		w.T.Fatal(err)
	}
	token, err := app.Exchange(ctx, back.Query().Get("code"))
	if err != nil {
		w.T.Fatal(err)
	}
	if !known {
		token.Scope = ""
	}
	dir, err := statedir.Open(s.StateDir)
	if err != nil {
		w.T.Fatal(err)
	}
	if err := auth.NewStore(dir, name, s.ClientID, s.Now).Save(ctx, token); err != nil {
		w.T.Fatal(err)
	}
}

// Try ends the test on an error.
func (w *World) Try(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}
