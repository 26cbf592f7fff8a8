package exporter

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// sessionCloud is a cloud with devices whose sessions are told. What is sent can be read
// some time after its session.
type sessionCloud struct {
	scaleCloud
	devices shared[[]Record]
	fails   shared[error] // of the list of devices
}

func newSessionCloud(devices ...Record) *sessionCloud {
	c := &sessionCloud{}
	c.devices.set(devices)
	others := newScaleCloud()
	c.fetch = func(ctx context.Context, service Service, p Progress, apply func(Batch)) (Fetched, error) {
		if service != Device {
			others.groups.set(c.groups.get())
			others.early = c.early
			return others.fetch(ctx, service, p, apply)
		}
		if err := c.fails.get(); err != nil {
			return Fetched{}, err
		}
		apply(Batch{Service: Device, Records: c.devices.get(), Whole: Always()})
		return Fetched{}, nil
	}
	return c
}

// gadget is a device whose last session was at a moment; at the zero time, Withings does not say.
func gadget(id, kind string, model int, at time.Time) Record {
	r := Record{Service: Device, ID: id, Start: time.Unix(0, 0), End: at, Readings: []Reading{is("device_info", "1", id, kind, "", strconv.Itoa(model), "")}}
	if !at.IsZero() {
		r.Readings = append(r.Readings, is("device_last_session_timestamp_seconds", strconv.FormatInt(at.Unix(), 10), id))
	}
	return r
}

// meets has a device be in contact with Withings now, or at another time by its word.
func (c *sessionCloud) meets(id string, at time.Time) {
	all := slices.Clone(c.devices.get())
	for i := range all {
		if all[i].ID == id {
			kind, model := all[i].device()
			all[i] = gadget(id, kind, model, at)
		}
	}
	c.devices.set(all)
}

// sends has a device send a record now, which shows in its session.
func (c *sessionCloud) sends(id string, r Record) {
	c.meets(id, time.Now())
	r.Maker = MakerOf(id)
	c.add(r)
}

// weighed is a weigh-in of now.
func weighed(id string) Record {
	r := group(id, "2026-07-14 08:00", is("weight_grams", "8000"+id))
	r.Start, r.End = time.Now(), time.Now()
	return r
}

// startSessions starts a poller for one profile of a cloud whose sessions are trusted, if
// that is wanted, and lets the first poll pass.
func startSessions(t *testing.T, c *sessionCloud, trusted bool) (*rig, *Profile) {
	p := &Profile{Fetch: &c.fakeCloud}
	if trusted {
		p.State = NewState("profile 1", nil)
		for range proofOfAll {
			p.State.learn(func(l *learned) { l.signed(Measure) })
		}
	}
	r := start(t, p)
	pass(16 * time.Minute) // a session of before the start counts as new
	c.taken()
	return r, p
}

// shownAfter is how long it takes until a weigh-in is shown; false after three hours.
func shownAfter(p *Profile, id string) (time.Duration, bool) {
	for from := time.Now(); time.Since(from) < 3*time.Hour; pass(time.Second) {
		if shown(p.State, time.Now())["weight_grams"] == "8000"+id {
			return time.Since(from), true
		}
	}
	return 0, false
}

// TestWhatADeviceSendsIsShownWithinFiveMinutesOfBeingReadable: whenever the session is, and
// however long Withings takes.
func TestWhatADeviceSendsIsShownWithinFiveMinutesOfBeingReadable(t *testing.T) {
	for _, early := range []time.Duration{0, time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 9 * time.Minute} {
		t.Run(early.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newSessionCloud(gadget("s", scale, 5, time.Now().Add(-time.Hour)))
				c.early = early
				_, p := startSessions(t, c, true)
				for i := range 9 {
					pass(time.Duration(40+7*i) * 61 * time.Second) // at any time between two polls
					id := strconv.Itoa(i)
					c.sends("s", weighed(id))
					took, ok := shownAfter(p, id)
					if late := took - early; !ok || late > 5*time.Minute {
						t.Errorf("shown: %v, %s after it could be read", ok, late)
					}
				}
				if is := p.Status.Condition().Sign; !is.Known || len(is.Unheeded) > 0 {
					t.Errorf("the sign is %+v", is)
				}
			})
		})
	}
}

