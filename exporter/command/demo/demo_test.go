package demo

import (
	"io"
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
