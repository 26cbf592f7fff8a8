//go:build linux

package authorize

import (
	"context"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/command/check"
	"withings-exporter/exporter/daemon"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
)

// TestNoOutputOfAFullRunHoldsASecret signs people in every way, with and
// without mistakes, serves them through renewals, refusals and a revocation,
// and searches everything that came out for the client secret and for every
// code and token that Withings ever gave.
func TestNoOutputOfAFullRunHoldsASecret(t *testing.T) {
	s := stage.New(t)
	secrets := newEavesdropper(t, s)
	outputs := map[string]string{}
	took := func(name string, a *attempt) {
		outputs[name+", output"], outputs[name+", talk"] = a.out.String(), a.err.String()
		if a.result != nil {
			outputs[name+", error"] = a.result.Error()
		}
	}
	signIn := func(name string, o Options, person string) {
		o.Listen, o.NoBrowser = anywhere, true
		a := begin(s, t.Context(), o, nil)
		_, outputs[name+", page"] = stage.Get(t, a.back(a.allow(person)))
		<-a.ended
		took(name, a)
	}
	paste := func(name, profile string, text func(back string) string) {
		p := beginPaste(s, Options{Profile: profile}, false)
		p.enter(text(p.allow(profile).String()))
		<-p.ended
		took(name, p.attempt)
	}
	run := func(name string, o Options) {
		a, _ := run(s, o, nil)
		took(name, a)
	}

	signIn("sign-in", Options{Profile: "Anna"}, "Anna")
	outputs["processes"] = openedWith(s, "/proc/$$/cmdline", "/proc/$$/environ", "/proc/$PPID/cmdline")
	signIn("wrong person", Options{Profile: "Ben"}, "Anna")
	paste("pasted", "Ben", func(back string) string { return back })
	paste("pasted with a wrong state", "Ben", func(back string) string { return back + "x" })
	paste("pasted late", "Ben", func(back string) string { s.Sim.Advance(31 * time.Second); return back })
	run("demo account", Options{Demo: true})
	echo(s, "requesttoken")
	signIn("refused exchange", Options{Profile: "Carla"}, "Carla")
	s.Sim.Clear()
	signIn("third", Options{Profile: "Carla"}, "Carla")
	run("list", Options{List: true})
	for _, profile := range []string{"Anna", "Ben", "Carla"} {
		s.Sim.Advance(4 * time.Hour)
		outputs["served after "+profile] = serveOnce(s, profile)
		var said strings.Builder
		if err := check.Check(t.Context(), s.Settings, &said, io.Discard); err != nil {
			said.WriteString(err.Error())
		}
		outputs["check after "+profile] = said.String()
		run("revoke "+profile, Options{Profile: profile, Revoke: true})
	}
	outputs["log"] = s.Log.String()
	outputs["state files"] = stateFiles(s)

	all := secrets.all()
	if len(all) < 20 {
		t.Errorf("only %d secrets were overheard; the run is not a full one", len(all))
	}
	if len(outputs["log"]) < 1000 {
		t.Errorf("the log is short:\n%s", outputs["log"])
	}
	for name, text := range outputs {
		for _, secret := range all {
			if strings.Contains(text, secret) {
				t.Errorf("%s: holds the secret %s:\n%s", name, secret, text)
			}
		}
	}
}

// echo lets Withings answer a call with everything it was sent, which is how
// secrets come back in error texts.
func echo(s *stage.Stage, action string) {
	s.Sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Action: action, Status: 503,
		Text: "Invalid Params: " + s.Settings.ClientSecret})
}

// serveOnce serves everybody until Withings was asked for the profile, and
// returns all pages.
func serveOnce(s *stage.Stage, profile string) string {
	s.T.Helper()
	settings := s.Settings
	settings.ListenAddresses, settings.TelemetryPath = []string{"localhost:0"}, "/metrics"
	ctx, stop := context.WithCancel(s.T.Context())
	defer stop()
	opened, ended := make(chan string, 1), make(chan error, 1)
	goals := s.Sim.Count("getgoals", 0, simulator.AnyStatus) // serve may ask before it listens
	go func() {
		ended <- daemon.Serve(ctx, settings, func() (command.Settings, error) { return settings, nil }, func(addresses []string) { opened <- addresses[0] })
	}()
	var pages strings.Builder
	select {
	case address := <-opened:
		polled := regexp.MustCompile(`withings_(up|authorized)\{profile="` + profile + `"\} [01]\n`)
		for {
			_, metrics := stage.Get(s.T, "http://"+address+"/metrics")
			if polled.MatchString(metrics) && s.Sim.Count("getgoals", 0, simulator.AnyStatus) > goals {
				pages.WriteString(metrics)
				break
			}
		}
		for _, path := range []string{"/", "/sd", "/nowhere", "/-/healthy", "/?profile=" + profile} {
			_, text := stage.Get(s.T, "http://"+address+path)
			pages.WriteString(text)
		}
	case err := <-ended:
		s.T.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		s.T.Error(err)
	}
	return pages.String()
}

// stateFiles is the content of every file but the token files, which are also
// all that is for their owner only to read.
func stateFiles(s *stage.Stage) string {
	var all strings.Builder
	err := filepath.WalkDir(s.Settings.StateDir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			s.T.Errorf("%s has mode %v", path, info.Mode())
		}
		if strings.HasSuffix(path, ".token.json") {
			return nil
		}
		data, err := os.ReadFile(path)
		all.Write(data)
		return err
	})
	if err != nil {
		s.T.Fatal(err)
	}
	return all.String()
}

// eavesdropper stands before Withings and notes every secret that passes.
type eavesdropper struct {
	next http.Handler

	mu   sync.Mutex // guards seen
	seen map[string]bool
}

func newEavesdropper(t *testing.T, s *stage.Stage) *eavesdropper {
	e := &eavesdropper{next: s.Sim, seen: map[string]bool{s.Settings.ClientSecret: true}}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	s.Settings.APIURL, s.Settings.AccountURL = server.URL, server.URL
	return e
}

var givenToken = regexp.MustCompile(`"(?:access_token|refresh_token|nonce)":"([^"]+)"`)

func (e *eavesdropper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	e.next.ServeHTTP(answer, r)
	e.mu.Lock()
	for _, found := range givenToken.FindAllStringSubmatch(answer.Body.String(), -1) {
		e.seen[found[1]] = true
	}
	if back, err := answer.Result().Location(); err == nil && back.Query().Has("code") {
		e.seen[back.Query().Get("code")] = true
	}
	e.mu.Unlock()
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = io.Copy(w, answer.Body)
}

func (e *eavesdropper) all() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []string
	for secret := range e.seen {
		all = append(all, secret)
	}
	return all
}