// TestWithoutSessionsLittleIsAsked counts the requests of a day in which no device is in
// contact with Withings, and one in which a watch is, sixteen times.
func TestWithoutSessionsLittleIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newSessionCloud(gadget("s", scale, 5, time.Now().Add(-time.Hour)), gadget("w", tracker, 93, time.Now().Add(-time.Hour)))
		_, p := startSessions(t, c, true)
		pass(24 * time.Hour)
		calls := c.taken()
		for service, most := range map[Service]int{Device: 305, Measure: 25, Workout: 25, Activity: 6, Sleep: 5, Heart: 5, Goal: 9, Objective: 9, Stetho: 1} {
			if n := len(only(calls, "fetch "+string(service))); n > most {
				t.Errorf("%s was asked %d times in a quiet day, want %d at most", service, n, most)
			}
		}
		for service, pace := range map[Service]time.Duration{Device: 5 * time.Minute, Measure: time.Hour, Workout: time.Hour, Activity: 6 * time.Hour, Sleep: 6 * time.Hour} {
			for last, at := range only(calls, "fetch "+string(service)) {
				if last > 0 && at-only(calls, "fetch "+string(service))[last-1] > pace+time.Second {
					t.Errorf("%s was not asked for longer than %s", service, pace)
				}
			}
		}
		for range 16 {
			pass(90 * time.Minute)
			c.meets("w", time.Now())
		}
		calls = c.taken()
		for service, want := range map[Service][2]int{Activity: {16, 68}, Heart: {16, 20}, Measure: {24, 40}, Workout: {24, 40}, Sleep: {16, 20}} {
			if n := len(only(calls, "fetch "+string(service))); n < want[0] || n > want[1] {
				t.Errorf("with sixteen sessions %s was asked %d times in a day, want %v", service, n, want)
			}
		}
		if is := p.Status.Condition(); !is.Up || len(is.Sign.Unheeded) > 0 {
			t.Errorf("up is %v, the sign %+v", is.Up, is.Sign)
		}
	})
}

