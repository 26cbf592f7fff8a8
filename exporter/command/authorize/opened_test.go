//go:build linux

package authorize

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"withings-exporter/exporter/internal/stage"
)

func TestBrowserIsOpenedWithTheAddress(t *testing.T) {
	s := stage.New(t)
	command := strings.Split(strings.TrimSuffix(openedWith(s, "/proc/$$/cmdline"), "\x00"), "\x00")
	if got := filepath.Base(command[1]); got != "xdg-open" || len(command) != 3 {
		t.Errorf("the browser was opened with %q, want xdg-open and one argument", command)
	}
	works(s, "Anna")
}

// openedWith signs Anna in where a stand-in for xdg-open opens the browser, and
// returns the content of the files of /proc as the stand-in sees them.
func openedWith(s *stage.Stage, files ...string) string {
	s.T.Helper()
	bin := s.T.TempDir()
	opened := filepath.Join(bin, "opened")
	if err := syscall.Mkfifo(opened, 0o600); err != nil {
		s.T.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\n/bin/cat %s >'%s'\n", strings.Join(files, " "), opened)
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte(script), 0o700); err != nil {
		s.T.Fatal(err)
	}
	s.T.Setenv("PATH", bin)
	a := begin(s, s.T.Context(), Options{Profile: "Anna", Listen: anywhere}, nil)
	seen, err := os.ReadFile(opened) // waits for the writer
	if err != nil {
		s.T.Fatal(err)
	}
	if !bytes.Contains(seen, []byte(a.address())) {
		s.T.Errorf("the browser was opened with %q, want %s", seen, a.address())
	}
	stage.Get(s.T, a.back(a.allow("Anna")))
	if err := a.wait(); err != nil {
		s.T.Fatal(err)
	}
	return string(seen)
}
