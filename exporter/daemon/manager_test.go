//go:build unix

package daemon

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/testrun"
)

// manages starts a service manager with a watchdog of the given time, and returns its
// next message.
func manages(t *testing.T, watchdog time.Duration) (next func() string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "m") // the name of a socket is at most 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "notify")
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	next = testrun.Manager(t, socket)
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("WATCHDOG_USEC", strconv.FormatInt(watchdog.Microseconds(), 10))
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	return next
}

// TestTheServiceManagerIsToldOfAWholeLife: start, life, a reload, one that fails, the end.
func TestTheServiceManagerIsToldOfAWholeLife(t *testing.T) {
	next := manages(t, 200*time.Millisecond)
	after := func(skipped string) string { // the next message of another kind
		t.Helper()
		for {
			if message := next(); !strings.HasPrefix(message, skipped) {
				return message
			}
		}
	}
	s := stage.New(t)
	log := stage.NewTranscript()
	s.Settings.Log, s.Settings.Profiles = slog.New(slog.NewTextHandler(log, nil)), []string{"Anna", "Ben"}
	s.Settings.ListenAddresses, s.Settings.TelemetryPath = []string{"127.0.0.1:0"}, "/metrics"
	if err := signin.SignIn(t.Context(), s.Settings); err != nil {
		t.Fatal(err)
	}
	s.Settings.Profiles = append(s.Settings.Profiles, "Nobody")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	opened, ended := make(chan string, 1), make(chan error, 1)
	wrong := make(chan error, 1)
	again := func() (command.Settings, error) {
		select {
		case err := <-wrong:
			return command.Settings{}, err
		default:
			return s.Settings, nil
		}
	}
	go func() { ended <- Serve(ctx, s.Settings, again, func(addresses []string) { opened <- addresses[0] }) }()
	address := "http://" + <-opened
	reload := func(want int) {
		t.Helper()
		answer, err := http.Post(address+"/-/reload", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("/-/reload is answered %d, want %d", answer.StatusCode, want)
		}
	}

	if got, want := next(), "READY=1\nSTATUS=Serving 3 profiles"; !strings.HasPrefix(got, want) {
		t.Errorf("first it is told %q, want %q", got, want)
	}
	if got := next(); got != "WATCHDOG=1" {
		t.Errorf("then it is told %q, want that the program is alive", got)
	}
	const condition = "STATUS=Serving 3 profiles, 1 to be authorised"
	const serving = "READY=1\n" + condition
	for after("WATCHDOG=1") != condition { // the first poll finds it out
		continue
	}
	reload(http.StatusOK)
	for _, want := range []string{"RELOADING=1\nMONOTONIC_USEC=", serving} {
		if got := after("WATCHDOG=1"); !strings.HasPrefix(got, want) {
			t.Errorf("at a reload it is told %q, want %q", got, want)
		}
	}
	wrong <- errors.New("a line is wrong")
	reload(http.StatusInternalServerError)
	for _, want := range []string{"RELOADING=1\n", serving + ". The configuration was not reloaded: see the log"} {
		if got := after("WATCHDOG=1"); !strings.HasPrefix(got, want) {
			t.Errorf("at a reload that fails it is told %q, want %q", got, want)
		}
	}
	wrong <- errors.New("a line is wrong")
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil { // which is the same as asking the page
		t.Fatal(err)
	}
	for _, want := range []string{"RELOADING=1\n", "READY=1\n"} {
		if got := after("WATCHDOG=1"); !strings.HasPrefix(got, want) {
			t.Errorf("at a hangup it is told %q, want %q", got, want)
		}
	}
	for range 3 { // it is not forgotten when it is told that the program is alive
		if got := next(); got != "WATCHDOG=1" {
			t.Errorf("later it is told %q, want that the program is alive", got)
		}
	}
	if n, not := strings.Count(log.String(), `msg="configuration not reloaded, keeping the old one" err="a line is wrong"`), strings.Count(log.String(), "not reloaded"); n != 2 || not != 2 {
		t.Errorf("%d of %d lines about the two failures say the same, want 2 of 2:\n%s", n, not, log)
	}
	reload(http.StatusOK)
	for _, want := range []string{"RELOADING=1\n", serving} {
		if got := after("WATCHDOG=1"); !strings.HasPrefix(got, want) || strings.Contains(got, "not reloaded") {
			t.Errorf("at the next reload it is told %q, want %q", got, want)
		}
	}
	stop()
	if got := after("WATCHDOG=1"); got != "STOPPING=1" {
		t.Errorf("at the end it is told %q, want STOPPING=1", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
