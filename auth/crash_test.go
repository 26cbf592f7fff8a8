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
)

// errKilled stands for the end of the process: the Source it comes from is
// thrown away.
var errKilled = errors.New("killed")

func TestNoCrashAroundARenewalCostsTheAuthorisation(t *testing.T) {
	cases := []struct {
		name  string
		crash func(t *testing.T, h *fixture, s *Source)
	}{
		{"before the request", func(_ *testing.T, h *fixture, s *Source) { h.next(cut) }},
		{"after Withings has renewed, before the answer", func(_ *testing.T, h *fixture, s *Source) { h.next(loseAnswer) }},
		{"after the answer, before the file", func(_ *testing.T, _ *fixture, s *Source) {
			s.store.write = func(string, []byte) error { return errKilled }
		}},
		{"in the middle of writing", func(t *testing.T, _ *fixture, s *Source) {
			s.store.write = func(path string, data []byte) error {
				temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".tmp-1")
				if err := os.WriteFile(temp, data[:len(data)/2], 0o600); err != nil {
					t.Error(err)
				}
				return errKilled
			}
		}},
		{"after the file, before the use", func(_ *testing.T, _ *fixture, s *Source) {
			write := s.store.write
			s.store.write = func(path string, data []byte) error {
				return errors.Join(write(path, data), errKilled)
			}
		}},
	}
	for _, tc := range cases {
		for _, away := range []time.Duration{0, 7 * time.Hour} {
			t.Run(tc.name+", away for "+away.String(), func(t *testing.T) {
				h := newFixture(t)
				s := h.source()
				h.mustWork(t, s)
				for range 3 {
					h.clock.pass(3 * time.Hour)
					tc.crash(t, h, s)
					if _, err := s.Token(t.Context()); err == nil {
						t.Fatal("a token was handed out although the process died before")
					}
					h.clock.pass(away)
					s = h.source() // the process starts again
					h.mustWork(t, s)
				}
			})
		}
	}
}

func TestAnswersLostInARowRecover(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	h.mustWork(t, s)
	h.clock.pass(3 * time.Hour)
	for range 5 {
		h.next(loseAnswer)
		if _, err := s.Token(t.Context()); err == nil || errors.Is(err, ErrNeedsAuthorization) {
			t.Fatalf("got %v, want a passing failure", err)
		}
		h.clock.pass(renewing.Most)
	}
	h.mustWork(t, s)
}

func TestPairBeforeHelpsWhenTheNewestIsRefused(t *testing.T) {
	renewed := func(t *testing.T) (*fixture, string) {
		h := newFixture(t)
		s := h.source()
		h.mustWork(t, s)
		h.clock.pass(3 * time.Hour)
		mustToken(t, s) // renewed, saved, not used: the pair before it lives on
		newest := h.content(t)
		if newest.Previous == nil {
			t.Fatal("the pair before was not kept")
		}
		h.forget(newest.RefreshToken)
		return h, newest.RefreshToken
	}
	t.Run("within eight hours", func(t *testing.T) {
		h, _ := renewed(t)
		h.clock.pass(7 * time.Hour)
		s := h.source()
		h.mustWork(t, s)
		h.clock.pass(3 * time.Hour)
		h.mustWork(t, s)
	})
	t.Run("once", func(t *testing.T) {
		h, _ := renewed(t)
		h.clock.pass(3 * time.Hour)
		h.forget(h.content(t).Previous.RefreshToken)
		before, s := h.requests(), h.source()
		for range 3 {
			if _, err := s.Token(t.Context()); !errors.Is(err, ErrNeedsAuthorization) {
				t.Fatalf("got %v, want %v", err, ErrNeedsAuthorization)
			}
		}
		if got := h.requests() - before; got != 2 {
			t.Errorf("%d requests were made, want 2: the newest and the one before", got)
		}
	})
	t.Run("not when it must be dead", func(t *testing.T) {
		h, _ := renewed(t)
		h.clock.pass(8 * time.Hour)
		before := h.requests()
		if _, err := h.source().Token(t.Context()); !errors.Is(err, ErrNeedsAuthorization) {
			t.Errorf("got %v, want %v", err, ErrNeedsAuthorization)
		}
		if got := h.requests() - before; got != 1 {
			t.Errorf("%d requests were made, want 1", got)
		}
	})
	t.Run("not given up in an outage", func(t *testing.T) {
		h, newest := renewed(t)
		h.clock.pass(3 * time.Hour)
		h.next(reply(200, status(503, "Invalid Params: invalid refresh_token")), cut)
		s := h.source()
		if _, err := s.Token(t.Context()); err == nil || errors.Is(err, ErrNeedsAuthorization) {
			t.Errorf("got %v, want a passing failure", err)
		}
		if got := h.content(t).RefreshToken; got != newest {
			t.Error("the file was changed")
		}
		h.clock.pass(time.Minute)
		h.mustWork(t, s)
	})
}