// TestASessionAsksOnlyWhatTheDeviceMaySend: a scale has no nights, and a phone that counts
// steps weighs nobody.
func TestASessionAsksOnlyWhatTheDeviceMaySend(t *testing.T) {
	for _, c := range []struct {
		device Record
		want   string
	}{
		{gadget("d", scale, 5, noon), "measure"},
		{gadget("d", scale, 10, noon), "measure heart"},
		{gadget("d", cuff, 45, noon), "measure"},
		{gadget("d", cuff, 44, noon), "measure heart stetho"},
		{gadget("d", thermometer, 70, noon), "measure"},
		{gadget("d", thermometer, 71, noon), "measure heart stetho"},
		{gadget("d", mat, 63, noon), "measure sleep night"},
		{gadget("d", tracker, 93, noon), "measure activity sleep workout heart intraday night"},
		{gadget("d", tracker, 1054, noon), "activity workout intraday"},
		{gadget("d", "Urine Analyzer", 0, noon), "measure activity sleep workout heart stetho intraday night"},
	} {
		var got []string
		for _, service := range Asked() {
			is := contact{}
			if is.kind, is.model = c.device.device(); service.Row().sends(&is) {
				got = append(got, string(service))
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s %d: %v, want %s", c.device.Readings[0].Labels.Values()[1], len(got), got, c.want)
		}
	}
}

// TestNewsWithoutASessionEndTheTrust: the service is asked at every poll from then on, which
// is said once, and after some days sessions get another chance.
func TestNewsWithoutASessionEndTheTrust(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newSessionCloud(gadget("s", scale, 5, time.Now().Add(-time.Hour)))
		r, p := startSessions(t, c, true)
		silent := weighed("1")
		silent.Maker = MakerOf("s")
		c.add(silent) // its session is not told
		if took, ok := shownAfter(p, "1"); !ok || took > time.Hour {
			t.Fatalf("it is shown after %s: %v", took, ok)
		}
		pass(15 * time.Minute)
		if is := p.Status.Condition().Sign; !slices.Equal(is.Unheeded, []Service{Measure}) || time.Since(is.Since) > time.Hour {
			t.Errorf("the sign is %+v", is)
		}
		if log := r.lines(); strings.Count(log, "without a session") != 1 {
			t.Errorf("logged: %s", log)
		}
		silent = weighed("2")
		silent.Maker = MakerOf("s")
		c.add(silent)
		if took, ok := shownAfter(p, "2"); !ok || took > 5*time.Minute {
			t.Errorf("the next one is shown after %s: %v", took, ok)
		}
		pass(firstDoubt)
		if is := p.Status.Condition().Sign; len(is.Unheeded) > 0 || !slices.Contains(is.Unproven, Measure) {
			t.Errorf("after two days the sign is %+v", is)
		}
		for i := 3; i < 6; i++ {
			c.sends("s", weighed(strconv.Itoa(i)))
			pass(time.Hour)
		}
		if is := p.Status.Condition().Sign; slices.Contains(is.Unproven, Measure) || !strings.Contains(r.lines(), "with the sessions of devices again") {
			t.Errorf("with sessions the sign is %+v", is)
		}
		silent = weighed("6")
		silent.Maker = MakerOf("s")
		c.add(silent)
		pass(firstDoubt + 2*time.Hour)
		if is := p.Status.Condition().Sign; !slices.Contains(is.Unheeded, Measure) {
			t.Errorf("the second time trust comes back as soon as the first time: %+v", is)
		}
	})
}

// TestSessionsThatSayNothingAreNotTrusted: there is no device, none tells of a session, or
// the last one is in the future. Everything is asked at every poll, as without devices.
func TestSessionsThatSayNothingAreNotTrusted(t *testing.T) {
	for name, devices := range map[string]func() []Record{
		"no devices":    func() []Record { return nil },
		"null":          func() []Record { return []Record{gadget("w", tracker, 93, time.Time{})} },
		"in the future": func() []Record { return []Record{gadget("w", tracker, 93, time.Now().Add(time.Hour*24*365))} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newSessionCloud(devices()...)
				_, p := startSessions(t, c, true)
				pass(time.Hour)
				calls := c.taken()
				for _, service := range []Service{Measure, Activity, Sleep, Workout} {
					if n := len(only(calls, "fetch "+string(service))); n < 11 {
						t.Errorf("%s was asked %d times in an hour", service, n)
					}
				}
				if is := p.Status.Condition().Sign; is.Known {
					t.Errorf("the sign is %+v", is)
				}
			})
		})
	}
}

// TestStrangeSessionsLoseNothing: one that moves back, one a little in the future, one that is
// told late, a device that vanishes, and a list of devices that fails.
func TestStrangeSessionsLoseNothing(t *testing.T) {
	for name, act := range map[string]func(c *sessionCloud){
		"moves back":             func(c *sessionCloud) { c.sends("s", weighed("1")); c.meets("s", time.Now().Add(-30*24*time.Hour)) },
		"a little in the future": func(c *sessionCloud) { c.sends("s", weighed("1")); c.meets("s", time.Now().Add(5*time.Minute)) },
		"hours ago":              func(c *sessionCloud) { c.sends("s", weighed("1")); c.meets("s", time.Now().Add(-5*time.Hour)) },
		"the list fails":         func(c *sessionCloud) { c.sends("s", weighed("1")); c.fails.set(errCloud) },
		"the device vanishes":    func(c *sessionCloud) { c.sends("s", weighed("1")); c.devices.set(c.devices.get()[1:]) },
		"a new device": func(c *sessionCloud) {
			c.devices.set(append(slices.Clone(c.devices.get()), gadget("n", scale, 5, time.Now())))
			c.sends("n", weighed("1"))
		},
		"without a session": func(c *sessionCloud) { c.add(weighed("1")) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newSessionCloud(gadget("s", scale, 5, time.Now().Add(-48*time.Hour)), gadget("w", tracker, 93, time.Now().Add(-48*time.Hour)))
				_, p := startSessions(t, c, true)
				act(c)
				most := 10 * time.Minute
				switch name {
				case "the device vanishes", "without a session":
					most = time.Hour
				}
				if took, ok := shownAfter(p, "1"); !ok || took > most {
					t.Errorf("shown: %v, after %s", ok, took)
				}
			})
		})
	}
}

