//go:build unix

package openmetrics

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
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
				s, err := OpenSpool(path, "Anna", clock)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := s.Bind("7"); err != nil {
					t.Fatal(err)
				}
				if err := errors.Join(s.Close(), os.Remove(pipe)); err != nil {
					t.Fatal(err)
				}
			}
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := OpenSpool(path, "Anna", clock)
			if err == nil { // set aside, and begun without it
				err = errors.Join(s.Damaged(), s.Close())
			}
			if err == nil || !strings.Contains(err.Error(), "named pipe") || !strings.Contains(err.Error(), pipe) {
				t.Errorf("got %v, want the pipe named", err)
			}
		})
	}
}
