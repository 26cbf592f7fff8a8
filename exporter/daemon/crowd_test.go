package daemon

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dustin/go-humanize"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// TestOnlyServicesThatAreAskedCount has three people who fit with one service each.
func TestOnlyServicesThatAreAskedCount(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := stage.NewWorld(t, dir, simulator.Switches{})
		w.Settings.RateLimit = 2
		w.Settings.Services = []string{"measure"}
		w.Start()
		defer func() { w.Set.Halt() }()
		if got := w.Log.String(); strings.Contains(got, "cannot be polled") {
			t.Errorf("logged %s", got)
		}
	})
}

// TestThePageSaysHowOftenWithingsIsAskedAndHowManyFit compares with what the simulated
// Withings was asked. Anna has every service; the first poll reads years, and what it took
// is no longer counted after a day.
func TestThePageSaysHowOftenWithingsIsAskedAndHowManyFit(t *testing.T) {
	testrun.Unraced(t, "days of what the tests of polls have hours of")
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := stage.NewWorld(t, dir, simulator.Switches{})
		w.Settings.PollInterval = 20 * time.Minute
		asked := func(name string) int { // without what is asked about tokens
			return w.Sim.Count("", w.ID(name), simulator.AnyStatus) - w.Sim.Count("requesttoken", w.ID(name), simulator.AnyStatus)
		}
		everything := func() int { return w.Sim.Count("", 0, simulator.AnyStatus) }
		before, day := everything(), map[string]int{}
		for _, name := range w.Settings.Profiles {
			day[name] = asked(name)
		}
		w.Start()
		defer func() { w.Set.Halt() }()
		w.Pass(59 * time.Minute)
		page := pageOf(w)
		for _, p := range page.Profiles {
			if want := asked(p.Name) - day[p.Name]; p.Sent != fmt.Sprintf("%d in the last 59 minutes", want) || want == 0 {
				t.Errorf("%s: the page says %q, want %d", p.Name, p.Sent, want)
			}
		}
		all := everything() - before
		if want := fmt.Sprintf("Requests to Withings: %d in the last 59 minutes. At --poll-interval=20m, 3 profiles are expected to take about ", all); !strings.HasPrefix(page.Requests, want) { // 100 in 62 seconds
			t.Errorf("the page says %q, want %q first", page.Requests, want)
		}
		other, err := profiles.Loaded(w.Settings)
		w.Try(err)
		if _, room := other.Crowded(); !strings.HasSuffix(page.Requests, " "+command.Sentence(room)) {
			t.Errorf("the page says %q, and check %q", page.Requests, room)
		}
		w.Pass(24 * time.Hour)
		took := 0
		for _, name := range w.Settings.Profiles {
			day[name] = asked(name)
		}
		w.Pass(24 * time.Hour)
		page = pageOf(w)
		for _, p := range page.Profiles {
			sent := w.Set.Budget.Usage(p.Name).Day
			took += sent
			if want := asked(p.Name) - day[p.Name]; sent < want || sent > want+want/24/6+20 {
				t.Errorf("%s: %d in a day, want %d", p.Name, sent, want)
			}
			if want := humanize.Comma(int64(sent)) + " in the last 24 hours"; !strings.HasSuffix(p.Sent, want) {
				t.Errorf("%s: the page says %q, want %q last", p.Name, p.Sent, want)
			}
		}
		if want := fmt.Sprintf("3 profiles took about %s requests a day", humanize.Comma(int64(took))); !strings.Contains(page.Requests, want) {
			t.Errorf("the page says %q, want %q, as they did", page.Requests, want)
		}
		w.Set.Halt()
		w.Settings.PollInterval = 10 * time.Minute
		w.Try(w.Set.Load(w.Settings))
		if page := pageOf(w); page.Profiles[0].Sent != "" || !strings.Contains(page.Requests, "At --poll-interval=10m, 3 profiles are expected to take about ") {
			t.Errorf("at another interval %q of Anna, and %q", page.Profiles[0].Sent, page.Requests)
		}
	})
}

// TestWhatIsExpectedOfTwoPeopleStaysInTheirFirstDaysAndHoldsLater compares with what they take on the third day.
func TestWhatIsExpectedOfTwoPeopleStaysInTheirFirstDaysAndHoldsLater(t *testing.T) {
	testrun.Unraced(t, "days of what the tests of polls have hours of")
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := stage.NewWorld(t, dir, simulator.Switches{Irregular: true, MatSessions: true})
		w.Settings.Profiles = []string{"Anna", "Ben"}
		other, err := profiles.Loaded(w.Settings)
		w.Try(err)
		const before = "2 profiles are expected to take about 1,100 requests a day if Withings tells when their devices synchronise, and more in the first days;"
		if _, room := other.Crowded(); !strings.Contains(room, before) {
			t.Errorf("before the first poll: %q, want %q", room, before)
		}
		w.Start()
		defer func() { w.Set.Halt() }()
		const want = "2 profiles are expected to take about 1,000 requests a day, and more in the first days;"
		for _, after := range []time.Duration{time.Minute, 4 * time.Minute, time.Hour} {
			w.Pass(after)
			if page := pageOf(w); !strings.Contains(page.Requests, want) {
				t.Errorf("another %v later: %q, want %q", after, page.Requests, want)
			}
		}
		w.Pass(72 * time.Hour)
		if took := w.Set.Budget.Usage("Anna").Day + w.Set.Budget.Usage("Ben").Day; took > 1000 || took < 1000*10/11 {
			t.Errorf("on the third day it was %d requests, of which 1000 is not at most a tenth above", took)
		}
	})
}

// TestThePageSaysThatRequestsWait has three people for whom there is room, but who are new.
func TestThePageSaysThatRequestsWait(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := stage.NewWorld(t, dir, simulator.Switches{})
		w.Settings.RateLimit = 8 // enough for polls, but the first reads years
		w.Start()
		defer func() { w.Set.Halt() }()
		w.Pass(5 * time.Minute)
		w.Set.Budget.CoolOff()
		w.Pass(2 * time.Minute)
		if notes := pageOf(w).Notes; len(notes) != 1 || !strings.Contains(notes[0], "have waited for --api.rate-limit up to ") {
			t.Errorf("the page says %q", notes)
		}
	})
}
