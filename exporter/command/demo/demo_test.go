package demo

import (
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/testrun"
)

func TestDemoNamesAddressesThatABrowserCanOpen(t *testing.T) {
	for listened, want := range map[string]string{
		"[::]:10054":       "localhost:10054",
		"0.0.0.0:10054":    "localhost:10054",
		":10054":           "localhost:10054",
		"127.0.0.1:10054":  "127.0.0.1:10054",
		"[::1]:10054":      "[::1]:10054",
		"192.168.0.7:8080": "192.168.0.7:8080",
	} {
		if got := openable([]string{listened}); !slices.Equal(got, []string{want}) {
			t.Errorf("for %s it says %q, want %q", listened, got, want)
		}
	}
}

func TestDemoWithoutATemporaryFolderSaysWhatToDo(t *testing.T) {
	testrun.Unix.Of(t) // others find their temporary folder by another variable
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "gone"))
	err := serve(t.Context(), command.Settings{ListenAddresses: []string{"localhost:0"}, TelemetryPath: "/metrics"}, Options{Years: 1, People: 1, Speed: 1, Interval: 5 * time.Minute},
		&command.Program{Out: io.Discard, Err: io.Discard}, nil)
	if err == nil || !strings.Contains(err.Error(), "TMPDIR") || !strings.Contains(err.Error(), "--state.dir") {
		t.Errorf("got error %v, want one that names TMPDIR and --state.dir", err)
	}
}
