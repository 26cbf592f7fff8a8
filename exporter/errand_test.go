package exporter

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// syncing is a person whose watch hands over its data again and again for some time. It
// returns how often Withings was asked for the day, by hints and polls, and how long it
// took at most until what was new was read.
func syncing(t *testing.T, every, total time.Duration) (asked int, longest time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cloud := newScaleCloud()
		p := notifier(nil)
		startScaleCloud(t, cloud, p)
		pass(5 * time.Hour)
		cloud.taken()
		for i := range int(total / every) {
			cloud.add(Record{Service: Activity, ID: "2000-01-01", Date: "2000-01-01", Start: at("2000-01-01 00:00"), End: time.Now(),
				Readings: []Reading{is("activity_steps", Integer(int64(i)).String())}})
			hinted(p, Activity, Workout, Intraday)
			pass(every)
		}
		calls := only(cloud.taken(), "fetch activity")
		asked = len(calls)
		for i := 1; i < len(calls); i++ {
			longest = max(longest, calls[i]-calls[i-1])
		}
	})
	return asked, longest
}

// TestAWatchThatSynchronisesNowAndThenIsFollowedAtOnce: each of them makes one fetch.
func TestAWatchThatSynchronisesNowAndThenIsFollowedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newScaleCloud()
		p := notifier(nil)
		startScaleCloud(t, cloud, p)
		for range 8 {
			pass(3 * time.Hour)
			cloud.taken()
			cloud.add(Record{Service: Activity, ID: "2000-01-01", Date: "2000-01-01", Start: at("2000-01-01 00:00"), End: time.Now(), Readings: []Reading{is("activity_steps", "1")}})
			hinted(p, Activity, Workout)
			pass(time.Second)
			if got := names(cloud.taken()); !strings.HasPrefix(got, "fetch activity, fetch workout") {
				t.Fatalf("asked is %q", got)
			}
		}
	})
}

// TestAnOpenAppCannotMakeRequestsEveryFewMinutes: then running totals are read every
// three quarters of an hour.
func TestAnOpenAppCannotMakeRequestsEveryFewMinutes(t *testing.T) {
	asked, longest := syncing(t, 5*time.Minute, 24*time.Hour)
	if most := 24*60/45 + syncBurst + 4; asked > most || longest > 50*time.Minute {
		t.Errorf("asked %d times in a day, at most every %s; want %d times at most, every 45 minutes", asked, longest, most)
	}
}

// TestAPollDoesTheErrandsOfWhatItAsks: a hint that waits for its turn is not followed
// after a poll has read the same.
func TestAPollDoesTheErrandsOfWhatItAsks(t *testing.T) {
	e := newErrands()
	inbox, now := NewInbox(), noon
	inbox.Tell(Hint{Services: []Service{Measure}, At: now})
	inbox.Tell(Hint{Services: []Service{Activity, Workout}, At: now})
	e.rang(now)
	if got := e.collect(inbox, now.Add(gathering-time.Millisecond)); len(got) > 0 {
		t.Errorf("hints are collected before they had time to gather: %v", got)
	}
	now = now.Add(gathering)
	if got := e.collect(inbox, now); len(got) != 2 {
		t.Errorf("collected are %v", got)
	}
	run := e.within([]Service{Measure, Activity, Device}, now)
	if len(run) != 1 || !slices.Equal(run[0].hint.Services, []Service{Measure}) {
		t.Fatalf("a poll does %v", run)
	}
	e.done(run, map[Service]bool{Measure: true}, func(Service, Span) bool { return false }, now)
	if ready := e.ready(now); len(ready) != 1 || ready[0].hint.Services[0] != Activity {
		t.Errorf("afterwards there is %v to do", ready)
	}
}

// TestOnlyWhatWithingsAnnouncesCanBeMissed: a watch sends measures that no notification
// announces.
func TestOnlyWhatWithingsAnnouncesCanBeMissed(t *testing.T) {
	for _, c := range []struct {
		name string
		r    Record
		want bool
	}{
		{"a weigh-in", group("1", "2026-07-14 08:00", is("weight_grams", "80000"), is("visceral_fat", "3")), true},
		{"a blood pressure", group("2", "2026-07-14 08:00", is("systolic_blood_pressure_mmhg", "120")), true},
		{"an estimate of a watch", group("3", "2026-07-14 08:00", is("vascular_age_years", "40")), false},
		{"a night", session("4", "2026-07-15", "2026-07-14 22:00", "2026-07-15 06:00", "84"), true},
	} {
		if got := c.r.announced(); got != c.want {
			t.Errorf("%s is announced: %v", c.name, got)
		}
		s := newState()
		c.r.Modified = noon
		b := Batch{Service: c.r.Service, Records: []Record{c.r}}
		if got := s.lacksChange(b, noon.Add(-time.Second), noon.Add(time.Second)); got != c.want {
			t.Errorf("that %s was not announced is noticed: %v", c.name, got)
		}
		s.Apply(b)
		if s.lacksChange(b, noon.Add(-time.Second), noon.Add(time.Second)) || s.lacksChange(b, noon, noon.Add(time.Second)) {
			t.Errorf("%s is known, or older, and yet counts as news", c.name)
		}
	}
}
