package exporter

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter/testrun"
)

// TestAnyIntervalShowsAWeighInSoonAfterItsPoll has polls every ten seconds up to every
// hour. A weigh-in is shown within five minutes of the first poll that can tell of it, and a
// quiet day asks little besides the devices.
func TestAnyIntervalShowsAWeighInSoonAfterItsPoll(t *testing.T) {
	for _, interval := range testrun.Few([]time.Duration{15 * time.Minute, 10 * time.Second, time.Minute, time.Hour}) {
		for _, trusted := range []bool{true, false} {
			if interval < time.Minute && !trusted {
				continue // thousands of polls, which show no more than those of every minute
			}
			t.Run(interval.String()+" "+strconv.FormatBool(trusted), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newSessionCloud(gadget("s", scale, 5, time.Now().Add(-time.Hour)))
					c.early = 2 * time.Minute
					p := &Profile{Fetch: &c.fakeCloud, State: NewState("profile 1", nil)}
					for range proofOfAll {
						if trusted {
							p.State.learn(func(l *learned) { l.signed(Measure) })
						}
					}
					startEvery(t, interval, p)
					pass(16 * time.Minute)
					for i := range 4 {
						pass(time.Duration(i) * (interval/3 + time.Minute))
						id := strconv.Itoa(i)
						c.sends("s", weighed(id))
						if took, ok := shownAfter(p, id); !ok || took > interval+7*time.Minute {
							t.Errorf("shown: %t, after %s", ok, took)
						}
					}
					pass(12 * time.Hour)
					c.taken()
					pass(24 * time.Hour)
					calls, polls := c.taken(), int(24*time.Hour/interval)
					if n := len(only(calls, "fetch device")); n < polls*9/10 || n > polls*11/10+1 {
						t.Errorf("the devices were asked %d times in a day, want about %d", n, polls)
					}
					if n := len(only(calls, "fetch measure")); trusted && n > min(polls*11/10+1, 26) {
						t.Errorf("measurements were asked %d times in a day of %d polls", n, polls)
					}
				})
			})
		}
	}
}
