package exporter

import (
	"testing"
	"time"
	_ "time/tzdata" // the tests do not depend on the machine's time zones
)

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// TestTodayAndYesterdayAreThePersonsOwn takes moments just before and after
// midnight of the person, among them days on which the clocks change.
func TestTodayAndYesterdayAreThePersonsOwn(t *testing.T) {
	for _, c := range []struct {
		name, zone, local string // local is RFC 3339 with the offset that then holds
		today, yesterday  string
	}{
		{"an afternoon", "Europe/Vienna", "2026-07-15T15:00:00+02:00", "2026-07-15", "2026-07-14"},
		{"the last second of a day", "Europe/Vienna", "2026-07-15T23:59:59+02:00", "2026-07-15", "2026-07-14"},
		{"the first second of a day", "Europe/Vienna", "2026-07-16T00:00:00+02:00", "2026-07-16", "2026-07-15"},
		{"ahead of UTC", "Pacific/Kiritimati", "2026-07-16T00:30:00+14:00", "2026-07-16", "2026-07-15"},
		{"behind UTC", "Pacific/Honolulu", "2026-07-14T23:30:00-10:00", "2026-07-14", "2026-07-13"},
		{"new year", "Europe/Vienna", "2027-01-01T00:10:00+01:00", "2027-01-01", "2026-12-31"},
		{"after a leap day", "Europe/Vienna", "2028-03-01T00:10:00+01:00", "2028-03-01", "2028-02-29"},
		{"the evening of a day of 23 hours", "Europe/Vienna", "2026-03-29T23:59:00+02:00", "2026-03-29", "2026-03-28"},
		{"just after a day of 23 hours", "Europe/Vienna", "2026-03-30T00:01:00+02:00", "2026-03-30", "2026-03-29"},
		{"the 25th hour of a day", "Europe/Vienna", "2026-10-25T23:30:00+01:00", "2026-10-25", "2026-10-24"},
		{"just after a day of 25 hours", "Europe/Vienna", "2026-10-26T00:30:00+01:00", "2026-10-26", "2026-10-25"},
		{"before a skipped midnight, Havana", "America/Havana", "2026-03-07T23:59:00-05:00", "2026-03-07", "2026-03-06"},
		{"after a skipped midnight, Havana", "America/Havana", "2026-03-08T01:00:00-04:00", "2026-03-08", "2026-03-07"},
		{"after a skipped midnight, Cairo", "Africa/Cairo", "2026-04-24T01:00:00+03:00", "2026-04-24", "2026-04-23"},
		{"after a skipped midnight, Beirut", "Asia/Beirut", "2026-03-29T01:00:00+03:00", "2026-03-29", "2026-03-28"},
		{"the hour that comes twice before midnight, Beirut", "Asia/Beirut", "2026-10-24T23:30:00+02:00", "2026-10-24", "2026-10-23"},
		{"half an hour of summer time, Lord Howe", "Australia/Lord_Howe", "2026-10-04T23:59:00+11:00", "2026-10-04", "2026-10-03"},
	} {
		t.Run(c.name, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339, c.local)
			if err != nil {
				t.Fatal(err)
			}
			if got := now.In(zoneOf(t, c.zone)).Format(time.RFC3339); got != c.local {
				t.Fatalf("the case is wrong: it is %s there", got)
			}
			s := newState(day(c.today, is("activity_steps", "1")), day(c.yesterday, is("activity_steps", "2")))
			s.Apply(Batch{Service: Measure, Timezone: c.zone})
			expect(t, shown(s, now), map[string]string{"activity_steps{today}": "1", "activity_steps{yesterday}": "2"})
		})
	}
}

func TestADayWithoutARowIsAbsentAndZeroStepsAreZero(t *testing.T) {
	s := newState(day("2026-07-15", is("activity_steps", "0")), day("2026-07-13", is("activity_steps", "7")))
	expect(t, shown(s, noon), map[string]string{"activity_steps{today}": "0", "activity_steps{yesterday}": "", "activity_steps": ""})
	expect(t, shown(s, at("2026-07-14 12:00")), map[string]string{"activity_steps{today}": "", "activity_steps{yesterday}": "7"})
}

func TestMidnightTurnsTodayIntoYesterdayWithoutAPoll(t *testing.T) {
	s := newState(day("2026-07-15", is("activity_steps", "4000")))
	s.Apply(Batch{Service: Measure, Timezone: "Europe/Vienna"})
	evening := s.Snapshot(at("2026-07-15 20:00"))
	if want := at("2026-07-15 22:00"); !evening.Until.Equal(want) {
		t.Fatalf("the evening's snapshot holds until %s, want %s", evening.Until.UTC(), want)
	}
	expect(t, shown(s, evening.Until.Add(-time.Second)), map[string]string{"activity_steps{today}": "4000", "activity_steps{yesterday}": ""})
	expect(t, shown(s, evening.Until), map[string]string{"activity_steps{today}": "", "activity_steps{yesterday}": "4000"})
	if next := s.Snapshot(evening.Until); next.Version != evening.Version {
		t.Error("midnight alone changed the version")
	}
}

