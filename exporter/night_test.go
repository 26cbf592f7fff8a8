package exporter

import (
	"fmt"
	"testing"
)

func TestSleepIsTheLongestSessionOfTheNewestDate(t *testing.T) {
	night := session("1", "2026-07-15", "2026-07-14 22:00", "2026-07-15 06:00", "84")
	for _, c := range []struct {
		name     string
		sessions []Record
		score    string
		naps     string
		seconds  string
	}{
		{"one night", []Record{night}, "84", "0", "0"},
		{"an afternoon nap does not hide the night", []Record{night,
			session("2", "2026-07-15", "2026-07-15 14:00", "2026-07-15 14:45", "30")}, "84", "1", "2700"},
		{"naps are added up", []Record{night,
			session("2", "2026-07-15", "2026-07-15 14:00", "2026-07-15 14:45", "30"),
			session("3", "2026-07-15", "2026-07-15 18:00", "2026-07-15 18:15", "31")}, "84", "2", "3600"},
		{"a second device in the same night is no nap", []Record{night,
			session("2", "2026-07-15", "2026-07-14 22:10", "2026-07-15 05:50", "80")}, "84", "0", "0"},
		{"a nap that two devices saw is one nap", []Record{night,
			session("2", "2026-07-15", "2026-07-15 14:00", "2026-07-15 14:45", "30"),
			session("3", "2026-07-15", "2026-07-15 14:05", "2026-07-15 14:40", "31")}, "84", "1", "2700"},
		{"the rest of a broken night counts apart", []Record{night,
			session("2", "2026-07-15", "2026-07-15 06:00", "2026-07-15 07:00", "30")}, "84", "1", "3600"},
		{"yesterday's longer night is past", []Record{night,
			session("2", "2026-07-14", "2026-07-13 20:00", "2026-07-14 08:00", "99")}, "84", "0", "0"},
		{"the date counts, not the end, when somebody travels", []Record{night,
			session("2", "2026-07-14", "2026-07-15 00:00", "2026-07-15 07:00", "30")}, "84", "0", "0"},
		{"naps of another date are not counted", []Record{night,
			session("2", "2026-07-14", "2026-07-14 14:00", "2026-07-14 15:00", "30")}, "84", "0", "0"},
		{"the same length, the later end", []Record{night,
			session("2", "2026-07-15", "2026-07-15 08:00", "2026-07-15 16:00", "50")}, "50", "1", "28800"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for order := range permutations(c.sessions) {
				expect(t, shown(newState(order...), noon), map[string]string{
					"sleep_score": c.score, "sleep_deep_seconds": c.score + "00", // of the same session
					"sleep_naps": c.naps, "sleep_naps_seconds": c.seconds})
			}
		})
	}
}

func TestWithoutASessionThereIsNoSleepGauge(t *testing.T) {
	expect(t, shown(newState(), noon), map[string]string{"sleep_naps": "", "sleep_naps_seconds": ""})
}

func TestAllSleepGaugesAreMeasuredAtTheEndOfTheirSession(t *testing.T) {
	s := newState(
		session("1", "2026-07-15", "2026-07-14 22:00", "2026-07-15 06:00", "84"),
		session("2", "2026-07-15", "2026-07-15 14:00", "2026-07-15 14:45", "30"))
	for series, when := range measuredAt(s, noon) {
		if when != "2026-07-15 06:00" {
			t.Errorf("%s is measured at %s", series, when)
		}
	}
}

func TestARevisedNightReplacesTheFirstVersion(t *testing.T) {
	night := session("1", "2026-07-15", "2026-07-14 22:00", "2026-07-15 06:00", "84")
	s := newState(night, changed(night, "2026-07-17 06:00", is("sleep_score", "79")))
	expect(t, shown(s, noon), map[string]string{"sleep_score": "79", "sleep_deep_seconds": ""})
}

func TestADeletedNightUncoversTheOneBefore(t *testing.T) {
	s := newState()
	for i := range 3 {
		date := fmt.Sprintf("2026-07-1%d", i+3)
		apply(s, session(date, date, date+" 00:00", date+" 06:00", fmt.Sprint(80+i)))
	}
	last := session("2026-07-15", "2026-07-15", "2026-07-15 00:00", "2026-07-15 06:00", "82")
	last.Modified, last.Readings = noon, nil
	apply(s, last)
	expect(t, shown(s, noon), map[string]string{"sleep_score": "81"})
}
