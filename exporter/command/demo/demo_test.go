package demo

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/testrun"
)

func TestDemoWithoutATemporaryFolderSaysWhatToDo(t *testing.T) {
	testrun.Unix.Of(t) // others find their temporary folder by another variable
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "gone"))
	err := serve(t.Context(), command.Settings{ListenAddresses: []string{"localhost:0"}, TelemetryPath: "/metrics"}, Options{Years: 1, People: 1, Speed: 1, Interval: 5 * time.Minute},
		&command.Program{Out: io.Discard, Err: io.Discard}, nil)
	if err == nil || !strings.Contains(err.Error(), "TMPDIR") || !strings.Contains(err.Error(), "--state.dir") {
		t.Errorf("got error %v, want one that names TMPDIR and --state.dir", err)
	}
}

// TestASignInIsKeptAtOnce, for a demo that does not end by itself.
func TestASignInIsKeptAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir, done := t.TempDir(), make(chan error, 1)
	var kept []byte
	settings := command.Settings{ListenAddresses: []string{"localhost:0"}, TelemetryPath: "/metrics", Log: slog.New(slog.DiscardHandler)}
	go func() {
		done <- serve(ctx, settings, Options{Years: 1, People: 1, Speed: 1, APIAddress: "localhost:0", StateDir: dir, Interval: 5 * time.Minute},
			&command.Program{Out: io.Discard, Err: io.Discard}, func([]string) {
				kept, _ = os.ReadFile(filepath.Join(dir, "simulator.json"))
				cancel()
			})
	}()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !strings.Contains(string(kept), `"refresh":`) {
		t.Errorf("while it runs, it has kept %q", kept)
	}
}
