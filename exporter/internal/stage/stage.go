package stage

import (
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// CloudStart is the time at which the simulated clouds of these tests start.
var CloudStart = time.Date(2026, 7, 15, 9, 0, 0, 0, time.UTC)

// Stage is a simulated Withings on loopback, and the settings to reach it. Its clock
// stands still unless the test moves it.
type Stage struct {
	T        *testing.T
	Sim      *simulator.Cloud
	Settings command.Settings
	Log      *LogBook
}

// New returns a stage whose people have a year of data.
func New(t *testing.T) *Stage { return NewWith(t, simulator.Switches{}) }

// NewWith returns one with switches for what is uncertain about the API.
func NewWith(t *testing.T, switches simulator.Switches) *Stage {
	t.Helper()
	switches.Limiter.Limit = simulator.Unlimited
	return NewOf(t, simulator.Options{Years: 1, Switches: switches})
}

// Options returns the options for people whose clock stands still.
func Options(o simulator.Options) simulator.Options {
	o.Seed, o.Start, o.Now = 7, CloudStart, func() time.Time { return CloudStart }
	return o
}

// NewOf returns a stage with given people.
func NewOf(t *testing.T, o simulator.Options) *Stage {
	t.Helper()
	sim := simulator.New(Options(o))
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	log := &LogBook{}
	return &Stage{T: t, Sim: sim, Log: log, Settings: command.Settings{
		StateDir: filepath.Join(t.TempDir(), "state"), RedirectURL: "http://localhost:8019/auth/external/callback",
		ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
		APIURL: server.URL, AccountURL: server.URL, RateLimit: 100_000, PollInterval: 5 * time.Minute,
		Now: sim.Now, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}}
}

// Get requests a URL and returns status and body.
func Get(t *testing.T, address string) (int, string) {
	t.Helper()
	status, text, err := testrun.Answer(address)
	if err != nil {
		t.Fatal(err)
	}
	return status, text
}

// Person is one of the simulated people.
func (s *Stage) Person(name string) simulator.Person {
	s.T.Helper()
	for _, p := range s.Sim.People() {
		if p.Name == name {
			return p
		}
	}
	s.T.Fatalf("there is no person called %s", name)
	return simulator.Person{}
}
