package auth

import (
	"errors"
	"fmt"
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

// mustLeaveIt checks that a damaged file is where it was, and that the person is told of it.
func (h *fixture) mustLeaveIt(t *testing.T, s *Source) {
	t.Helper()
	path := h.store().Path()
	if aside := h.aside(t); len(aside) > 0 {
		t.Fatalf("set aside are %q, and there is nothing to put in its place", aside)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "garbage" {
		t.Errorf("the file is %q, %v, want it as it was", data, err)
	}
	if err := s.Authorized(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "withings-exporter auth") {
		t.Errorf("got %v, want which file it is and what to do", err)
	}
}

func TestDamagedFileIsLeftToWhoHasAToken(t *testing.T) {
	h := newFixture(t)
	serve := h.source()
	access := h.mustWork(t, serve)
	h.damage(t)
	before := h.requests()
	reader := h.source() // of another process, which has nothing to put in its place
	for range 3 {
		if reader.Reload() {
			t.Error("there is said to be another token")
		}
		if _, err := reader.Token(t.Context()); !errors.Is(err, ErrNeedsAuthorization) {
			t.Errorf("got %v, want %v", err, ErrNeedsAuthorization)
		}
		h.mustLeaveIt(t, reader)
	}
	if got := h.requests() - before; got != 0 {
		t.Errorf("%d requests were made, want none", got)
	}
	serve.Reload()
	if got := h.content(t).AccessToken; got != access || len(h.aside(t)) != 1 {
		t.Errorf("the file holds %s, want %s again; set aside are %q", got, access, h.aside(t))
	}
	if !reader.Reload() {
		t.Error("the token that was restored was not noticed")
	}
	h.mustWork(t, reader)
}

func TestDamagedFileIsReplacedByANewSignIn(t *testing.T) {
	h := newFixture(t)
	if err := h.store().Withdraw(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := h.source() // has nothing in memory to put back
	h.damage(t)
	s.Reload()
	h.mustLeaveIt(t, s)
	h.authorize(t)
	if aside := h.aside(t); len(aside) != 1 {
		t.Errorf("set aside are %q, want the damaged file", aside)
	}
	if !s.Reload() {
		t.Error("the new authorisation was not noticed")
	}
	h.mustWork(t, s)
}

func TestFileThatIsGoneIsRestoredOnlyIfItWasDamaged(t *testing.T) {
	cases := []struct {
		name     string
		lose     func(t *testing.T, h *fixture, s *Source)
		restored bool
	}{
		{"set aside by another process", func(t *testing.T, h *fixture, _ *Source) {
			h.damage(t)
			if _, err := h.store().Load(t.Context()); !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
		}, true},
		{"deleted by a person", func(t *testing.T, h *fixture, _ *Source) { h.remove(t) }, false},
		{"withdrawn", func(t *testing.T, h *fixture, _ *Source) {
			if err := h.store().Withdraw(t.Context()); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"withdrawn when it was seen to be damaged", func(t *testing.T, h *fixture, s *Source) {
			h.damage(t)
			unlock, err := h.store().lock(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			s.Reload()
			unlock()
			if err := h.store().Withdraw(t.Context()); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"deleted by a person after a damaged one was restored", func(t *testing.T, h *fixture, s *Source) {
			h.damage(t)
			s.Reload()
			h.remove(t)
		}, false},
		{"deleted by a person days after one was set aside", func(t *testing.T, h *fixture, s *Source) {
			h.damage(t)
			if _, err := h.store().Load(t.Context()); !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			h.authorize(t)
			s.Reload()
			h.clock.pass(time.Minute)
			s.Reload()
			h.remove(t)
		}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := newFixture(t)
			var notices []string
			app := h.app()
			app.Notice = func(_, text string) { notices = append(notices, text) }
			s := NewSource(app, h.store(), profile)
			access := h.mustWork(t, s)
			c.lose(t, h, s)
			notices = nil
			for range 3 {
				h.clock.pass(5 * time.Second)
				s.Reload()
			}
			_, err := h.store().Peek()
			if restored := err == nil; restored != c.restored {
				t.Fatalf("restored: %t (%v), want %t", restored, err, c.restored)
			}
			if !c.restored {
				if err := s.Authorized(); !errors.Is(err, ErrNeedsAuthorization) || errors.Is(err, ErrDamaged) {
					t.Errorf("got %v, want that nobody is signed in", err)
				}
				return
			}
			if got := h.content(t).AccessToken; got != access {
				t.Errorf("file holds %s, want %s again", got, access)
			}
			if len(notices) != 1 || !strings.Contains(notices[0], h.aside(t)[0]) {
				t.Errorf("notices are %q, want one that names %q", notices, h.aside(t))
			}
		})
	}
}

// remove deletes the token file, as a person does.
func (h *fixture) remove(t *testing.T) {
	t.Helper()
	if err := os.Remove(h.store().Path()); err != nil {
		t.Fatal(err)
	}
}

func TestReloadPutsTheTokenInMemoryInPlaceOfTheDamagedFile(t *testing.T) {
	h := newFixture(t)
	var notices []string
	app := h.app()
	app.Notice = func(name, text string) { notices = append(notices, name+": "+text) }
	s := NewSource(app, h.store(), profile)
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
	if err := s.LastError(); !errors.Is(err, ErrRestored) || !strings.Contains(err.Error(), aside[0]) {
		t.Errorf("got last error %v, want it to name %q", err, aside[0])
	}
	if want := fmt.Sprintf("%s: the token file was damaged (kept as %q); the token was restored", profile, aside[0]); len(notices) != 1 || notices[0] != want {
		t.Errorf("notices are %q, want %q", notices, want)
	}
	if got := h.requests() - before; got != 0 {
		t.Errorf("%d requests were made, want none", got)
	}
}

func TestDamagedFileIsLeftWhileAnotherProcessHasTheLock(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	access := h.mustWork(t, s)
	h.damage(t)
	unlock, err := h.store().lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.Reload()
	if aside := h.aside(t); len(aside) > 0 {
		t.Errorf("%q was set aside without the lock", aside)
	}
	if err := s.LastError(); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v, want the damage told meanwhile", err)
	}
	unlock()
	s.Reload()
	if got := h.content(t).AccessToken; got != access || len(h.aside(t)) != 1 {
		t.Errorf("the file holds %s, want %s again; set aside are %q", got, access, h.aside(t))
	}
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
