package simulator

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
)

// asReal are the switches of devices that behave like real ones.
var asReal = Switches{Irregular: true, Processing: 2 * time.Minute, MatSessions: true, SharedScale: true, Sessions: SessionsBeforeData}

// versions are the rows of a user as the server has them now, each with when it was changed.
func versions(c *Cloud, user int64, from, to time.Time) map[string]int64 {
	all := map[string]int64{}
	for _, g := range c.Measures(user, from, to) {
		all[fmt.Sprint(List(g.Category-1), g.ID)] = g.Modified
	}
	for _, d := range c.Days(user, from.AddDate(0, 0, 60), to) {
		all[fmt.Sprint(Days, d.Date)] = d.Modified
	}
	for _, w := range c.Workouts(user, from, to) {
		all[fmt.Sprint(Workouts, w.ID)] = w.Modified
	}
	for _, n := range c.Nights(user, from, to) {
		all[fmt.Sprint(Nights, n.ID)] = n.Modified
	}
	for _, h := range c.Hearts(user, from, to) {
		all[fmt.Sprint(Hearts, h.Timestamp)] = h.Modified
		if h.StethoID != 0 {
			all[fmt.Sprint(Sounds, h.Timestamp)] = h.Modified
		}
	}
	if samples := c.Samples(user, to.Add(-60*time.Hour), to); len(samples) > 0 {
		all[fmt.Sprint(Samples)] = samples[len(samples)-1].Time
	}
	return all
}

// TestArrivalsAreWhatCanBeReadNext compares them with what the lists show every quarter of an hour.
func TestArrivalsAreWhatCanBeReadNext(t *testing.T) {
	testrun.Unraced(t, "one request comes after the other")
	for name, switches := range map[string]Switches{"as they are": {}, "as real ones": asReal} {
		for kind := range Kind(kinds) {
			c, _ := newCloud(t, Options{Months: 3, Switches: switches})
			user := c.people[kind].ID
			from := c.Now().AddDate(0, 0, -70)
			was := versions(c, user, from, c.Now())
			after := c.Now()
			list := c.Arrivals(user, after, after.AddDate(0, 0, 3))
			slices.SortStableFunc(list, func(a, b Arrival) int { return a.At.Compare(b.At) })
			met := 0
			for range 3 * 24 * 4 {
				c.Advance(15 * time.Minute)
				now := c.Now()
				is, want := versions(c, user, from, now), maps.Clone(was)
				for ; len(list) > 0 && !list[0].At.After(now); list = list[1:] {
					a := list[0]
					place, version := fmt.Sprint(a.List, a.ID), a.Modified
					switch a.List {
					case Days:
						place = fmt.Sprint(a.List, a.Date)
					case Hearts, Sounds:
						place = fmt.Sprint(a.List, a.Start)
					case Samples:
						place, version = fmt.Sprint(a.List), max(a.Newest, want[fmt.Sprint(Samples)])
					case Minutes: // TestMinutesArriveWithTheirNight
						continue
					}
					want[place] = version
					met++
				}
				if !maps.Equal(is, want) {
					places := maps.Clone(is)
					maps.Copy(places, want)
					for place := range places {
						if want[place] != is[place] {
							t.Errorf("%s, kind %d, %v: row %s changed at %v, want %v", name, kind, now, place, time.Unix(is[place], 0).UTC(), time.Unix(want[place], 0).UTC())
						}
					}
					t.Fatalf("%s, kind %d, %v: %d rows, want %d", name, kind, now, len(is), len(want))
				}
				was = is
			}
			if met < 20 && kind == Full {
				t.Errorf("%s, kind %d: %d arrivals in three days", name, kind, met)
			}
		}
	}
}

func TestMinutesArriveWithTheirNight(t *testing.T) {
	c, _ := newCloud(t, Options{Months: 3, Switches: asReal})
	user := c.people[Full].ID
	list := c.Arrivals(user, c.Now(), c.Now().AddDate(0, 0, 7))
	slices.SortStableFunc(list, func(a, b Arrival) int { return a.At.Compare(b.At) })
	met := 0
	for _, a := range list {
		if a.List != Minutes {
			continue
		}
		has := func() bool {
			return slices.ContainsFunc(c.Segments(user, time.Unix(a.Start, 0), time.Unix(a.Newest+60, 0)), func(s Fields) bool {
				end, _ := s.Get("enddate")
				return end == a.Newest+60
			})
		}
		c.Advance(a.At.Sub(c.Now()) - time.Second)
		before := has()
		c.Advance(time.Second)
		if after := has(); before || !after {
			t.Errorf("%v: the minute %d is there: %v, and a second later: %v", a.At, a.Newest, before, after)
		}
		met++
	}
	if met < 5 {
		t.Errorf("%d nights in a week", met)
	}
}

