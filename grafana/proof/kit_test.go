package proof

import (
	"math"
	"strings"
	"testing"
	"time"
)

// small is a person in Auckland with four weigh-ins.
func small(t *testing.T) asked {
	t.Helper()
	h := newHistory(t, "Small", "Pacific/Auckland")
	for _, w := range []struct{ day, hour, minute, grams int }{{-3, 7, 0, 70_000}, {-3, 23, 30, 70_500}, {-1, 0, 30, 69_000}, {0, 7, 0, 68_000}} {
		h.measured(h.day(w.day, w.hour, w.minute), value{row: "weight_grams", number: float64(w.grams)})
	}
	for day, steps := range map[int]float64{-2: 8000, -1: 6000, 0: 400} {
		h.day1(day, value{row: "activity_steps", number: steps})
	}
	h.sorted()
	return asked{history: h, from: h.day(-3, 10, 30), to: h.now, source: "prometheus"}
}

func TestTheRightNumbersAreThoseOfAPerson(t *testing.T) {
	a := small(t)
	for _, c := range []struct {
		name string
		got  right
		want map[string]float64
	}{
		{"the last of each day", a.daily("weight_grams"), map[string]float64{"2026-08-17": 70_500, "2026-08-19": 69_000, "2026-08-20": 68_000}},
		{"a mean skips days without a value", a.mean("weight_grams", 2), map[string]float64{
			"2026-08-17": 70_500, "2026-08-18": 70_500, "2026-08-19": 69_000, "2026-08-20": 68_500}},
		{"the running day is in no mean of totals", a.mean("activity_steps", 7), map[string]float64{"2026-08-18": 8000, "2026-08-19": 7000}},
		{"a sum is not an estimate", a.sum("activity_steps", 7), map[string]float64{"2026-08-18": 8000, "2026-08-19": 14_000}},
		{"the running day as far as it is", a.daily("activity_steps"), map[string]float64{"2026-08-18": 8000, "2026-08-19": 6000, "2026-08-20": 100}},
		{"days that are over", a.complete("activity_steps"), map[string]float64{"2026-08-18": 8000, "2026-08-19": 6000}},
		{"what held", a.held("weight_grams"), map[string]float64{"2026-08-17": 70_500, "2026-08-18": 70_500, "2026-08-19": 69_000, "2026-08-20": 68_000}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if len(c.got.days) != len(c.want) {
				t.Errorf("%d days, want %d: %v", len(c.got.days), len(c.want), c.got.days)
			}
			for day, want := range c.want {
				if got := c.got.days[day]; math.Abs(got-want) > 1e-9 {
					t.Errorf("%s is %v, want %v", day, got, want)
				}
			}
		})
	}
	if got, want := *a.moved("weight_grams").number, (70_500.0+69_000+68_000)/3-70_500; math.Abs(got-want) > 1e-9 {
		t.Errorf("it has moved by %v, want %v", got, want)
	}
}

func TestWhatIsWrongIsFound(t *testing.T) {
	a := small(t)
	at := func(day int) time.Time { return a.day(day, 0, 0) }
	want := right{days: map[string]float64{"2026-08-17": 1, "2026-08-18": 2, "2026-08-20": 4}}
	for _, c := range []struct {
		name string
		got  []point
		want right
		says string // part of it; "" if nothing is wrong
	}{
		{"right", []point{{at(-3), 1}, {at(-2), 2}, {at(0), 4}}, want, ""},
		{"the first day is not all shown", []point{{at(-2), 2}, {at(0), 4}}, want, ""},
		{"but if it is, it is right", []point{{at(-3), 7}, {at(-2), 2}, {at(0), 4}}, want, "2026-08-17 is 7, want 1"},
		{"another value", []point{{at(-3), 1}, {at(-2), 2.00001}, {at(0), 4}}, want, "2026-08-18 is 2.00001, want 2"},
		{"a silent day", []point{{at(-3), 1}, {at(-2), 2}, {at(-1), 0}, {at(0), 4}}, want, "2026-08-19 is 0, want nothing"},
		{"a day is missing", []point{{at(-3), 1}, {at(-2), 2}}, want, "2026-08-20 is missing, want 4"},
		{"two values of a day", []point{{at(-3), 1}, {at(-2), 2}, {at(-2).Add(time.Hour), 2}, {at(0), 4}}, want, "2026-08-18 has two values"},
		{"a day of UTC", []point{{at(-3), 1}, {at(-2).Add(-6 * time.Hour), 2}, {at(0), 4}}, want, "2026-08-17 has two values"},
		{"one number", []point{{at(0), 3}}, one(3, true), ""},
		{"another number", []point{{at(0), 3}}, one(4, true), "shows 3, want 4"},
		{"a number where there is none", []point{{at(0), 3}}, right{}, "shows 3, want nothing"},
		{"none where there is a number", nil, one(4, true), "shows nothing, want 4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := a.differs(c.got, c.want)
			if !strings.Contains(got, c.says) || c.says == "" && got != "" {
				t.Errorf("it says %q, want %q", got, c.says)
			}
		})
	}
}

// TestGaugesRepeatTheNewestReading has one exporter that is let in, and one that is not.
func TestGaugesRepeatTheNewestReading(t *testing.T) {
	a := small(t)
	noon := a.day(-1, 12, 0)
	find := func(all []showing, row string, labels map[string]string) string {
		for _, s := range all {
			if s.row == row && braces(s.labels) == braces(labels) {
				return s.measured.Format("02 15:04 ") + written(s.number)
			}
		}
		return "nothing"
	}
	today, yesterday := map[string]string{"day": "today"}, map[string]string{"day": "yesterday"}
	for _, c := range []struct {
		at, known time.Time
		row       string
		labels    map[string]string
		want      string
	}{
		{noon, noon, "weight_grams", nil, "19 00:30 69000"},
		{a.now, noon, "weight_grams", nil, "19 00:30 69000"}, // for ever, without Withings
		{noon, noon, "activity_steps", today, "19 12:00 3000"},
		{noon, noon, "activity_steps", yesterday, "19 00:00 8000"},
		{a.now, noon, "activity_steps", today, "nothing"},
		{a.now, noon, "activity_steps", yesterday, "19 12:00 3000"},
	} {
		if got := find(a.history.shown(c.at, c.known), c.row, c.labels); got != c.want {
			t.Errorf("at %v, %s%v is %s, want %s", c.at, c.row, c.labels, got, c.want)
		}
	}
}
