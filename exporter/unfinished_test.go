package exporter

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestAHintIsFollowedWhileSubscriptionsAreMade: they are seconds apart, and a dozen takes a minute.
func TestAHintIsFollowedWhileSubscriptionsAreMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var at shared[[]time.Duration]
		cloud := newScaleCloud()
		p := notifier(nil)
		p.Upkeep = func(context.Context) error {
			at.set(append(at.get(), time.Since(began).Round(time.Second)))
			if len(at.get()) < 12 {
				return Unfinished{After: 5 * time.Second}
			}
			return nil
		}
		p.Fetch = &cloud.fakeCloud
		r := start(t, p)
		pass(17 * time.Second)
		if n := len(at.get()); n != 4 {
			t.Errorf("%d turns in 17 seconds, want one at once and three more: %v", n, at.get())
		}
		cloud.taken()
		cloud.weigh("1")
		hinted(p, Measure)
		pass(time.Second)
		if got := only(cloud.taken(), "fetch measure"); len(got) != 1 {
			t.Errorf("a second after the hint, measures were asked for %d times", len(got))
		}
		pass(40 * time.Second)
		if n, last := len(at.get()), at.get()[len(at.get())-1]; n != 12 || last != 55*time.Second {
			t.Errorf("%d turns, the last after %s; want 12 in 55 seconds", n, last)
		}
		pass(30 * time.Minute)
		if n := len(at.get()); n != 12 || p.Status.Condition().Unsubscribed != "" || strings.Contains(r.lines(), "notifications") {
			t.Errorf("%d turns, condition %+v, log:\n%s", n, p.Status.Condition(), r.lines())
		}
	})
}
