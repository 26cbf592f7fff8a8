package archive

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Why a row was left out for its time.
const (
	timeMalformed = "unknown time format"
	timeNoClock   = "no time of day"
	timeSkipped   = "local time skipped by a clock change; check the time zone"
	timeFuture    = "in the future"
)

// dateOrder is how a file writes dates such as 3/8/2017.
type dateOrder int

const (
	orderUnknown dateOrder = iota
	dayFirst
	monthFirst
)

// stamp is a date, and mostly a time of day, as written.
type stamp struct {
	year, month, day     int
	clock                bool // a time of day is told
	precise              bool // … with its seconds
	hour, minute, second int
	offset               *time.Location // nil when none is told
	utc                  bool           // the offset is Z, which tells nothing of where the person was
	order                dateOrder      // what this date alone tells of its file
	twoWays              bool           // day and month are as its file says
}

var stampPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(\d{1,4})([-./])(\d{1,2})([-./])(\d{1,4})` + // date
		`(?:(?:T|,? +)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?` + // time
		` *(am|pm|uhr)? *(Z|[+-]\d{2}:?\d{2})?)?$`)
})

// epochPattern is a time as the API sends it, in seconds since 1970.
var epochPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d{9,10}$`) })

// sinceEpoch is a moment by its seconds since 1970, which tell nothing of where the person was.
func sinceEpoch(at int64) stamp {
	t := time.Unix(at, 0).UTC()
	s := stamp{clock: true, precise: true, offset: time.UTC, utc: true}
	s.year, s.month, s.day = t.Year(), int(t.Month()), t.Day()
	s.hour, s.minute, s.second = t.Clock()
	return s
}

// parseStamp reads a date and time; false when the text is neither. Of a date whose year
// comes last the order decides which is the day, unless points separate it: those
// have the day first.
func parseStamp(text string, order dateOrder) (s stamp, ok bool) {
	if text = strings.TrimSpace(text); epochPattern().MatchString(text) {
		at, _ := strconv.ParseInt(text, 10, 64) // ten digits are always a number
		return sinceEpoch(at), true
	}
	m := stampPattern().FindStringSubmatch(text)
	if m == nil || m[2] != m[4] {
		return s, false
	}
	first, second, third := atoi(m[1]), atoi(m[3]), atoi(m[5])
	switch {
	case len(m[1]) == 4 && len(m[5]) <= 2:
		s.year, s.month, s.day = first, second, third
	case len(m[5]) != 4 || len(m[1]) > 2:
		return s, false
	case m[2] == ".":
		s.day, s.month, s.year = first, second, third
	default:
		s.twoWays, s.year = true, third
		s.order = tells(first, second)
		s.day, s.month = first, second
		if order == monthFirst {
			s.day, s.month = second, first
		}
	}
	if m[6] != "" {
		s.clock, s.precise = true, m[8] != ""
		s.hour, s.minute, s.second = atoi(m[6]), atoi(m[7]), atoi(m[8])
		if !s.half(strings.ToLower(m[9])) {
			return s, false
		}
		if !s.zone(strings.ToUpper(m[10])) {
			return s, false
		}
	}
	return s, s.twoWays && order == orderUnknown || s.valid()
}

// tells is what the first two numbers of a date say of their order.
func tells(first, second int) dateOrder {
	switch {
	case first > 12:
		return dayFirst
	case second > 12:
		return monthFirst
	}
	return orderUnknown
}

// half applies am and pm.
func (s *stamp) half(half string) bool {
	if half != "am" && half != "pm" {
		return true
	}
	if s.hour < 1 || s.hour > 12 {
		return false
	}
	s.hour %= 12
	if half == "pm" {
		s.hour += 12
	}
	return true
}

// zone applies an offset from UTC; false when no place on Earth has it.
func (s *stamp) zone(offset string) bool {
	switch offset {
	case "":
		return true
	case "Z":
		s.offset, s.utc = time.UTC, true
		return true
	}
	digits := strings.ReplaceAll(offset[1:], ":", "")
	hours, minutes := atoi(digits[:2]), atoi(digits[2:])
	east := hours*3600 + minutes*60
	if offset[0] == '-' {
		east = -east
	}
	s.offset = time.FixedZone("", east)
	return hours <= 14 && minutes <= 59
}

// valid reports whether the calendar and the clock have such a moment.
func (s *stamp) valid() bool {
	if s.hour > 23 || s.minute > 59 || s.second > 59 || s.month < 1 || s.month > 12 || s.day < 1 || s.year < 1970 {
		return false
	}
	return time.Date(s.year, time.Month(s.month), s.day, 0, 0, 0, 0, time.UTC).Day() == s.day
}

// date is the day as YYYY-MM-DD.
func (s *stamp) date() string {
	return time.Date(s.year, time.Month(s.month), s.day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// in is the moment, in a time zone when no offset is told. A time that comes
// twice is the first of both; one that never comes is false.
func (s *stamp) in(zone *time.Location) (t time.Time, twice, ok bool) {
	wall := time.Date(s.year, time.Month(s.month), s.day, s.hour, s.minute, s.second, 0, time.UTC)
	if s.offset != nil {
		_, east := wall.In(s.offset).Zone()
		return wall.Add(-time.Duration(east) * time.Second), false, true
	}
	// The offsets in force a day before and a day after are all that can be.
	for _, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, east := wall.Add(near).In(zone).Zone()
		at := wall.Add(-time.Duration(east) * time.Second)
		if _, now := at.In(zone).Zone(); now != east {
			continue
		}
		switch {
		case !ok:
			t, ok = at, true
		case !at.Equal(t):
			twice = true
			if at.Before(t) {
				t = at
			}
		}
	}
	return t, twice, ok
}

// atoi reads digits that a pattern has matched; "" is 0.
func atoi(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}