func TestRealWatchesSynchroniseIrregularly(t *testing.T) {
	c, _ := newCloud(t, Options{Months: 3, Switches: asReal})
	p := c.people[Full]
	today := p.dayOf(testStart.Unix())
	number, nights, bursts := 0, 0, 0
	for day := today - 60; day < today; day++ {
		list := p.syncs(day)
		number += len(list)
		wake := p.clockTime(day, p.wakeAt(day))
		for i, at := range list {
			if at < wake {
				nights++
			}
			if i > 0 && at-list[i-1] <= 300 {
				bursts++
			}
		}
	}
	if number < 60*10 || number > 60*30 {
		t.Errorf("%d synchronisations in 60 days", number)
	}
	if nights == 0 || nights > 30 || bursts < 60*3 {
		t.Errorf("%d at night, %d shortly after another", nights, bursts)
	}
	for at := p.midnight(today - 20); at < p.midnight(today); at += 377 {
		last, next := p.lastSync(at), p.nextSync(at)
		if last > at || next <= at || p.nextSync(last) != next && last != next || p.lastSync(next) != next || at-last > 14*3600 {
			t.Fatalf("at %d: last synchronisation %d, next %d", at, last, next)
		}
		if read := p.lastRead(at); read > last || p.readable(read) > at {
			t.Fatalf("at %d: read until the synchronisation of %d, which can be read at %d", at, read, p.readable(read))
		}
	}
	if got := p.readable(p.lastSync(testStart.Unix())) - p.lastSync(testStart.Unix()); got < 0 || got > 120 {
		t.Errorf("it takes %d seconds until a synchronisation can be read", got)
	}
}

// sessionsOf are the last sessions by the type of the device; 0: null.
func sessionsOf(t *testing.T, c *Cloud, kind Kind) map[string]int64 {
	t.Helper()
	var body struct {
		Devices []struct {
			Type, Model string
			Last        int64 `json:"last_session_date"`
		}
	}
	visit(c, kind).call(t, "/v2/user", params{"action": "getdevice"}).into(t, &body)
	all := map[string]int64{}
	for _, d := range body.Devices {
		all[d.Type+d.Model] = d.Last
	}
	return all
}

func TestSessionsMoveAsTheSwitchesSay(t *testing.T) {
	const mat, watch, scale = "Sleep Monitor", "Activity TrackerScanWatch 2", "ScaleBody Scan"
	play := func(s Switches) (first, last map[string]int64) {
		c, _ := newCloud(t, Options{Months: 3, Switches: s})
		first = sessionsOf(t, c, Full)
		c.Advance(72 * time.Hour)
		return first, sessionsOf(t, c, Full)
	}
	first, last := play(asReal)
	for _, device := range []string{mat, watch, scale} {
		if first[device] == 0 || last[device] <= first[device] {
			t.Errorf("%s: %d, and three days later %d", device, first[device], last[device])
		}
	}
	stuck := asReal
	stuck.Sessions = SessionsStuck
	if first, last = play(stuck); !maps.Equal(first, last) || first[watch] == 0 {
		t.Errorf("stuck: %v, and three days later %v", first, last)
	}
	null := asReal
	null.Sessions = SessionsNull
	if _, last = play(null); last[mat] != 0 || last[watch] != 0 || last[scale] != 0 {
		t.Errorf("null: %v", last)
	}
	c, _ := newCloud(t, Options{Months: 3, Switches: Switches{UnlistedPhones: true}})
	if phone := sessionsOf(t, c, Scale); len(phone) != 1 {
		t.Errorf("without the phone: %v", phone)
	}
}

// TestEverySessionAnnouncesItsData steps from one arrival to the next: what a device has sent can be read ten minutes after
// its last session at the latest, which moves then, or before with the switch.
func TestEverySessionAnnouncesItsData(t *testing.T) {
	for _, how := range []Sessions{SessionsWithData, SessionsBeforeData} {
		switches := asReal
		switches.Sessions, switches.SharedScale = how, false
		c, _ := newCloud(t, Options{Months: 3, Switches: switches})
		list := c.Arrivals(c.people[Full].ID, c.Now(), c.Now().AddDate(0, 0, 3))
		slices.SortStableFunc(list, func(a, b Arrival) int { return a.At.Compare(b.At) })
		newest := func() (last int64) {
			for _, at := range sessionsOf(t, c, Full) {
				last = max(last, at)
			}
			return last
		}
		early, met := 0, 0
		for _, a := range list {
			if a.Again || !a.Device || !a.At.After(c.Now()) {
				continue
			}
			c.Advance(a.At.Sub(c.Now()) - time.Second)
			before := newest()
			c.Advance(time.Second)
			after := newest()
			if after < a.At.Unix()-nightsTake*120 {
				t.Errorf("behaviour %d, %v: a row of list %d arrives, but the last session was at %d", how, a.At, a.List, after)
			}
			if before == after {
				early++
			}
			met++
		}
		if met < 20 || how == SessionsBeforeData && early < met*9/10 || how == SessionsWithData && early > met/2 {
			t.Errorf("behaviour %d: of %d, %d sessions moved before the data", how, met, early)
		}
	}
}
