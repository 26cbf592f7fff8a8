package auth

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"withings-exporter/exporter/statedir"
)

// damage spoils the token file, as a failing disk does.
func (h *fixture) damage(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(h.store().Path(), []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// aside lists the damaged files set aside.
func (h *fixture) aside(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(h.store().Path() + ".damaged-*")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// mustTellWhere checks that the damage was set aside once and that the person
// is told where to.
func (h *fixture) mustTellWhere(t *testing.T, s *Source) {
	t.Helper()
	aside := h.aside(t)
	if len(aside) != 1 {
		t.Fatalf("set aside are %q, want one file", aside)
	}
	if data, err := os.ReadFile(aside[0]); err != nil || string(data) != "garbage" {
		t.Errorf("aside is %q, %v, want the damaged file", data, err)
	}
	if err := s.Authorized(); err == nil || !strings.Contains(err.Error(), aside[0]) || !strings.Contains(err.Error(), "withings-exporter auth") {
		t.Errorf("got %v, want where the file is and what to do", err)
	}
}

func TestDamagedFileIsSetAsideByTheFirstLook(t *testing.T) {
	h := newFixture(t)
	h.damage(t)
	before := h.requests()
	s := h.source()
	h.mustTellWhere(t, s)
	for range 3 { // and stays told, without another file
		if s.Reload() {
			t.Error("there is said to be another token")
		}
		h.mustTellWhere(t, s)
	}
	if got := h.requests() - before; got != 0 {
		t.Errorf("%d requests were made, want none", got)
	}
	h.authorize(t)
	if !s.Reload() {
		t.Error("the new authorisation was not noticed")
	}
	h.mustWork(t, s)
}

func TestDamagedFileIsSetAsideByReload(t *testing.T) {
	h := newFixture(t)
	if err := h.store().Withdraw(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := h.source() // has nothing in memory to put back
	h.damage(t)
	s.Reload()
	h.mustTellWhere(t, s)
}

func TestReloadPutsTheTokenInMemoryInPlaceOfTheDamagedFile(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	access := h.mustWork(t, s)
	h.damage(t)
	before := h.requests()
	if s.Reload() {
		t.Error("there is said to be another token")
	}
	aside := h.aside(t)
	if len(aside) != 1 {
		t.Fatalf("set aside are %q, want one file", aside)
	}
	if got := h.content(t).AccessToken; got != access {
		t.Errorf("file holds %s, want %s again", got, access)
	}
	if err := s.LastError(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), aside[0]) {
		t.Errorf("got last error %v, want it to name %q", err, aside[0])
	}
	if got := h.requests() - before; got != 0 {
		t.Errorf("%d requests were made, want none", got)
	}
}

func TestDamagedFileIsLeftWhileAnotherProcessHasTheLock(t *testing.T) {
	h := newFixture(t)
	h.damage(t)
	unlock, err := h.store().lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := h.source()
	s.Reload()
	if aside := h.aside(t); len(aside) > 0 {
		t.Errorf("%q was set aside without the lock", aside)
	}
	if err := s.Authorized(); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v, want the damage told meanwhile", err)
	}
	unlock()
	s.Reload()
	h.mustTellWhere(t, s)
}

func TestDamagedFileIsLeftWhileAnotherGoroutineRenews(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	h.damage(t)
	s.turn <- struct{}{} // somebody is at it
	s.Reload()
	if aside := h.aside(t); len(aside) > 0 {
		t.Errorf("%q was set aside out of turn", aside)
	}
	<-s.turn
	s.Reload()
	if aside := h.aside(t); len(aside) != 1 {
		t.Errorf("set aside are %q, want one file", aside)
	}
}

func TestFileSetAsideByAnotherProcessIsReplacedFromMemory(t *testing.T) {
	for _, locked := range []bool{false, true} {
		h := newFixture(t)
		s := h.source()
		access := h.mustWork(t, s)
		h.damage(t)
		rec, seen, err := s.store.read()
		s.apply(rec, seen, err) // seen damaged, and not to be set aside from here
		if locked {
			unlock, err := h.store().lock(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			s.look()
			unlock()
		}
		if _, err := statedir.SetAside(h.store().Path(), h.clock.now()); err != nil {
			t.Fatal(err)
		}
		h.mustWork(t, s)
		if got := h.content(t).AccessToken; got != access {
			t.Errorf("locked %t: file holds %s, want %s again", locked, got, access)
		}
	}
}

// unreadable has nobody, not even root, open the token file until it is called.
func (h *fixture) unreadable(t *testing.T) (repair func()) {
	t.Helper()
	path := h.store().Path()
	if err := errors.Join(os.Rename(path, path+".intact"), os.Symlink(path, path)); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("the file was replaced or renamed: %v", err)
		}
		if err := errors.Join(os.Remove(path), os.Rename(path+".intact", path)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFileThatCannotBeReadIsNotReplaced, since it may have a token that is newer than the one in memory.
func TestFileThatCannotBeReadIsNotReplaced(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	h.mustWork(t, s)
	repair := h.unreadable(t)
	if err := h.store().Save(t.Context(), s.record().current); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("a new sign-in: got %v, want that the file cannot be read", err)
	}
	s.Reload()
	h.mustWork(t, s) // the one in memory is good
	h.clock.pass(3 * time.Hour)
	before := h.requests()
	if _, err := s.Token(t.Context()); !errors.Is(err, syscall.ELOOP) || errors.Is(err, ErrNeedsAuthorization) {
		t.Errorf("a renewal: got %v, want that the file cannot be read", err)
	}
	if got := h.requests() - before; got != 0 {
		t.Errorf("%d requests were made, want none: a pair could not be saved", got)
	}
	repair()
	h.clock.pass(renewing.Most)
	h.mustWork(t, s)
	h.mustWork(t, h.source())
}
