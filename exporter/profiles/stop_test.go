package profiles

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestPollThatDoesNotEndIsNotWaitedForForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 3 * time.Second
		hangs := make(chan struct{})
		h := &Set{}
		h.polling.Go(func() { <-hangs })
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		began := time.Now()
		if err := h.HaltWithin(ctx); err == nil || !strings.Contains(err.Error(), "disk of the state directory responds") {
			t.Errorf("got %v, want what to look at", err)
		}
		if took := time.Since(began); took != limit {
			t.Errorf("it took %v, want %v", took, limit)
		}
		close(hangs)
		if err := h.HaltWithin(t.Context()); err != nil {
			t.Errorf("once it ends: %v", err)
		}
	})
}
