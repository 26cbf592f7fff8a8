//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/testrun"
)

// longestStop is how long serve may take to end after a signal, and longestScrape
// a scrape at any time until then.
const (
	longestStop   = 5 * time.Second
	longestScrape = time.Second
)

// stage is a state directory of people who have signed in, with a Withings and a
// database that take connections and never answer.
type stage struct {
	t       testing.TB
	dir     *statedir.Dir
	silent  string // address of either
	reached chan struct{}
	people  []string
}

// newStage lets people sign in so long ago.
func newStage(t testing.TB, ago time.Duration) *stage {
	t.Helper()
	dir, err := statedir.Open(filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, dir: dir, people: []string{"Anna", "Ben", "Carla"}}
	cloud := httptest.NewServer(simulator.New(simulator.Options{Years: 1}))
	defer cloud.Close()
	then := func() time.Time { return time.Now().Add(-ago) }
	if err := signin.SignIn(t.Context(), command.Settings{
		StateDir: dir.Path(), Profiles: s.people, ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
		RedirectURL: "http://localhost:8019/auth/external/callback", APIURL: cloud.URL, AccountURL: cloud.URL,
		Log: slog.New(slog.DiscardHandler), Now: then, RateLimit: 100,
	}); err != nil {
		t.Fatal(err)
	}
	s.hush()
	return s
}

// hush opens the port that takes connections and never answers.
func (s *stage) hush() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.silent, s.reached = "http://"+listener.Addr().String(), make(chan struct{})
	var open []net.Conn
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if open = append(open, conn); len(open) == 1 {
				close(s.reached)
			}
		}
	}()
	s.t.Cleanup(func() {
		_ = listener.Close()
		<-accepting
		for _, conn := range open {
			_ = conn.Close()
		}
	})
}

// locks are all there can be in the state directory.
func (s *stage) locks() []string {
	var all []string
	for _, name := range []string{"rate.lock", "openmetrics.lock", "influx.lock", "serve.lock"} {
		all = append(all, filepath.Join(s.dir.Path(), name))
	}
	for _, name := range s.people {
		all = append(all, s.dir.LockFile(name, "token"), s.dir.LockFile(name, "influx"))
	}
	return all
}

// hold has another process, which is stopped then, hold all locks.
func (s *stage) hold() *os.Process {
	s.t.Helper()
	holder := exec.CommandContext(s.t.Context(), "hold-locks", s.locks()...)
	if _, err := holder.StdinPipe(); err != nil {
		s.t.Fatal(err)
	}
	out, err := holder.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = holder.Process.Kill()
		_ = holder.Wait()
	})
	said := make([]byte, 5)
	if n, err := io.ReadFull(out, said); string(said[:n]) != "held\n" {
		s.t.Fatalf("the holder says %q, %v", said[:n], err)
	}
	if err := holder.Process.Signal(syscall.SIGSTOP); err != nil {
		s.t.Fatal(err)
	}
	return holder.Process
}

// pipes puts named pipes in the place of files.
func (s *stage) pipes(paths ...string) {
	s.t.Helper()
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			s.t.Fatal(err)
		}
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

// running is a program under way.
type running struct {
	*exec.Cmd
	log     *talk
	address string
}

// talk keeps what a program says.
type talk struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (l *talk) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *talk) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start runs the real program with Withings at an address.
func (s *stage) start(api string, args ...string) *running {
	s.t.Helper()
	r := &running{log: &talk{}, address: testrun.FreeAddress(s.t)}
	r.Cmd = exec.Command("withings-exporter", append(args, "--state.dir="+s.dir.Path(), "--api.url="+api, "--client-id="+simulator.DefaultClientID)...)
	r.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "WITHINGS_CLIENT_SECRET="+simulator.DefaultClientSecret, "WITHINGS_WEB_LISTEN_ADDRESS="+r.address)
	r.Stdout, r.Stderr = r.log, r.log
	if err := r.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = r.Process.Kill() })
	return r
}

// serve starts serve with a database, too.
func (s *stage) serve() *running {
	return s.start(s.silent, "serve", "--influx.url="+s.silent, "--influx.bucket=b", "--influx.token=t")
}

// scrape asks for /metrics once and returns how long that took.
func (r *running) scrape() (took time.Duration, err error) {
	client := &http.Client{Timeout: 10 * longestScrape}
	sent := time.Now()
	answer, err := client.Get("http://" + r.address + "/metrics")
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return time.Since(sent), err
}

// fewScrapes are how many there are at least before a program is ended.
const fewScrapes = 20

// end sends a signal to a program that is scraped all the while, once ready says
// so, and returns how long it took to end and the slowest scrape until then.
func (r *running) end(t testing.TB, ready func() bool) (stop, worst time.Duration) {
	t.Helper()
	pause := time.NewTicker(5 * time.Millisecond)
	defer pause.Stop()
	began := time.Now()
	for count := 0; count < fewScrapes || !ready(); <-pause.C {
		took, err := r.scrape()
		worst = max(worst, took)
		switch {
		case err == nil:
			count++
		case count > 0:
			t.Errorf("scrape %d failed: %v", count, err)
		}
		if time.Since(began) > patience {
			t.Fatalf("after %d scrapes it has not come as far as to be ended: %s", count, r.log)
		}
	}
	began = time.Now()
	if err := r.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- r.Wait() }()
	for {
		took, err := r.scrape()
		if err != nil {
			break // the server is the last to go
		}
		worst = max(worst, took)
	}
	gone := time.Now()
	if err := <-exited; err != nil {
		t.Errorf("it ended with %v: %s", err, r.log)
	}
	if after := time.Since(gone); after > longestScrape {
		t.Errorf("the pages were gone %v before the end", after)
	}
	return time.Since(began), worst
}

