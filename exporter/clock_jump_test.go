package exporter

import (
	"context"
	"log/slog"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestAClockThatJumpsLosesNoWeighIn has the clock be wrong and set right again, as that of a
// small computer without a battery: the sessions are in its future, or a day ago.
func TestAClockThatJumpsLosesNoWeighIn(t *testing.T) {
	for _, signed := range []bool{true, false} {
		t.Run("with a session "+strconv.FormatBool(signed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var wrong atomic.Int64
				c := newSessionCloud(gadget("s", scale, 5, time.Now().Add(-time.Hour)), gadget("w", tracker, 93, time.Now().Add(-time.Hour)))
				p := &Profile{Fetch: &c.fakeCloud, State: NewState("Anna", nil), Status: &Status{}, Save: func() error { return nil },
					Ready: func(context.Context) error { return nil }}
				poller := &Poller{Interval: 5 * time.Minute, Log: slog.New(slog.DiscardHandler),
					Now: func() time.Time { return time.Now().Add(time.Duration(wrong.Load())) }}
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() { defer close(done); poller.Run(ctx, []*Profile{p}) }()
				defer func() { stop(); <-done }()
				wrong.Store(int64(-30 * 365 * 24 * time.Hour))
				pass(16 * time.Minute)
				for i, jump := range []time.Duration{0, 24 * time.Hour, -24 * time.Hour, 0, 50 * 365 * 24 * time.Hour, -2 * time.Hour, 0} {
					for j := range 3 {
						pass(50 * time.Minute)
						id := strconv.Itoa(3*i + j)
						if signed {
							c.sends("s", weighed(id))
						} else {
							c.add(weighed(id))
						}
						if took, ok := shownAfter(p, id); !ok || took > 65*time.Minute {
							t.Errorf("weigh-in %s is shown: %t, after %s; the clock is wrong by %s", id, ok, took, time.Duration(wrong.Load()))
						}
					}
					wrong.Store(int64(jump))
				}
			})
		})
	}
}
