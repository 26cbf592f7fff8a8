package exporter

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter/testrun"
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

// TestWhateverTheDevicesSayNothingIsLostOrAskedWithoutEnd has the list of devices change at
// random for days: it fails, is not allowed, lacks devices, and tells of sessions long ago, in
// the future or not at all. A weigh-in is shown within the hour that one typed in may take.
func TestWhateverTheDevicesSayNothingIsLostOrAskedWithoutEnd(t *testing.T) {
	const longest = 65 * time.Minute
	for seed := range uint64(testrun.Scale(2, 60)) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dice := rand.New(rand.NewPCG(seed, 15))
				all := []Record{gadget("s", scale, 5, time.Now().Add(-time.Hour)), gadget("w", tracker, 93, time.Now().Add(-time.Hour)), gadget("x", "Hub", 1, time.Time{})}
				c := newSessionCloud(all...)
				r, p := startSessions(t, c, seed%2 == 0)
				began, saves := time.Now(), r.saves.Load()
				var weighIns []time.Time
				for range 150 {
					switch dice.IntN(9) {
					case 0:
						c.fails.set(errCloud)
					case 1:
						c.fails.set(fmt.Errorf("getdevice: %w", ErrNotAllowed))
					case 2, 3:
						c.fails.set(nil)
					case 4:
						c.devices.set(nil)
					case 5:
						c.devices.set(all[:1+dice.IntN(len(all))])
					case 6:
						c.meets("s", time.Now().Add(time.Duration(dice.IntN(200)-100)*time.Minute))
					case 7:
						c.meets("w", time.Time{})
					default:
						c.meets("w", time.Now())
					}
					if dice.IntN(4) == 0 {
						weighIn := weighed(strconv.Itoa(len(weighIns)))
						weighIns = append(weighIns, time.Now())
						switch dice.IntN(3) {
						case 0:
							c.sends("s", weighIn)
						case 1:
							weighIn.Maker = ByHand
							c.add(weighIn)
						default:
							c.add(weighIn)
						}
					}
					pass(time.Duration(1+dice.IntN(40)) * time.Minute)
					for i, at := range slices.Backward(weighIns) {
						if time.Since(at) < longest {
							continue
						}
						got, _ := strconv.Atoi(strings.TrimPrefix(shown(p.State, time.Now())["weight_grams"], "8000"))
						if got < i {
							t.Fatalf("weigh-in %d is not shown after %s, but %d", i, time.Since(at), got)
						}
						break
					}
				}
				polls, hours := r.saves.Load()-saves, time.Since(began).Hours()
				if most := 60 * hours; float64(polls) > most {
					t.Errorf("%d polls and errands in %.0f hours, want at most %.0f", polls, hours, most)
				}
				t.Logf("%d polls and errands in %.0f hours, %d weigh-ins", polls, hours, len(weighIns))
			})
		})
	}
}
