package exporter

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestWithoutDevicesToTrustEverythingIsAskedAtEveryPoll: the list of devices is no longer
// allowed, fails, or has become empty, which is not believed for a day. Whatever it was,
// sessions that are not told any more are not waited for.
func TestWithoutDevicesToTrustEverythingIsAskedAtEveryPoll(t *testing.T) {
	for name, trouble := range map[string]func(*sessionCloud){
		"not allowed": func(c *sessionCloud) { c.fails.set(fmt.Errorf("getdevice: %w", ErrNotAllowed)) },
		"failing":     func(c *sessionCloud) { c.fails.set(fmt.Errorf("getdevice: status 2554")) },
		"empty":       func(c *sessionCloud) { c.devices.set(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newSessionCloud(gadget("s", scale, 5, time.Now().Add(-time.Hour)))
				r, p := startSessions(t, c, true)
				pass(2 * time.Hour)
				had, is := c.devices.get(), p.Status.Condition().Sign
				if !is.Known {
					t.Fatalf("the sign is %+v", is)
				}
				trouble(c)
				pass(6 * time.Minute)
				c.taken()
				c.weigh("1")
				if took, ok := shownAfter(p, "1"); !ok || took > 5*time.Minute {
					t.Errorf("a weigh-in is shown: %t, after %s", ok, took)
				}
				pass(time.Hour)
				if n := len(only(c.taken(), "fetch measure")); n < 11 || n > 15 {
					t.Errorf("%d requests for measurements in a little over an hour, want one at each poll", n)
				}
				if n := strings.Count(r.log.get(), "\n"); n > 4 {
					t.Errorf("%d lines are logged:\n%s", n, r.log.get())
				}
				c.fails.set(nil)
				c.devices.set(had)
				c.meets("s", time.Now())
				pass(time.Hour) // what is not allowed is asked for again with the others
				c.taken()
				pass(3 * time.Hour)
				if n := len(only(c.taken(), "fetch measure")); n > 5 {
					t.Errorf("%d requests for measurements in three hours once the devices are told again", n)
				}
			})
		})
	}
}