// TestADayBeginsWithItsFirstMoment goes through three years, day by day, in zones
// that skip midnight, repeat the hour around it, or drop a whole day.
func TestADayBeginsWithItsFirstMoment(t *testing.T) {
	for _, c := range []struct{ zone, from, to string }{
		{"UTC", "2026-02-01", "2026-04-01"},
		{"Europe/Vienna", "2026-01-01", "2027-01-01"},
		{"America/Havana", "2025-01-01", "2027-01-01"},
		{"Africa/Cairo", "2025-01-01", "2027-01-01"},
		{"Asia/Beirut", "2025-01-01", "2027-01-01"},
		{"Asia/Amman", "2020-01-01", "2022-01-01"},
		{"Atlantic/Azores", "2025-01-01", "2027-01-01"},
		{"America/St_Johns", "2009-01-01", "2012-01-01"},
		{"America/Santiago", "2025-01-01", "2027-01-01"},
		{"America/Sao_Paulo", "2017-01-01", "2019-12-31"},
		{"Australia/Lord_Howe", "2025-01-01", "2027-01-01"},
		{"Asia/Kathmandu", "2026-01-01", "2026-02-01"},
		{"Pacific/Apia", "2011-12-01", "2011-12-30"},
		{"Pacific/Apia", "2011-12-31", "2012-02-01"},
	} {
		t.Run(c.zone+" from "+c.from, func(t *testing.T) {
			zone := zoneOf(t, c.zone)
			for date := c.from; date < c.to; {
				start, ok := DayStart(date, zone)
				if !ok || start.Format(time.DateOnly) != date {
					t.Fatalf("%s begins %s", date, start)
				}
				if before := start.Add(-time.Second).In(zone).Format(time.DateOnly); before >= date {
					t.Fatalf("%s begins %s, and a second before it is %s", date, start, before)
				}
				next := nextMidnight(start.Add(20 * time.Hour))
				date = next.Format(time.DateOnly)
				if start, _ := DayStart(date, zone); !next.Equal(start) {
					t.Fatalf("the next midnight is %s, the day begins %s", next, start)
				}
			}
		})
	}
}

func TestADayThatTheCalendarDroppedIsPassedOver(t *testing.T) {
	zone := zoneOf(t, "Pacific/Apia")
	got := nextMidnight(time.Date(2011, 12, 29, 20, 0, 0, 0, zone)).Format(time.DateOnly)
	if got != "2011-12-31" {
		t.Errorf("after 2011-12-29 comes %s, want 2011-12-31", got)
	}
}

func TestDayStartRefusesWhatIsNoDate(t *testing.T) {
	for _, date := range []string{"", "2026-02-30", "15.07.2026", "2026-7-1", "2026-07-15T00:00"} {
		if start, ok := DayStart(date, time.UTC); ok {
			t.Errorf("%q begins %s", date, start)
		}
	}
}

func TestTimeZone(t *testing.T) {
	late := at("2026-07-15 23:00") // the 16th in Vienna, the 15th in UTC and Honolulu
	honolulu := zoneOf(t, "Pacific/Honolulu")
	told := func(s *State, service Service, zone string) { s.Apply(Batch{Service: service, Timezone: zone}) }
	for _, c := range []struct {
		name  string
		fixed *time.Location
		tell  func(*State)
		today string
	}{
		{"UTC until anybody says", nil, func(*State) {}, "15"},
		{"the one the measures tell", nil, func(s *State) { told(s, Measure, "Europe/Vienna") }, "16"},
		{"a row stands in before that", nil, func(s *State) { told(s, Activity, "Europe/Vienna") }, "16"},
		{"and gives way to the measures", nil, func(s *State) { told(s, Sleep, "Pacific/Honolulu"); told(s, Measure, "Europe/Vienna") }, "16"},
		{"for good", nil, func(s *State) { told(s, Measure, "Europe/Vienna"); told(s, Sleep, "Pacific/Honolulu") }, "16"},
		{"the person moves", nil, func(s *State) { told(s, Measure, "Europe/Vienna"); told(s, Measure, "Pacific/Honolulu") }, "15"},
		{"an unknown name changes nothing", nil, func(s *State) { told(s, Measure, "Europe/Vienna"); told(s, Measure, "Mars/Olympus") }, "16"},
		{"the operator's decides", honolulu, func(s *State) { told(s, Measure, "Europe/Vienna") }, "15"},
		{"until it is taken back", honolulu, func(s *State) { told(s, Measure, "Europe/Vienna"); s.SetZone(nil) }, "16"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := NewState("Anna", c.fixed)
			apply(s, day("2026-07-15", is("activity_steps", "15")), day("2026-07-16", is("activity_steps", "16")))
			c.tell(s)
			expect(t, shown(s, late), map[string]string{"activity_steps{today}": c.today})
		})
	}
}
