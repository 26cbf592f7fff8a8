package profiles

import (
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/withings"
)

// all is what profiles take in a day that are asked seven services at every poll.
func all(profiles int, interval time.Duration) float64 {
	return float64(7*profiles) * (24 * time.Hour).Hours() / interval.Hours()
}

// TestProfilesThatDoNotFitAreToldWithFigures has figures worked out by hand: of 100 a
// minute, 96.8 can be sustained, and 87.1 without the tenth for busy hours.
func TestProfilesThatDoNotFitAreToldWithFigures(t *testing.T) {
	five := pace{interval: 5 * time.Minute, rateLimit: 100}
	for _, c := range []struct {
		name    string
		crowd   crowd
		remark  []string // nothing: they fit
		without string
		summary string
	}{
		{name: "62 in five minutes", crowd: crowd{pace: five, profiles: 62, requests: all(62, five.interval)},
			summary: "at --poll-interval=5m, 62 profiles are expected to take about 120,000 requests a day; --api.rate-limit=100 (requests per minute) is enough for about 62 profiles like them"},
		{name: "63 in five minutes", crowd: crowd{pace: five, profiles: 63, requests: all(63, five.interval)},
			remark: []string{"63 profiles cannot be polled every 5m:", "88 requests per minute", "--api.rate-limit=100 (requests per minute) has room for 87", "enough for 62 profiles", "--poll-interval=6m"}, without: "m0s"},
		{name: "63 in six minutes, as it says", crowd: crowd{pace: pace{interval: 6 * time.Minute, rateLimit: 100}, profiles: 63, requests: all(63, 6*time.Minute)},
			summary: "enough for about 74 profiles"},
		{name: "500 in five minutes", crowd: crowd{pace: five, profiles: 500, requests: all(500, five.interval)},
			remark: []string{"500 profiles", "700 requests per minute", "enough for 62 profiles", "--poll-interval=41m"}},
		{name: "500 in 41 minutes, as it says", crowd: crowd{pace: pace{interval: 41 * time.Minute, rateLimit: 100}, profiles: 500, requests: all(500, 41*time.Minute)},
			summary: "500 profiles are expected to take"},
		{name: "500 in 40 minutes", crowd: crowd{pace: pace{interval: 40 * time.Minute, rateLimit: 100}, profiles: 500, requests: all(500, 40*time.Minute)},
			remark: []string{"--poll-interval=41m"}},
		{name: "whose devices are not known", crowd: crowd{pace: five, profiles: 2, requests: 857.6, unread: true, early: true},
			summary: "2 profiles are expected to take about 860 requests a day if Withings tells when their devices synchronise, and more in the first days; --api.rate-limit=100 (requests per minute) is enough for about 290 profiles like them"},
		{name: "one of whom little is known", crowd: crowd{pace: five, profiles: 1, requests: 428.8, early: true},
			summary: "1 profile is expected to take about 430 requests a day, and more in the first days; --api.rate-limit=100 (requests per minute) is enough for about 290 profiles like it"},
		{name: "the first day as it was", crowd: crowd{pace: five, profiles: 2, requests: 1148, early: true, measured: true},
			summary: "2 profiles took about 1,148 requests a day; --api.rate-limit=100 (requests per minute) is enough for about 218 profiles like them"},
		{name: "three who cost 374 a day each", crowd: crowd{pace: five, profiles: 3, requests: 3 * 374, measured: true},
			summary: "3 profiles took about 1,122 requests a day; --api.rate-limit=100 (requests per minute) is enough for about 335 profiles like them"},
		{name: "one who costs little", crowd: crowd{pace: five, profiles: 1, requests: 100},
			summary: "1 profile is expected to take about 100 requests a day; --api.rate-limit=100 (requests per minute) is enough for about 1,200 profiles like it"},
		{name: "3 every ten seconds", crowd: crowd{pace: pace{interval: 10 * time.Second, rateLimit: 100}, profiles: 3, requests: all(3, 10*time.Second)},
			remark: []string{"3 profiles cannot be polled every 10s", "enough for 2 profiles.", "--poll-interval=1m"}},
		{name: "1 every ten seconds with a rate of 4", crowd: crowd{pace: pace{interval: 10 * time.Second, rateLimit: 4}, profiles: 1, requests: all(1, 10*time.Second)},
			remark: []string{"1 profile cannot", "enough for 0 profiles", "--poll-interval=3m"}},
		{name: "ten thousand with an hour between", crowd: crowd{pace: pace{interval: time.Hour, rateLimit: 100}, profiles: 10_000, requests: all(10_000, time.Hour)},
			remark: []string{"every 1h:", "--poll-interval=13h24m"}, without: "1h0m"},
		{name: "a limit that is none", crowd: crowd{pace: pace{interval: five.interval, rateLimit: 1_000_000}, profiles: 3, requests: 3 * 374},
			summary: "enough for more than 10,000 profiles like them"},
		{name: "notifications", crowd: crowd{pace: five, profiles: 3, requests: 3 * 150, notified: true},
			summary: "with notifications, 3 profiles are expected to take about 450 requests a day;"},
		{name: "nobody", crowd: crowd{pace: five}},
		{name: "a command that does not poll", crowd: crowd{pace: pace{rateLimit: 100}, profiles: 500}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.crowd.remark()
			if (got == "") != (len(c.remark) == 0) {
				t.Fatalf("got %q", got)
			}
			for _, want := range c.remark {
				if !strings.Contains(got, want) {
					t.Errorf("got %q, want %q in it", got, want)
				}
			}
			if c.without != "" && strings.Contains(got, c.without) {
				t.Errorf("got %q, want no %q in it", got, c.without)
			}
			if got := c.crowd.summary(); !strings.Contains(got, c.summary) || (got == "") != (c.summary == "") {
				t.Errorf("the summary is %q, want %q in it", got, c.summary)
			}
		})
	}
}

