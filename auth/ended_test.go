package auth

import (
	"errors"
	"os"
	"testing"
	"time"
)

// TestAnEndedPermissionIsKnownWithoutAskingAgain has another process that renews the same token.
func TestAnEndedPermissionIsKnownWithoutAskingAgain(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	nothing := func(when string) {
		t.Helper()
		if at, why := h.store().Ended(); !at.IsZero() || why != "" {
			t.Errorf("%s: %q at %v, want nothing", when, why, at)
		}
	}
	nothing("at first")
	old, err := os.ReadFile(h.store().Path())
	if err != nil {
		t.Fatal(err)
	}
	h.clock.pass(3 * time.Hour)
	h.forget(h.content(t).RefreshToken)
	end := h.clock.now()
	if _, err := s.Token(t.Context()); !errors.Is(err, ErrNeedsAuthorization) {
		t.Fatalf("got %v, want %v", err, ErrNeedsAuthorization)
	}
	ended := func(when string) {
		t.Helper()
		if at, why := h.store().Ended(); !at.Equal(end) || why != "the permission has ended" {
			t.Errorf("%s: %q at %v, want the end at %v", when, why, at, end)
		}
	}
	ended("after the refusal")
	h.clock.pass(time.Hour)
	_, _ = h.source().Token(t.Context()) // as after a restart
	ended("found out again")
	h.authorize(t)
	nothing("after signing in")
	h.forget(h.content(t).RefreshToken)
	h.clock.pass(3 * time.Hour)
	end = h.clock.now()
	_, _ = h.source().Token(t.Context())
	ended("the next time")
	if err := os.WriteFile(h.store().Path(), old, 0o600); err != nil { // another token, as from a backup
		t.Fatal(err)
	}
	nothing("with another token in its place")
	if err := h.store().Withdraw(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(h.store().dir.File(profile, endedKind)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file outlives the token: %v", err)
	}
}