func TestPairBeforeLeavesTheFileWithTheFirstUse(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	h.mustWork(t, s)
	h.clock.pass(3 * time.Hour)
	access := mustToken(t, s)
	s.Used("access-of-somebody-else")
	if h.content(t).Previous == nil {
		t.Error("the pair before left the file with the use of another token")
	}
	unlock, err := h.store().lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s2 := h.source()
	s2.Used(access) // must not wait for the lock
	unlock()
	s.Used(access)
	if h.content(t).Previous != nil {
		t.Error("the dead pair is still in the file")
	}
	before := h.requests()
	if got := mustToken(t, s); got != access || h.requests() != before {
		t.Errorf("got %s, want %s without a call", got, access)
	}
}

func TestFullDiskKeepsTheOldTokenInUseAndTheNewPairForLater(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	first := h.mustWork(t, s)
	write := s.store.write
	s.store.write = func(path string, _ []byte) error { return &os.PathError{Op: "write", Path: path, Err: syscall.ENOSPC} }
	h.clock.pass(3*time.Hour - earliest)
	before := h.requests()
	if got := mustToken(t, s); got != first {
		t.Errorf("got %s, want the old token: the new one is not safe", got)
	}
	if err := s.LastError(); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), h.store().Path()) {
		t.Errorf("got last error %v, want the path and the reason", err)
	}
	h.clock.pass(earliest)
	for range 5 {
		if _, err := s.Token(t.Context()); !errors.Is(err, syscall.ENOSPC) || errors.Is(err, ErrNeedsAuthorization) {
			t.Errorf("got %v, want the reason", err)
		}
		h.clock.pass(renewing.Most)
	}
	if got := h.requests() - before; got != 1 {
		t.Errorf("%d requests were made, want 1: the pair is there and only has to be saved", got)
	}
	s.store.write = write
	second := h.mustWork(t, s)
	if got := h.requests() - before; got != 1 || second == first {
		t.Errorf("got %s after %d requests, want the pair that waited", second, got)
	}
	if got := h.content(t).AccessToken; got != second {
		t.Errorf("file holds %s, want %s", got, second)
	}
}

func TestNewAuthorisationBeatsAPairThatCouldNotBeSaved(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	write := s.store.write
	s.store.write = func(string, []byte) error { return syscall.ENOSPC }
	h.clock.pass(3 * time.Hour)
	if _, err := s.Token(t.Context()); err == nil {
		t.Fatal("an unsaved token was handed out")
	}
	s.store.write = write
	token := h.authorize(t)
	if got := mustToken(t, s); got != token.AccessToken {
		t.Errorf("got %s, want %s of the new authorisation", got, token.AccessToken)
	}
	h.clock.pass(3 * time.Hour)
	mustToken(t, s)
	if got := h.content(t).Previous; got == nil || got.RefreshToken != token.RefreshToken {
		t.Error("an older pair came back: the renewal was not made from the new authorisation")
	}
}

