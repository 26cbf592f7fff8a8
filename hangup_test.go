//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestAHangupDuringTheStart sends SIGHUP while the program reads its configuration, from a pipe that is not closed yet. Serve reads
// it again after the start; any other command ends with its terminal.
func TestAHangupDuringTheStart(t *testing.T) {
	t.Parallel()
	const settings = "client_id: abc\n"
	for _, c := range []struct {
		command string
		ended   syscall.Signal
	}{
		{"serve", syscall.SIGTERM},
		{"check", syscall.SIGHUP},
	} {
		t.Run(c.command, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, 0)
			file := filepath.Join(t.TempDir(), "withings.yaml")
			next := file + ".next"
			if err := errors.Join(syscall.Mkfifo(file, 0o600), os.WriteFile(next, []byte(settings), 0o600)); err != nil {
				t.Fatal(err)
			}
			pipe, err := os.OpenFile(file, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			r := s.start(s.silent, c.command, "--config.file="+file)
			// More than a pipe holds: it is written when the program has read some of it.
			_, err = pipe.WriteString(strings.Repeat("# a comment\n", 10000) + settings)
			if err := errors.Join(err, r.Process.Signal(syscall.SIGHUP), os.Rename(next, file), pipe.Close()); err != nil {
				t.Fatal(err)
			}
			exited := make(chan error, 1)
			go func() { exited <- r.Wait() }()
			look := time.NewTicker(10 * time.Millisecond)
			defer look.Stop()
			for late := time.After(patience); ; {
				select {
				case err := <-exited:
					var failed *exec.ExitError
					if errors.As(err, &failed) && failed.Sys().(syscall.WaitStatus).Signal() == c.ended {
						return
					}
					t.Fatalf("it ended with %v, want %v: %s", err, c.ended, r.log)
				case <-late:
					t.Fatalf("it has not heard: %s", r.log)
				case <-look.C:
					if c.command == "serve" && strings.Contains(r.log.String(), "configuration reloaded") {
						return
					}
				}
			}
		})
	}
}
