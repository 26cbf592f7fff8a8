//go:build unix

package openmetrics

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"withings-exporter/exporter"
)

func TestNamedPipeInPlaceOfAHistoryIsNotWaitedFor(t *testing.T) {
	for _, of := range []string{"progress", "records", "records of a history that is there"} {
		t.Run(of, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "history.json")
			pipe := path
			if of != "progress" {
				pipe += recordsEnding
			}
			if strings.HasSuffix(of, "there") {
				s := openAt(t, path, "Anna")
				if err := errors.Join(s.Advance(exporter.Sleep, func(*exporter.Progress) {}), s.Close(), os.Remove(pipe)); err != nil {
					t.Fatal(err)
				}
			}
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			var told strings.Builder
			s, err := OpenSpool(SpoolOptions{Path: path, Profile: "Anna", Now: clock, Log: slog.New(slog.NewTextHandler(&told, nil))})
			if err == nil { // set aside, and begun without it
				err = errors.Join(errors.New(told.String()), s.Close())
			}
			if !strings.Contains(err.Error(), "named pipe") || !strings.Contains(err.Error(), pipe) {
				t.Errorf("got %v, want the pipe named", err)
			}
		})
	}
}
