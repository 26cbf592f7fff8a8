//go:build unix

package readme

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/testserver"
)

// stage is a new user's machine: an empty folder, a shell, the servers the README
// speaks of, and a simulated Withings in place of the real one.
type stage struct {
	t       *testing.T
	dir     string
	env     []string
	exports string            // what the commands so far have exported
	yours   *strings.Replacer // puts what is the reader's own
	running []*server         // in the background
}

// years are what everybody has behind them, in the demo as well. Promtool reads a file
// once for each of its months.
var years = testrun.Scale(1, 5)

func newStage(t *testing.T, image string) *stage {
	t.Helper()
	s := &stage{t: t, dir: t.TempDir()}
	cloud := httptest.NewServer(simulator.New(simulator.Options{Years: years,
		Switches: simulator.Switches{Limiter: simulator.Limiter{Limit: simulator.Unlimited}}}))
	t.Cleanup(cloud.Close)
	t.Cleanup(s.endAll)
	influx, victoria := testserver.Influx(t), testserver.Victoria(t)
	page, callback, prometheus, simulated := testrun.FreeAddress(t), testrun.FreeAddress(t), testrun.FreeAddress(t), testrun.FreeAddress(t)

	// The addresses are others, so that nothing of the machine is in the way.
	s.yours = strings.NewReplacer(
		"client-id: ID", "client-id: "+simulator.DefaultClientID,
		"localhost:10054", page, "localhost:8019", callback, ":8019", callback, "localhost:9090", prometheus, "localhost:8020", simulated,
		"http://localhost:8086", influx.URL, "http://localhost:8428", victoria.URL,
		"bucket: health", "bucket: "+influx.Bucket, "user:password", influx.Token,
		"prometheus --config.file", "prometheus --log.level=warn --web.enable-admin-api --web.listen-address="+prometheus+" --config.file",
		"/etc/prometheus", s.dir,
		"http://localhost:3000", os.Getenv("GRAFANA_URL"),
	)
	s.env = append(os.Environ(),
		"HOME="+s.dir, "XDG_STATE_HOME=", "XDG_CONFIG_HOME=", "BROWSER=", "EDITOR=editor", "DISPLAY=:0",
		"GOPATH="+goEnv(t, "GOPATH"), "GOMODCACHE="+goEnv(t, "GOMODCACHE"), "GOCACHE="+goEnv(t, "GOCACHE"),
		"GOBIN="+s.path("bin"), "PATH="+s.path("bin")+":"+filepath.Dir(testrun.Promtool.Path(t))+":"+os.Getenv("PATH"),
		"SECRET="+simulator.DefaultClientSecret, "WITHINGS_YEARS="+strconv.Itoa(years), "IMAGE="+image,
		"WITHINGS_API_URL="+cloud.URL, "WITHINGS_ACCOUNT_URL="+cloud.URL, "WITHINGS_API_RATE_LIMIT=100000",
		"WITHINGS_REDIRECT_URL=http://"+callback+"/auth/external/callback", "WITHINGS_WEB_LISTEN_ADDRESS="+page,
	)
	s.write("influx-token.txt", influx.Token)
	s.write("token.txt", os.Getenv("GRAFANA_TOKEN")) // a service account's of Grafana
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(s.path("bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name := range stands {
		if err := os.Symlink(self, s.path("bin/"+name)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func goEnv(t *testing.T, name string) string {
	value, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatalf("go env %s: %v", name, err)
	}
	return strings.TrimSpace(string(value))
}

func (s *stage) path(name string) string { return filepath.Join(s.dir, name) }

func (s *stage) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// shell is a command as it is typed, in the folder it belongs to, by the person
// it names.
func (s *stage) shell(ctx context.Context, command string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "bash", "-e", "-o", "pipefail", "-c", s.exports+s.yours.Replace(command))
	cmd.Dir, cmd.Env = s.dir, s.env
	if strings.HasPrefix(command, "go ") {
		cmd.Dir, _ = filepath.Abs(root)
	}
	for _, name := range []string{"Anna", "Ben"} {
		if strings.Contains(command, " "+name) {
			cmd.Env = append(cmd.Env, "PERSON="+name)
		}
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// run types a command and returns what it says.
func (s *stage) run(command string) (string, error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), 5*time.Minute)
	defer cancel()
	if strings.HasPrefix(command, "export ") {
		s.exports += s.yours.Replace(command) + "\n"
		command = "true"
	}
	said, err := s.shell(ctx, command).CombinedOutput()
	return string(said), err
}

// await types a command until it says something, and returns "", or what it says
// instead after a while.
func (s *stage) await(command, wanted string) string {
	retry := time.NewTicker(100 * time.Millisecond)
	defer retry.Stop()
	deadline := time.After(3 * time.Minute) // Prometheus looks for blocks once a minute
	for {
		said, err := s.run(command)
		if err == nil && strings.Contains(said, wanted) {
			return ""
		}
		select {
		case <-retry.C:
		case <-deadline:
			return fmt.Sprintln(said, err)
		}
	}
}

// server is a command that goes on until it is ended.
type server struct {
	page  string // of its own
	cmd   *exec.Cmd
	said  lockedBuffer
	ended chan struct{}
}

// serve types a command that goes on, and returns when a page of its shows
// something. Who had that page before is ended, as Ctrl-C would.
func (s *stage) serve(command, page, shows string) error {
	s.end(page)
	is := &server{page: page, cmd: s.shell(context.Background(), command), ended: make(chan struct{})}
	is.cmd.Stdout, is.cmd.Stderr = &is.said, &is.said
	if err := is.cmd.Start(); err != nil {
		return err
	}
	go func() {
		defer close(is.ended)
		_ = is.cmd.Wait()
	}()
	s.running = append(s.running, is)
	retry := time.NewTicker(100 * time.Millisecond)
	defer retry.Stop()
	deadline := time.After(5 * time.Minute)
	for {
		if said, err := testrun.Page(s.yours.Replace(page)); err == nil && strings.Contains(said, shows) {
			return nil
		}
		select {
		case <-retry.C:
		case <-is.ended:
			return fmt.Errorf("it ended and said:\n%s", is.said.String())
		case <-deadline:
			return fmt.Errorf("%s does not show %s, and it said:\n%s", page, shows, is.said.String())
		}
	}
}

func (s *stage) end(page string) {
	for i, is := range s.running {
		if is.page == page {
			_ = syscall.Kill(-is.cmd.Process.Pid, syscall.SIGINT)
			<-is.ended
			s.silent(page)
			s.running = append(s.running[:i], s.running[i+1:]...)
			return
		}
	}
}

// silent waits until nobody answers at a page: what a stand has started may end after it.
func (s *stage) silent(page string) {
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	deadline := time.After(20 * time.Second)
	for {
		if _, err := testrun.Page(s.yours.Replace(page)); err != nil {
			return
		}
		select {
		case <-retry.C:
		case <-deadline:
			s.t.Errorf("somebody still answers at %s", page)
			return
		}
	}
}

func (s *stage) endAll() {
	for len(s.running) > 0 {
		s.end(s.running[0].page)
	}
}

// lockedBuffer is written by a process and read by the test.
type lockedBuffer struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
