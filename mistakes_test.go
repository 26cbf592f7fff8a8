//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/testrun"
)

// mistake is a row of exporter/testdata/mistakes, whose command-line.txt explains it.
type mistake struct {
	title   string
	people  []string // who has signed in before
	trouble []string // an action of Withings and the status it answers with
	bare    bool     // no application is in the environment
	shell   string   // what is typed
	exit    int
	errors  []string // all errors and hints, in order and in full
	read    []string // what must also be read
	never   []string // what must not
	files   []txtar.File
}

// mistakes reads the table.
func mistakes(t *testing.T) []mistake {
	t.Helper()
	files, err := filepath.Glob("exporter/testdata/mistakes/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []mistake
	for _, file := range files {
		table, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range strings.Split(string(table), "\n## ")[1:] {
			m, err := mistakeOf(block)
			if err != nil {
				t.Fatalf("%s: %s: %v", file, m.title, err)
			}
			all = append(all, m)
		}
	}
	return all
}

// mistakeOf reads a row, which begins with its title.
func mistakeOf(block string) (m mistake, err error) {
	archive := txtar.Parse([]byte(block + "\n"))
	m.files = archive.Files
	for i, line := range strings.Split(strings.TrimSpace(string(archive.Comment)), "\n") {
		kind, rest, _ := strings.Cut(line, " ")
		switch {
		case i == 0:
			m.title = line
		case kind == "people:":
			m.people = strings.Fields(rest)
		case kind == "trouble:":
			m.trouble = strings.Fields(rest)
		case line == "no application":
			m.bare = true
		case kind == "$":
			m.shell += rest + "\n"
		case kind == "exit":
			m.exit, err = strconv.Atoi(rest)
		case kind == "error:", kind == "hint:":
			m.errors = append(m.errors, line)
		case kind == ">":
			m.read = append(m.read, rest)
		case kind == "!":
			m.never = append(m.never, rest)
		case line != "":
			err = fmt.Errorf("what is %q?", line)
		}
		if err != nil {
			return m, err
		}
	}
	if m.shell == "" || len(m.errors)+len(m.read) == 0 {
		err = errors.New("a row says what is typed, and what must be read")
	}
	return m, err
}

// ugly is what no message of the program may say: Go's own words, and what no person can read.
var ugly = regexp.MustCompile(`%!|panic|goroutine|<nil>|listen tcp|dial tcp|\bopen /|yaml: |unmarshal|strconv\.|EOF|simulated-secret`)

// TestMistakesOfNewUsersAreExplained makes each mistake of the table with the real program. What the row says of errors and
// hints is all there may be of them: each is said once.
func TestMistakesOfNewUsersAreExplained(t *testing.T) {
	useBuilt(t)
	cloud := httptest.NewServer(simulator.New(calm))
	t.Cleanup(cloud.Close)
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"code":"unauthorized","message":"unauthorized"}`, http.StatusUnauthorized)
	}))
	t.Cleanup(refusing.Close)
	t.Setenv("REFUSING", refusing.URL)
	all := mistakes(t)
	if len(all) < 40 {
		t.Errorf("the table has %d rows, fewer than forty", len(all))
	}
	for _, m := range testrun.Few(all) {
		t.Run(strings.ReplaceAll(m.title, " ", "-"), func(t *testing.T) {
			t.Parallel()
			m.try(t, cloud.URL)
		})
	}
}

// TestAMistakeThatHangsIsNamed: one row does not take the time of all.
func TestAMistakeThatHangsIsNamed(t *testing.T) {
	t.Parallel()
	m := mistake{title: "A command that waits", shell: "echo begun; sleep 600 & wait\n"}
	_, _, err := m.typed(t.Context(), t.TempDir(), nil, 500*time.Millisecond)
	want := "A command that waits: not ended after 500ms; typed: echo begun; sleep 600 & wait\nit says\nbegun\n"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// calm is a simulated Withings without a rate limit, since the table is a crowd of processes in seconds.
var calm = simulator.Options{Years: 1, Switches: simulator.Switches{Limiter: simulator.Limiter{Limit: simulator.Unlimited}}}

// try makes the mistake in a folder of its own, and compares what is read.
func (m *mistake) try(t *testing.T, cloud string) {
	if len(m.trouble) > 0 {
		cloud = m.troubled(t)
	}
	home := filepath.Join(t.TempDir(), "home")
	if err := os.Mkdir(home, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range m.files {
		if err := os.WriteFile(filepath.Join(home, file.Name), file.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m.signIn(t, filepath.Join(home, "state"), cloud)
	free := testrun.FreeAddress(t)
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "LANG=C.UTF-8", "GORACE=atexit_sleep_ms=0", "REFUSING=" + os.Getenv("REFUSING"),
		"WITHINGS_STATE_DIR=state", "WITHINGS_WEB_LISTEN_ADDRESS=" + free, "FREE=" + free,
		"WITHINGS_API_URL=" + cloud, "WITHINGS_ACCOUNT_URL=" + cloud, "BUSY=" + strings.TrimPrefix(cloud, "http://")}
	if !m.bare {
		env = append(env, "WITHINGS_CLIENT_ID="+simulator.DefaultClientID, "WITHINGS_CLIENT_SECRET="+simulator.DefaultClientSecret)
	}
	out, exit, err := m.typed(t.Context(), home, env, longestMistake)
	if err != nil {
		t.Fatal(err)
	}
	said := strings.NewReplacer(home, "$HOME", free, "$FREE", strings.TrimPrefix(cloud, "http://"), "$BUSY", os.Getenv("REFUSING"), "$REFUSING", strings.TrimPrefix(os.Getenv("REFUSING"), "http://"), "$REFUSING").Replace(out)
	m.compare(t, said, exit)
}

// longestMistake is how long a row may take: longer than ask waits, which says for what.
const longestMistake = patience + time.Minute

// typed has a shell do what is typed, and ends all that it has begun if that takes longer than limit.
func (m *mistake) typed(ctx context.Context, dir string, env []string, limit time.Duration) (said string, exit int, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", m.shell)
	cmd.Dir, cmd.Env = dir, env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Minute
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return "", 0, fmt.Errorf("%s: not ended after %v; typed: %sit says\n%s", m.title, limit, m.shell, out)
	}
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		return "", 0, fmt.Errorf("%s: %w", m.title, err)
	}
	return string(out), cmd.ProcessState.ExitCode(), nil
}

// troubled is a simulated Withings that answers as the row says.
func (m *mistake) troubled(t *testing.T) string {
	status, err := strconv.Atoi(m.trouble[1])
	if err != nil {
		t.Fatal(err)
	}
	sim := simulator.New(calm)
	sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Action: m.trouble[0], Status: status, Text: "made up"})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	return server.URL
}

// signIn stores the tokens of the row's people.
func (m *mistake) signIn(t *testing.T, state, cloud string) {
	if len(m.people) == 0 {
		return
	}
	err := signin.SignIn(t.Context(), command.Settings{
		StateDir: state, Profiles: m.people, ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
		RedirectURL: "http://localhost:8019/auth/external/callback", APIURL: cloud, AccountURL: cloud,
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// compare compares what was said with what must be read, and must not.
func (m *mistake) compare(t *testing.T, said string, exit int) {
	var told []string
	for line := range strings.Lines(said) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "withings-exporter: "); ok && (strings.HasPrefix(rest, "error: ") || strings.HasPrefix(rest, "hint: ")) {
			told = append(told, rest)
		}
	}
	wrong := exit != m.exit || !slices.Equal(told, m.errors) || ugly.MatchString(said)
	for _, text := range m.read {
		wrong = wrong || !strings.Contains(said, text)
	}
	for _, text := range m.never {
		wrong = wrong || strings.Contains(said, text)
	}
	if wrong {
		t.Errorf("typed: %sexit code %d, want %d; ugly: %q; it says\n%s\nwant\n%s\n> %s\n! %s", m.shell, exit, m.exit, ugly.FindString(said), said,
			strings.Join(m.errors, "\n"), strings.Join(m.read, "\n> "), strings.Join(m.never, "\n! "))
	}
}