func TestDamagedFileIsSetAsideAndReplacedFromMemory(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	access := h.mustWork(t, s)
	if err := os.WriteFile(h.store().Path(), []byte("{\"version\":1,"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := mustToken(t, s); got != access {
		t.Errorf("got %s, want %s", got, access)
	}
	if got := h.content(t).AccessToken; got != access {
		t.Errorf("file holds %s, want %s again", got, access)
	}
	aside, err := filepath.Glob(h.store().Path() + ".damaged-*")
	if err != nil || len(aside) != 1 {
		t.Fatalf("set aside are %q, %v, want one file", aside, err)
	}
	if err := s.LastError(); !errors.Is(err, ErrRestored) || !strings.Contains(err.Error(), aside[0]) {
		t.Errorf("got last error %v, want it to name %q", err, aside[0])
	}
	h.clock.pass(3 * time.Hour)
	h.mustWork(t, s)
}

func TestDamagedFileWaitsInMemoryWhileTheDiskIsFull(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	access := h.mustWork(t, s)
	write := s.store.write
	s.store.write = func(string, []byte) error { return syscall.ENOSPC }
	if err := os.WriteFile(h.store().Path(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got := mustToken(t, s); got != access {
			t.Errorf("got %s, want %s", got, access)
		}
		h.clock.pass(renewing.Most)
	}
	s.store.write = write
	h.mustWork(t, s)
	h.clock.pass(3 * time.Hour)
	h.mustWork(t, s)
	if got := h.content(t).AccessToken; got == access {
		t.Error("the file was not written again")
	}
}

func TestDamagedFileAtTheStartNeedsAPerson(t *testing.T) {
	h := newFixture(t)
	if err := os.WriteFile(h.store().Path(), []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := h.source()
	for range 2 {
		_, err := s.Token(t.Context())
		if !errors.Is(err, ErrNeedsAuthorization) || !strings.Contains(err.Error(), h.store().Path()) {
			t.Errorf("got %v, want which file it is and what to do", err)
		}
	}
	h.authorize(t)
	h.mustWork(t, s)
}

func TestUnwritableFolderStopsRenewingAndNothingElse(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	access := h.mustWork(t, s)
	// A folder in place of the lock file cannot be locked, whoever runs this.
	lock := h.dir.LockFile(profile, kind)
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(lock, 0o700); err != nil {
		t.Fatal(err)
	}
	if unlock, ok := h.store().tryLock(); ok {
		unlock()
		t.Fatal("this system locks folders")
	}
	h.clock.pass(3*time.Hour - earliest)
	before := h.requests()
	if got := mustToken(t, s); got != access || h.requests() != before {
		t.Errorf("got %s after %d requests, want the old token and no renewal that could not be saved", got, h.requests()-before)
	}
}

func TestDamagedFileThatCannotBeSetAsideIsNotWrittenOver(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	access := h.mustWork(t, s)
	path := h.store().Path()
	if err := os.WriteFile(path, []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	base := path + ".damaged-20260715T080000Z" // every name of this second is taken
	for n := range 1001 {
		name := fmt.Sprintf("%s-%d", base, n)
		if n < 2 {
			name = base
		}
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := mustToken(t, s); got != access {
		t.Errorf("got %s, want %s from memory", got, access)
	}
	if err := s.LastError(); err == nil || !strings.Contains(err.Error(), "remove some") {
		t.Errorf("got last error %v, want what to do", err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "garbage" {
		t.Errorf("file holds %q, %v, want it as it was", data, err)
	}
	h.clock.pass(time.Minute) // another second has other names
	h.mustWork(t, s)
	if got := h.content(t).AccessToken; got != access {
		t.Errorf("file holds %s, want %s", got, access)
	}
}

func TestFileThatCannotBeReadForAMomentLosesNothing(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	access := h.mustWork(t, s)
	path := h.store().Path()
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil { // a folder is there and cannot be read
		t.Fatal(err)
	}
	if got := mustToken(t, s); got != access {
		t.Errorf("got %s, want %s from memory", got, access)
	}
	if err := s.LastError(); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got last error %v, want one naming %q", err, path)
	}
	if _, err := h.source().Token(t.Context()); err == nil || errors.Is(err, ErrNeedsAuthorization) {
		t.Errorf("a new process says %v, want the failure to read", err)
	}
	if err := errors.Join(os.Remove(path), os.Rename(path+".away", path)); err != nil {
		t.Fatal(err)
	}
	h.mustWork(t, s)
	if err := s.LastError(); err != nil {
		t.Errorf("error %v is still told after it has passed", err)
	}
}
