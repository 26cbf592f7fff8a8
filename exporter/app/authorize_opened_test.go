//go:build linux

package app

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestBrowserIsOpenedWithTheAddress(t *testing.T) {
	s := newStage(t)
	command := strings.Split(strings.TrimSuffix(s.openedWith("/proc/$$/cmdline"), "\x00"), "\x00")
	if got := filepath.Base(command[1]); got != "xdg-open" || len(command) != 3 {
		t.Errorf("the browser was opened with %q, want xdg-open and one argument", command)
	}
	s.works("Anna")
}

// openedWith signs Anna in where a stand-in for xdg-open opens the browser, and
// returns the content of the files of /proc as the stand-in sees them.
func (s *stage) openedWith(files ...string) string {
	s.t.Helper()
	bin := s.t.TempDir()
	opened := filepath.Join(bin, "opened")
	if err := syscall.Mkfifo(opened, 0o600); err != nil {
		s.t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\n/bin/cat %s >'%s'\n", strings.Join(files, " "), opened)
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte(script), 0o700); err != nil {
		s.t.Fatal(err)
	}
	s.t.Setenv("PATH", bin)
	a := s.begin(s.t.Context(), AuthorizeOptions{Profile: "Anna", Listen: anywhere}, nil)
	seen, err := os.ReadFile(opened) // waits for the writer
	if err != nil {
		s.t.Fatal(err)
	}
	if !bytes.Contains(seen, []byte(a.address())) {
		s.t.Errorf("the browser was opened with %q, want %s", seen, a.address())
	}
	get(s.t, a.back(a.allow("Anna")))
	if err := a.wait(); err != nil {
		s.t.Fatal(err)
	}
	return string(seen)
}
