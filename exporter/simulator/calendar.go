package simulator

import (
	"fmt"
	"time"
)

const secondsPerDay = 24 * 60 * 60

// A day is counted from 1 January 1970 in the local calendar of a person. It is a date, not a span: its
// length is 24 hours, or 23 or 25 on the days the clocks change (half an hour less or more on Lord Howe).

// dayNumber returns the count of a date.
func dayNumber(year int, month time.Month, day int) int {
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

// civil returns the date of a day.
func civil(day int) (int, time.Month, int) {
	return time.Unix(int64(day)*secondsPerDay, 0).UTC().Date()
}

// ymd writes a day as 2026-07-15.
func ymd(day int) string {
	year, month, d := civil(day)
	return fmt.Sprintf("%04d-%02d-%02d", year, month, d)
}

// weekday returns the day of the week.
func weekday(day int) time.Weekday { return time.Weekday((day + 4) % 7) }

// seasonAngle is the part of the year since the coldest days, about 10 January, in turns.
func seasonAngle(day int) float64 { return float64(day%36525)/365.25 - 10/365.25 }

// zoneFrom is the time zone of a person from a day on.
type zoneFrom struct {
	day  int
	zone *time.Location
}

// zone returns where the person is on a day.
func (p *person) zone(day int) *time.Location {
	zones := *p.zones.Load()
	for i := len(zones) - 1; i > 0; i-- {
		if day >= zones[i].day {
			return zones[i].zone
		}
	}
	return zones[0].zone
}

// clockTime returns the UNIX seconds of a time of day, given in seconds of the wall clock; more than 24
// hours reach into the next days.
func (p *person) clockTime(day, seconds int) int64 {
	year, month, d := civil(day)
	return time.Date(year, month, d, 0, 0, seconds, 0, p.zone(day)).Unix()
}

// midnight returns when a day begins.
func (p *person) midnight(day int) int64 { return p.clockTime(day, 0) }

// dayOf returns the local day of an instant. After a journey the zone of the new day counts from its own
// midnight on.
func (p *person) dayOf(unix int64) int {
	zones := *p.zones.Load()
	for i := len(zones) - 1; ; i-- {
		year, month, d := time.Unix(unix, 0).In(zones[i].zone).Date()
		day := dayNumber(year, month, d)
		if i == 0 || day >= zones[i].day {
			if i+1 < len(zones) {
				day = min(day, zones[i+1].day-1)
			}
			return day
		}
	}
}

// mustZone loads a zone of the table in person.go; the zone data is part of the program.
func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(fmt.Sprintf("simulator: time zone %q of the table of people: %v", name, err))
	}
	return zone
}