// TestAScaleOfTwoPeopleKeepsItsTrust: its sessions are mostly those of the other one.
func TestAScaleOfTwoPeopleKeepsItsTrust(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newSessionCloud(gadget("s", scale, 5, time.Now().Add(-time.Hour)))
		_, p := startSessions(t, c, true)
		for range 20 {
			pass(70 * time.Minute)
			c.meets("s", time.Now())
		}
		c.sends("s", weighed("1"))
		if took, ok := shownAfter(p, "1"); !ok || took > 5*time.Minute {
			t.Errorf("shown: %v, after %s", ok, took)
		}
		if is := p.Status.Condition().Sign; !is.Known || len(is.Unheeded) > 0 {
			t.Errorf("the sign is %+v", is)
		}
	})
}

// TestANewAccountIsAskedOftenUntilItsSessionsAreProven: at least every quarter of an hour.
func TestANewAccountIsAskedOftenUntilItsSessionsAreProven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newSessionCloud(gadget("s", scale, 5, time.Now().Add(-time.Hour)))
		_, p := startSessions(t, c, false)
		pass(10 * time.Hour)
		asked := only(c.taken(), "fetch measure")
		for i := 1; i < len(asked); i++ {
			if asked[i]-asked[i-1] > 15*time.Minute {
				t.Errorf("measure was not asked for %s", asked[i]-asked[i-1])
			}
		}
		if n := len(asked); n > 48 {
			t.Errorf("measure was asked %d times in ten hours, want every third poll", n)
		}
		for i := range proof {
			c.sends("s", weighed(strconv.Itoa(i)))
			pass(30 * time.Minute)
		}
		c.taken()
		pass(10 * time.Hour)
		if n := len(only(c.taken(), "fetch measure")); n > 12 || slices.Contains(p.Status.Condition().Sign.Unproven, Measure) {
			t.Errorf("although it is proven, measure was asked %d times in ten hours: %+v", n, p.Status.Condition().Sign)
		}
	})
}

// TestARestartForgetsNothing: what was learned stays, everything is asked once, and what a
// device sent just before is found.
func TestARestartForgetsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newSessionCloud(gadget("s", scale, 5, time.Now().Add(-time.Hour)))
		c.early = 90 * time.Second
		r, p := startSessions(t, c, true)
		p.State.learn(func(l *learned) { l.unsigned(Workout, time.Now()) })
		pass(2 * time.Hour)
		c.sends("s", weighed("1"))
		r.stop()
		<-r.done
		again := NewState("profile 1", nil)
		if err := again.Restore(saved(t, p.State)); err != nil {
			t.Fatal(err)
		}
		if is := again.experience(); !is.trusts(Measure, time.Now()) || !is.doubts(Workout, time.Now()) {
			t.Errorf("restored is %+v", is)
		}
		c.taken()
		q := &Profile{Fetch: &c.fakeCloud, State: again}
		start(t, q)
		if took, ok := shownAfter(q, "1"); !ok || took > 5*time.Minute {
			t.Errorf("shown: %v, after %s", ok, took)
		}
		pass(time.Hour)
		if n := len(only(c.taken(), "fetch activity")); n != 1 {
			t.Errorf("activity was asked %d times in the first hour after a restart, want once", n)
		}
	})
}

