//go:build unix

package importer

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"withings-exporter/exporter/command"
)

func TestArchiveThatIsNoFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "data.zip")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{pipe: "named pipe", dir: "a folder", filepath.Join(dir, "gone.zip"): "no such file"} {
		err := Import(t.Context(), command.Settings{StateDir: filepath.Join(dir, "state")},
			Options{File: path, Profile: "Anna", To: "openmetrics=" + filepath.Join(dir, "a.om")}, io.Discard, io.Discard)
		if !errors.Is(err, command.ErrUsage) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q and the path", err, says)
		}
	}
}
