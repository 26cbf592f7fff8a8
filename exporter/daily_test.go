package exporter

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"
)

// charted are the known days of a metric among the last thirty, in words.
func charted(t *testing.T, s *State, metric string, now time.Time) string {
	t.Helper()
	days := s.Days(ByName(metric), nil, now, 30)
	if len(days) != 30 {
		t.Fatalf("%d days, want 30", len(days))
	}
	var known []string
	for _, d := range days {
		if d.Known {
			known = append(known, d.Date[5:]+"="+d.Value.String())
		}
	}
	return strings.Join(known, " ")
}

func TestDaysOfAMetricAreThePersonsOwn(t *testing.T) {
	s := NewState("Anna", zoneOf(t, "Pacific/Auckland")) // twelve hours ahead of UTC in July
	apply(s,
		group("1", "2026-07-13 11:59", is("weight_grams", "1")),
		group("2", "2026-07-13 12:01", is("weight_grams", "2")), // 14 July in Auckland
		group("3", "2026-07-14 08:00", is("weight_grams", "3")),
		group("4", "2026-07-14 09:00", is("weight_grams", "9", "torso"), is("fat_ratio", "0.2")),
		group("5", "2026-06-15 12:30", is("weight_grams", "5")), // 16 June, thirty days before 15 July
		group("6", "2026-06-15 11:30", is("weight_grams", "6")),
		group("7", "2026-07-15 12:30", is("weight_grams", "7")), // tomorrow
	)
	if got, want := charted(t, s, "weight_grams", at("2026-07-15 10:00")), "06-16=5 07-13=1 07-14=3"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestADayHasTheRowThatCounts(t *testing.T) {
	relayed := day("2026-07-14", is("activity_steps", "9999"))
	relayed.ID += Relayed + "18"
	elevation := day("2026-07-13", is("activity_elevation_meters", "3"))
	night, nap := session("1", "2026-07-14", "2026-07-13 22:00", "2026-07-14 06:00", "80"), session("2", "2026-07-14", "2026-07-14 13:00", "2026-07-14 14:00", "20")
	s := newState(relayed, day("2026-07-14", is("activity_steps", "4000")), elevation, day("2026-07-12", is("activity_steps", "0")), night, nap)
	for metric, want := range map[string]string{"activity_steps": "07-12=0 07-14=4000", "sleep_score": "07-14=80"} {
		if got := charted(t, s, metric, noon); got != want {
			t.Errorf("%s: got %s, want %s", metric, got, want)
		}
	}
}

// TestAMonthOfMeasuresIsKept has a person weigh in twice a day for a hundred days, and
// looks at the last month: as it came, after a restart, and without a day that was deleted.
func TestAMonthOfMeasuresIsKept(t *testing.T) {
	s := newState()
	b := Batch{Service: Measure}
	first := at("2026-04-07 07:00")
	for i := range 200 {
		taken := first.Add(time.Duration(i) * 12 * time.Hour)
		b.Records = append(b.Records, Record{Service: Measure, ID: fmt.Sprint(i), Start: taken, End: taken, Modified: taken,
			Readings: []Reading{is("weight_grams", fmt.Sprint(70_000+i)), is("fat_ratio", "0.2")}})
	}
	s.Apply(b)
	var want []string
	for i := 141; i < 200; i += 2 { // the later of each of thirty days
		want = append(want, fmt.Sprintf("%s=%d", first.Add(time.Duration(i)*12*time.Hour).Format("01-02"), 70_000+i))
	}
	before := shown(s, noon)
	check := func(s *State, want []string) {
		t.Helper()
		if got := charted(t, s, "weight_grams", noon); got != strings.Join(want, " ") {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	check(s, want)
	version := s.Version()
	s.Apply(b)
	if s.Version() != version {
		t.Error("the same answer once more is a change")
	}
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	again := NewState(s.Profile(), nil)
	if err := again.Restore(data); err != nil {
		t.Fatal(err)
	}
	check(again, want)
	if after := shown(again, noon); !maps.Equal(after, before) {
		t.Errorf("after a restart %v is shown, want %v", after, before)
	}
	b.Records = append(b.Records[:160:160], b.Records[162:]...) // 26 June
	b.Whole = &Span{From: first, To: noon}
	s.Apply(b)
	check(s, append(want[:10:10], want[11:]...))
	if thin := s.Days(ByName("fat_ratio"), nil, noon, 30)[0]; thin.Known {
		t.Error("more is kept than is charted")
	}
}