// TestAnotherPersonIsLearnedFromTheStart: what was learned belongs to the account.
func TestAnotherPersonIsLearnedFromTheStart(t *testing.T) {
	s := NewState("p", nil)
	s.Bind("1")
	s.learn(func(l *learned) { l.unsigned(Sleep, noon); l.Hours.add(noon) })
	if s.Bind("2"); len(s.experience().Trust) > 0 || s.experience().Hours != (hours{}) {
		t.Errorf("of another person it is known that %+v", s.experience())
	}
}

// TestANapIsLookedForAfterEachSession: also after one that comes minutes after another, with which a nap
// may come that had not ended before. One look does for two sessions if both naps can be read by then.
func TestANapIsLookedForAfterEachSession(t *testing.T) {
	for _, apart := range []time.Duration{10 * time.Second, 5 * time.Minute, 15 * time.Minute, 3 * time.Hour} {
		state, errands := NewState("Anna", time.UTC), newErrands()
		for _, session := range []time.Time{noon, noon.Add(apart)} {
			is := contact{kind: tracker, at: session}
			errands.look([]Service{Sleep}, state.glances(Sleep, is, times{at: session, now: session.Add(time.Minute)}))
		}
		var looks []glance
		for _, is := range errands.open {
			looks = append(looks, is.glances...)
		}
		for _, session := range []time.Time{noon, noon.Add(apart)} {
			readable := session.Add(10 * time.Minute)
			if !slices.ContainsFunc(looks, func(g glance) bool {
				return !g.at.Before(readable) && g.at.Before(readable.Add(5*time.Minute))
			}) {
				t.Errorf("sessions %s apart: no look for the nap of the one at %s", apart, session.Format(time.TimeOnly))
			}
		}
	}
}

// TestWhatWasLearnedSurvivesAnyFile: a damaged part is dropped, and the rest counts.
func TestWhatWasLearnedSurvivesAnyFile(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		trust int
	}{
		"nothing":          {`{}`, 0},
		"of today":         {`{"trust":[{"service":"sleep","signed":3},{"service":"measure","until":"2026-07-20T00:00:00Z","doubt":172800000000000}]}`, 2},
		"unknown services": {`{"trust":[{"service":"mischief","signed":3},{"service":"","signed":1}]}`, 0},
		"twice":            {`{"trust":[{"service":"sleep"},{"service":"sleep"}]}`, 1},
		"a count below 0":  {`{"trust":[{"service":"sleep","signed":-1}]}`, 0},
		"far too high":     {`{"trust":[{"service":"sleep","signed":4000000,"doubt":9000000000000000000}],"hours":{"counts":[4294967295]}}`, 1},
		"an odd year":      {`{"trust":[{"service":"sleep","since":"9999-12-31T23:59:59-23:00"}]}`, 0},
		"more half hours":  {`{"hours":{"counts":[` + strings.Repeat("1,", 60) + `1]}}`, 0},
		"fewer half hours": {`{"hours":{"counts":[1,2]}}`, 0},
		"null instead":     {`null`, 0},
		"a clock in BC":    {`{"hours":{"from":"0000-01-01T00:00:00Z","aged":"0000-01-01T00:00:00Z"}}`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewState("p", nil)
			text := fmt.Sprintf(`{"version":1,"profile":"p","catalog":%q,"services":{},"learned":%s}`, CatalogID(), c.text)
			if err := s.Restore([]byte(text)); err != nil {
				t.Fatal(err)
			}
			is := s.experience()
			if len(is.Trust) != c.trust {
				t.Errorf("restored is %+v", is)
			}
			for _, one := range is.Trust {
				if one.Signed > proofOfAll || one.Doubt > longestDoubt {
					t.Errorf("restored is %+v", one)
				}
			}
			again := NewState("p", nil)
			if err := again.Restore(saved(t, s)); err != nil {
				t.Errorf("what is saved cannot be read: %v", err)
			}
		})
	}
}
