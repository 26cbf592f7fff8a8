package auth

import (
	"context"
	"testing"
	"time"
)

// TestNobodyHoldsTheLockOfATokenWhileTheRateLimitHoldsItself has a renewal wait for
// room in the budget, which after a 601 takes minutes, while others want the lock.
func TestNobodyHoldsTheLockOfATokenWhileTheRateLimitHoldsItself(t *testing.T) {
	for _, signed := range []bool{false, true} {
		h := newFixture(t)
		app, store, waits := h.app(), h.store(), 0
		app.Signed = signed
		app.Wait = func(context.Context) error {
			waits++
			unlock, free := store.tryLock()
			if !free {
				t.Errorf("signed %v: the lock is held during wait %d", signed, waits)
				return nil
			}
			unlock()
			return nil
		}
		s := NewSource(app, h.store(), profile)
		before := mustToken(t, s)
		sent := h.requests()
		h.clock.pass(3*time.Hour - earliest)
		if mustToken(t, s) == before {
			t.Errorf("signed %v: not renewed", signed)
		}
		if asked := h.requests() - sent; asked != waits {
			t.Errorf("signed %v: %d requests, and room for %d of them", signed, asked, waits)
		}
	}
}

// TestARenewalIsAsUrgentAsTheRequestThatNeedsIt looks at what the budget can tell of the wait.
func TestARenewalIsAsUrgentAsTheRequestThatNeedsIt(t *testing.T) {
	type urgency struct{}
	h := newFixture(t)
	app, waits := h.app(), 0
	app.Wait = func(ctx context.Context) error {
		if waits++; ctx.Value(urgency{}) != "much" {
			t.Error("the budget does not learn how urgent the request is")
		}
		return nil
	}
	s := NewSource(app, h.store(), profile)
	mustToken(t, s)
	h.clock.pass(3*time.Hour - earliest)
	if _, err := s.Token(context.WithValue(t.Context(), urgency{}, "much")); err != nil || waits != 1 {
		t.Errorf("%d waits, error %v; want one", waits, err)
	}
}
