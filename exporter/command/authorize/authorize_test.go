package authorize

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"withings-exporter/auth"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/testrun"
)

// attempt is one run of the auth command.
type attempt struct {
	t        *testing.T
	out, err *stage.Transcript
	ended    chan struct{}
	result   error // to be read after ended
}

// begin runs the auth command. A nil input is an empty one.
func begin(s *stage.Stage, ctx context.Context, o Options, in io.Reader) *attempt {
	s.T.Helper()
	if in == nil {
		in = strings.NewReader("")
	}
	a := &attempt{t: s.T, out: stage.NewTranscript(), err: stage.NewTranscript(), ended: make(chan struct{})}
	go func() {
		defer close(a.ended)
		a.result = Authorize(ctx, s.Settings, o, &command.Program{In: in, Out: a.out, Err: a.err})
	}()
	s.T.Cleanup(func() { <-a.ended })
	return a
}

// run is begin until the end.
func run(s *stage.Stage, o Options, in io.Reader) (*attempt, error) {
	s.T.Helper()
	a := begin(s, s.T.Context(), o, in)
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
	return a.out.Await(a.t, addressLine, a.ended)
}

// back is where the browser goes from Withings, led to where it is waited for.
func (a *attempt) back(u *url.URL) string {
	a.t.Helper()
	there := *u
	there.Host = a.err.Await(a.t, waitingLine, a.ended)
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

// anywhere lets the system pick the port the browser is waited for on.
const anywhere = "127.0.0.1:0"

// freePort is a port of this machine that nobody listens on at the moment.
func freePort(t *testing.T) int {
	t.Helper()
	address, err := net.ResolveTCPAddr("tcp", testrun.FreeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	return address.Port
}

// authorize signs a profile in through the page, as a person.
func authorize(s *stage.Stage, profile, person string, force bool) (*attempt, string, error) {
	s.T.Helper()
	a := begin(s, s.T.Context(), Options{Profile: profile, NoBrowser: true, Listen: anywhere, Force: force}, nil)
	_, page := stage.Get(s.T, a.back(a.allow(person)))
	return a, page, a.wait()
}

// mustAuthorize is authorize where nothing may go wrong.
func mustAuthorize(s *stage.Stage, profile, person string) {
	s.T.Helper()
	if _, _, err := authorize(s, profile, person, false); err != nil {
		s.T.Fatal(err)
	}
}

// store is the token file of a profile.
func store(s *stage.Stage, profile string) *auth.Store {
	s.T.Helper()
	dir, err := statedir.Open(s.Settings.StateDir)
	if err != nil {
		s.T.Fatal(err)
	}
	return auth.NewStore(dir, profile, s.Settings.ClientID, s.Settings.Now)
}

// content is the token file of a profile, "" if there is none.
func content(s *stage.Stage, profile string) string {
	s.T.Helper()
	data, err := os.ReadFile(store(s, profile).Path())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.T.Fatal(err)
	}
	return string(data)
}

// works fails unless Withings takes the stored token.
func works(s *stage.Stage, profile string) {
	s.T.Helper()
	token, err := store(s, profile).Peek()
	if err != nil {
		s.T.Fatal(err)
	}
	form := url.Values{"action": {"getdevice"}, "access_token": {token.AccessToken}}
	answer, err := http.PostForm(s.Settings.APIURL+"/v2/user", form)
	if err != nil {
		s.T.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || !strings.HasPrefix(string(body), `{"status":0`) {
		s.T.Errorf("Withings answers %.80s, %v, want status 0", body, err)
	}
}