func TestServeAnswersAndEndsWhateverHangs(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		ago     time.Duration // the tokens are from
		prepare func(s *stage) (says []string)
	}{
		{"every lock held by a process that is stopped, tokens to renew", 3 * time.Hour, func(s *stage) []string {
			holder := s.hold()
			return []string{"requests of other processes cannot be counted", fmt.Sprintf("process %d (hold-locks", holder.Pid), "is stopped (Ctrl-Z)"}
		}},
		{"every lock held by a process that is stopped, tokens good", 0, func(s *stage) []string {
			holder := s.hold()
			return []string{"requests of other processes cannot be counted", fmt.Sprintf("process %d (hold-locks", holder.Pid)}
		}},
		{"Withings, with tokens to renew", 3 * time.Hour, func(*stage) []string { return nil }},
		{"Withings and InfluxDB", 0, func(*stage) []string { return nil }},
		{"named pipes in place of every lock", 3 * time.Hour, func(s *stage) []string {
			s.pipes(s.locks()...)
			return []string{filepath.Join(s.dir.Path(), "rate.lock"), "named pipe; move it away"}
		}},
		{"named pipes in place of every file", 0, func(s *stage) []string {
			s.pipes(filepath.Join(s.dir.Path(), "rate"), s.dir.File("Anna", "token"), s.dir.File("Ben", "state"), s.dir.File("Carla", "influx"))
			return []string{s.dir.File("Ben", "state"), filepath.Join(s.dir.Path(), "rate"), "named pipe; move it away"}
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, c.ago)
			says := c.prepare(s)
			r := s.serve()
			stop, worst := r.end(t, func() bool {
				for _, text := range says {
					if !strings.Contains(strings.ReplaceAll(r.log.String(), `\"`, ""), text) {
						return false
					}
				}
				select {
				case <-s.reached:
					return true
				default:
					return len(says) > 0
				}
			})
			t.Logf("ended after %v, slowest scrape %v", stop.Round(time.Millisecond), worst.Round(time.Millisecond))
			if stop > longestStop {
				t.Errorf("it took %v to end, want %v at most: %s", stop, longestStop, r.log)
			}
			if worst > longestScrape {
				t.Errorf("a scrape took %v, want %v at most", worst, longestScrape)
			}
		})
	}
}

func TestOtherCommandsGoOnWithoutTheSharedRate(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"check":    {"check"},
		"backfill": {"backfill", "Anna", "--since=2026-11-01", "--dry-run", "--to=openmetrics=" + filepath.Join(t.TempDir(), "a.om")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, 0)
			s.pipes(filepath.Join(s.dir.Path(), "rate.lock"))
			cloud := httptest.NewServer(simulator.New(simulator.Options{Years: 1}))
			defer cloud.Close()
			r := s.start(cloud.URL, args...)
			exited := make(chan error, 1)
			go func() { exited <- r.Wait() }()
			select {
			case <-exited: // the tokens are another cloud's; what counts is that it ends, and says why
			case <-time.After(60 * time.Second):
				t.Error("it does not end within a minute")
			}
			if log := r.log.String(); strings.Count(log, "requests of other processes cannot be counted") != 1 || !strings.Contains(log, "rate.lock") {
				t.Errorf("it says %s, want once that the rate is not shared", log)
			}
		})
	}
}

func TestOtherCommandsEndWhateverHangs(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"check":    {"check"},
		"backfill": {"backfill", "Anna", "--to=openmetrics=" + filepath.Join(t.TempDir(), "a.om")},
		"auth":     {"auth", "Anna", "--demo", "--force"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, 0)
			r := s.start(s.silent, args...)
			select {
			case <-s.reached:
			case <-time.After(patience):
				t.Fatalf("Withings is not asked: %s", r.log)
			}
			began := time.Now()
			if err := r.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			exited := make(chan error, 1)
			go func() { exited <- r.Wait() }()
			select {
			case <-exited:
			case <-time.After(2 * longestStop):
				t.Fatalf("it does not end: %s", r.log)
			}
			if took := time.Since(began); took > longestStop {
				t.Errorf("it took %v to end, want %v at most: %s", took, longestStop, r.log)
			}
		})
	}
}

// BenchmarkStop tells how long serve takes to end after SIGTERM with every lock
// held by a process that is stopped, and a Withings and an InfluxDB that never
// answer; and the slowest of the scrapes from its start until then.
func BenchmarkStop(b *testing.B) {
	var stop, worst time.Duration
	for b.Loop() {
		s := newStage(b, 3*time.Hour)
		s.hold()
		r := s.serve()
		ended, slowest := r.end(b, func() bool { return strings.Contains(r.log.String(), "cannot be counted") })
		stop, worst = max(stop, ended), max(worst, slowest)
	}
	b.ReportMetric(float64(stop.Microseconds())/1000, "ms/stop")
	b.ReportMetric(float64(worst.Microseconds())/1000, "ms/worst-scrape")
}
