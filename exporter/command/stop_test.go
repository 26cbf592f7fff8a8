package command

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter/testrun"
)

func TestCommandThatDoesNotReturnIsEnded(t *testing.T) {
	for _, c := range []struct {
		name   string
		signal string
		takes  time.Duration
		code   int // -1: the process is not ended
	}{
		{"SIGTERM, and it never returns", "terminated", time.Hour, exitDone},
		{"SIGINT, and it never returns", "interrupt signal received", time.Hour, exitInterrupted},
		{"and it returns in time", "terminated", patience - time.Second, -1},
		{"no signal", "", time.Hour, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				var talk strings.Builder
				code, ended := -1, time.Time{}
				stop := EndSoon(ctx, &talk, func(with int) { code, ended = with, time.Now() })
				began := time.Now()
				if c.signal != "" {
					cancel(errors.New(c.signal))
				}
				time.Sleep(c.takes)
				stop()
				synctest.Wait()
				if code != c.code || code >= 0 && ended.Sub(began) != patience {
					t.Errorf("ended with %d after %v, want %d", code, ended.Sub(began), c.code)
				}
				if said := talk.String(); (said != "") != (c.code >= 0) {
					t.Errorf("it says %q", said)
				}
			})
		})
	}
}

// TestMain has files in memory.
func TestMain(m *testing.M) { os.Exit(testrun.InMemory(m).Run()) }