func TestRequestsAreToldWithTheTimeForWhichTheyAreCounted(t *testing.T) {
	for _, c := range []struct {
		counted time.Duration
		want    string
	}{
		{0, "none yet"},
		{300 * time.Millisecond, "14 in the last second"},
		{1900 * time.Millisecond, "14 in the last second"},
		{2 * time.Second, "14 in the last 2 seconds"},
		{20 * time.Minute, "14 in the last 20 minutes"},
		{90 * time.Minute, "14 in the last hour"},
		{5 * time.Hour, "14 in the last hour, 1,352 in the last 5 hours"},
		{24 * time.Hour, "14 in the last hour, 1,352 in the last 24 hours"},
		{240 * time.Hour, "14 in the last hour, 1,352 in the last 24 hours"},
	} {
		if got := Lately(withings.Usage{Hour: 14, Day: 1352, Counted: c.counted}); got != c.want {
			t.Errorf("counted for %s: %q, want %q", c.counted, got, c.want)
		}
	}
}

func TestRequestsThatWaitAreToldAfterAMinute(t *testing.T) {
	for late, want := range map[time.Duration]string{0: "", time.Minute: "", 150 * time.Second: "up to 2 minutes longer than planned"} {
		if got := lateRemark(late); !strings.Contains(got, want) || (got == "") != (want == "") {
			t.Errorf("%s late: %q, want %q in it", late, got, want)
		}
	}
}

// TestWhatManyTakeIsWorkedOutOnceAMinute counts how often members are asked for what they would take: the status page of thousands
// asks at every look.
func TestWhatManyTakeIsWorkedOutOnceAMinute(t *testing.T) {
	for _, c := range []struct {
		members int
		asked   []int // after a first look, one within the minute, one after it, one with the clock set back, one after a reload
	}{
		{manyMembers - 1, []int{1, 2, 3, 4, 5}},
		{manyMembers, []int{1, 1, 2, 3, 4}},
	} {
		now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
		h := &Set{pace: pace{interval: time.Hour, rateLimit: 100}, now: func() time.Time { return now }, Budget: withings.NewBudget(100, time.Now, nil)}
		asked := 0
		for range c.members {
			h.members = append(h.members, &Member{Profile: exporter.Profile{State: exporter.NewState("Anna", nil), Status: &exporter.Status{},
				Choose: func() exporter.Choice { return exporter.Choice{Asked: exporter.Asked()} }}})
		}
		h.members[0].Choose = func() exporter.Choice { asked++; return exporter.Choice{Asked: exporter.Asked()} }
		h.Crowded()
		each := asked // for one look
		for i, then := range []func(){func() {}, func() { now = now.Add(crowdLasts - 1) }, func() { now = now.Add(1) }, func() { now = now.Add(-time.Hour) },
			func() { h.members = slices.Clone(h.members) }} {
			if then(); i > 0 {
				h.Crowded()
			}
			if asked != each*c.asked[i] {
				t.Errorf("%d members at look %d: asked %d times, want %d", c.members, i+1, asked, each*c.asked[i])
			}
		}
	}
}
