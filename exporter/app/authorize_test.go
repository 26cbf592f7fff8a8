package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter/internal/testserver"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/statedir"
)

// cloudStart is when the simulated clouds of these tests begin.
var cloudStart = time.Date(2026, 7, 15, 9, 0, 0, 0, time.UTC)

// stage is a simulated Withings on loopback, and the settings to reach it. Its
// clock stands still unless the test moves it.
type stage struct {
	t        *testing.T
	sim      *simulator.Cloud
	settings Settings
	log      *logBook
}

func newStage(t *testing.T) *stage { return newStageWith(t, simulator.Switches{}) }

func newStageWith(t *testing.T, switches simulator.Switches) *stage {
	t.Helper()
	switches.Limiter.Limit = simulator.Unlimited
	return newStageOf(t, simulator.Options{Years: 1, Switches: switches})
}

// stageOptions are those of a household in a world that stands still.
func stageOptions(o simulator.Options) simulator.Options {
	o.Seed, o.Start, o.Now = 7, cloudStart, func() time.Time { return cloudStart }
	return o
}

// newStageOf is a stage with a household of its own.
func newStageOf(t *testing.T, o simulator.Options) *stage {
	t.Helper()
	sim := simulator.New(stageOptions(o))
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	log := &logBook{}
	return &stage{t: t, sim: sim, log: log, settings: Settings{
		StateDir: filepath.Join(t.TempDir(), "state"), RedirectURL: "http://localhost:8019/auth/external/callback",
		ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
		APIURL: server.URL, AccountURL: server.URL, RateLimit: 100_000, PollInterval: 5 * time.Minute,
		Now: sim.Now, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}}
}

// attempt is one run of the auth command.
type attempt struct {
	t        *testing.T
	out, err *transcript
	ended    chan struct{}
	result   error // to be read after ended
}

// begin runs the auth command. A nil input is an empty one.
func (s *stage) begin(ctx context.Context, o AuthorizeOptions, in io.Reader) *attempt {
	s.t.Helper()
	if in == nil {
		in = strings.NewReader("")
	}
	a := &attempt{t: s.t, out: newTranscript(), err: newTranscript(), ended: make(chan struct{})}
	go func() {
		defer close(a.ended)
		a.result = Authorize(ctx, s.settings, o, in, a.out, a.err)
	}()
	s.t.Cleanup(func() { <-a.ended })
	return a
}

// run is begin until the end.
func (s *stage) run(o AuthorizeOptions, in io.Reader) (*attempt, error) {
	s.t.Helper()
	a := s.begin(s.t.Context(), o, in)
	return a, a.wait()
}

func (a *attempt) wait() error {
	<-a.ended
	return a.result
}

var (
	addressLine = regexp.MustCompile(`(?m)^(http\S+/oauth2_user/authorize2\?\S+)$`)
	waitingLine = regexp.MustCompile(`Waiting on (\S+)`)
)

// address is the one to open, which stands on a line of its own.
func (a *attempt) address() string {
	a.t.Helper()
	return a.out.await(a.t, addressLine, a.ended)
}

// back is where the browser goes from Withings, led to where it is waited for.
func (a *attempt) back(u *url.URL) string {
	a.t.Helper()
	there := *u
	there.Host = a.err.await(a.t, waitingLine, a.ended)
	return there.String()
}

// allow does at Withings' page what a person does, and returns where that ends.
func (a *attempt) allow(person string) *url.URL {
	a.t.Helper()
	back, err := simulator.Consent(a.t.Context(), http.DefaultClient, a.address(), person)
	if err != nil {
		a.t.Fatal(err)
	}
	return back
}

// get opens an address and returns status and text of the page.
func get(t *testing.T, address string) (int, string) {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// anywhere lets the system pick the port the browser is waited for on.
const anywhere = "127.0.0.1:0"

// freePort is a port of this machine that nobody listens on at the moment.
func freePort(t *testing.T) int {
	t.Helper()
	address, err := net.ResolveTCPAddr("tcp", testserver.FreeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	return address.Port
}

// authorize signs a profile in through the page, as a person.
func (s *stage) authorize(profile, person string, force bool) (*attempt, string, error) {
	s.t.Helper()
	a := s.begin(s.t.Context(), AuthorizeOptions{Profile: profile, NoBrowser: true, Listen: anywhere, Force: force}, nil)
	_, page := get(s.t, a.back(a.allow(person)))
	return a, page, a.wait()
}

// mustAuthorize is authorize where nothing may go wrong.
func (s *stage) mustAuthorize(profile, person string) {
	s.t.Helper()
	if _, _, err := s.authorize(profile, person, false); err != nil {
		s.t.Fatal(err)
	}
}

// store is the token file of a profile.
func (s *stage) store(profile string) *auth.Store {
	s.t.Helper()
	dir, err := statedir.Open(s.settings.StateDir)
	if err != nil {
		s.t.Fatal(err)
	}
	return auth.NewStore(dir, profile, s.settings.ClientID, s.settings.Now)
}

// content is the token file of a profile, "" if there is none.
func (s *stage) content(profile string) string {
	s.t.Helper()
	data, err := os.ReadFile(s.store(profile).Path())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.t.Fatal(err)
	}
	return string(data)
}

// works fails unless Withings takes the stored token.
func (s *stage) works(profile string) {
	s.t.Helper()
	token, err := s.store(profile).Peek()
	if err != nil {
		s.t.Fatal(err)
	}
	form := url.Values{"action": {"getdevice"}, "access_token": {token.AccessToken}}
	answer, err := http.PostForm(s.settings.APIURL+"/v2/user", form)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || !strings.HasPrefix(string(body), `{"status":0`) {
		s.t.Errorf("Withings answers %.80s, %v, want status 0", body, err)
	}
}

// person is somebody of the simulated household.
func (s *stage) person(name string) simulator.Person {
	s.t.Helper()
	for _, p := range s.sim.People() {
		if p.Name == name {
			return p
		}
	}
	s.t.Fatalf("nobody is called %s", name)
	return simulator.Person{}
}

// transcript keeps what was written, and lets a test wait for a part of it.
type transcript struct {
	mu      sync.Mutex // guards what follows
	text    strings.Builder
	changed chan struct{} // closed and made anew with every change
}

func newTranscript() *transcript { return &transcript{changed: make(chan struct{})} }

func (b *transcript) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.changed)
	b.changed = make(chan struct{})
	return b.text.Write(p)
}

func (b *transcript) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// await returns the first group of the pattern once it has been written.
func (b *transcript) await(t *testing.T, pattern *regexp.Regexp, ended <-chan struct{}) string {
	t.Helper()
	for {
		b.mu.Lock()
		text, changed := b.text.String(), b.changed
		b.mu.Unlock()
		if found := pattern.FindStringSubmatch(text); found != nil {
			return found[1]
		}
		select {
		case <-changed:
		case <-ended:
			if found := pattern.FindStringSubmatch(b.String()); found != nil {
				return found[1]
			}
			t.Fatalf("it ended without %s; it wrote:\n%s", pattern, b)
		}
	}
}

// says fails for every part that is not in the text, whatever its line breaks.
func says(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(text), " ")
	for _, part := range parts {
		if !strings.Contains(flat, part) {
			t.Errorf("%s does not say %q:\n%s", what, part, text)
		}
	}
}
