//go:build unix

package systemd

import (
	"bytes"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"withings-exporter/exporter/testrun"
)

func environment(t *testing.T, socket, usec, pid string) {
	t.Helper()
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("WATCHDOG_USEC", usec)
	t.Setenv("WATCHDOG_PID", pid)
}

func TestTheManagerIsToldEachThingInOneMessage(t *testing.T) {
	for _, kind := range []string{"a file", "an abstract name"} {
		t.Run(kind, func(t *testing.T) {
			socket := filepath.Join(t.TempDir(), "notify")
			if kind == "an abstract name" {
				if _, err := os.Stat("/proc/net/unix"); err != nil {
					socket = "" // only Linux has them
				} else {
					socket = "@withings-exporter-test-" + strconv.Itoa(os.Getpid())
				}
			}
			if socket == "" {
				return
			}
			next := testrun.Manager(t, socket)
			environment(t, socket, "30000000", strconv.Itoa(os.Getpid()))
			m := FromEnvironment(slog.New(slog.DiscardHandler))
			if m.Every() != 15*time.Second {
				t.Errorf("it is told every %v, want half of the 30 seconds after which it acts", m.Every())
			}
			tell := func(what func(), want string) {
				t.Helper()
				what()
				if got := next(); got != want {
					t.Errorf("the message is %q, want %q", got, want)
				}
			}
			tell(func() { m.Ready("Serving\n 2 profiles") }, "READY=1\nSTATUS=Serving 2 profiles")
			tell(m.Alive, "WATCHDOG=1")
			m.Status("Serving\n 2 profiles") // which it knows
			tell(func() { m.Status("Serving 3 profiles") }, "STATUS=Serving 3 profiles")
			tell(m.Stopping, "STOPPING=1")
			m.Reloading()
			usec, is := strings.CutPrefix(next(), "RELOADING=1\nMONOTONIC_USEC=")
			if n, err := strconv.ParseUint(usec, 10, 64); !is || err != nil || n == 0 {
				t.Errorf("a reload is told with the clock %q", usec)
			}
		})
	}
}

func TestWithoutAManagerNothingIsTold(t *testing.T) {
	environment(t, "", "30000000", "")
	var log bytes.Buffer
	m := FromEnvironment(slog.New(slog.NewTextHandler(&log, nil)))
	m.Ready("Serving")
	m.Alive()
	if m.Every() != 0 || log.Len() > 0 {
		t.Errorf("it is told every %v, logged is %q", m.Every(), &log)
	}
}

func TestAWatchdogIsOnlyThatOfThisProcess(t *testing.T) {
	for _, c := range []struct {
		name, usec, pid, log string
		want                 time.Duration
	}{
		{"for this process", "2000000", strconv.Itoa(os.Getpid()), "", time.Second},
		{"for whoever reads it", "2000000", "", "", time.Second},
		{"for the parent", "2000000", strconv.Itoa(os.Getppid()), "", 0},
		{"none", "", "", "", 0},
		{"no number", "2s", "", "WATCHDOG_USEC", 0},
		{"negative", "-5", "", "WATCHDOG_USEC", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			environment(t, filepath.Join(t.TempDir(), "nobody"), c.usec, c.pid)
			var log bytes.Buffer
			if got := FromEnvironment(slog.New(slog.NewTextHandler(&log, nil))).Every(); got != c.want {
				t.Errorf("it is told every %v, want %v", got, c.want)
			}
			if !strings.Contains(log.String(), c.log) || c.log == "" && log.Len() > 0 {
				t.Errorf("logged is %q, want %q in it", &log, c.log)
			}
		})
	}
}

// TestAManagerThatDoesNotListenIsLoggedOnce: a socket that is gone, and one that is
// full because its owner does not read.
func TestAManagerThatDoesNotListenIsLoggedOnce(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	deaf := filepath.Join(t.TempDir(), "deaf")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: deaf, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for range 100_000 { // until it is full
		if write(deaf, "X=1") != nil {
			break
		}
	}
	for name, c := range map[string]struct{ socket, says string }{
		"gone": {gone, "unset NOTIFY_SOCKET"}, "deaf": {deaf, "timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			environment(t, c.socket, "", "")
			var log bytes.Buffer
			m := FromEnvironment(slog.New(slog.NewTextHandler(&log, nil)))
			m.Ready("Serving")
			m.Stopping()
			if n := strings.Count(log.String(), "level=WARN"); n != 1 || !strings.Contains(log.String(), c.says) {
				t.Errorf("%d warnings, want one with %q: %s", n, c.says, &log)
			}
		})
	}
}
