package exporter

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestDueIsTheInnermostMoment(t *testing.T) {
	noon := time.Date(2026, 7, 14, 12, 0, 0, 0, time.UTC)
	outer := Due(t.Context(), noon)
	inner, cancel := context.WithCancelCause(Due(outer, noon.Add(time.Minute)))
	for _, c := range []struct {
		name string
		ctx  context.Context
		want time.Time
		has  bool
	}{
		{"none", t.Context(), time.Time{}, false},
		{"one", outer, noon, true},
		{"the inner of two", inner, noon.Add(time.Minute), true},
		{"before everything", Due(inner, time.Time{}), time.Time{}, true},
	} {
		if got, has := DueOf(c.ctx); has != c.has || !got.Equal(c.want) {
			t.Errorf("%s: got %v, %t, want %v, %t", c.name, got, has, c.want, c.has)
		}
	}
	over := errors.New("over")
	cancel(over)
	if got := context.Cause(Due(inner, noon)); !errors.Is(got, over) {
		t.Error("a context with a moment does not end with its parent")
	}
	if _, limited := outer.Deadline(); limited {
		t.Error("a moment is a deadline")
	}
}
