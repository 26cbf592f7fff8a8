package queries

import (
	"fmt"
	"strings"
	"time"
)

// words of moment.js in formats of times, the longest of each beginning first, and
// what they write.
var words = []struct {
	word  string
	write func(time.Time) string
}{
	{"YYYY", layout("2006")},
	{"YY", layout("06")},
	{"MMMM", layout("January")},
	{"MMM", layout("Jan")},
	{"MM", layout("01")},
	{"M", layout("1")},
	{"DDDD", layout("002")},
	{"DDD", func(t time.Time) string { return fmt.Sprint(t.YearDay()) }},
	{"DD", layout("02")},
	{"D", layout("2")},
	{"dddd", layout("Monday")},
	{"ddd", layout("Mon")},
	{"d", func(t time.Time) string { return fmt.Sprint(int(t.Weekday())) }},
	{"E", func(t time.Time) string { return fmt.Sprint((int(t.Weekday())+6)%7 + 1) }},
	{"GGGG", func(t time.Time) string { year, _ := t.ISOWeek(); return fmt.Sprint(year) }},
	{"WW", func(t time.Time) string { _, week := t.ISOWeek(); return fmt.Sprintf("%02d", week) }},
	{"gggg", func(t time.Time) string { year, _ := t.ISOWeek(); return fmt.Sprint(year) }}, // of a board whose weeks begin on Monday
	{"ww", func(t time.Time) string { _, week := t.ISOWeek(); return fmt.Sprintf("%02d", week) }},
	{"HH", layout("15")},
	{"H", func(t time.Time) string { return fmt.Sprint(t.Hour()) }},
	{"mm", layout("04")},
	{"m", layout("4")},
	{"ss", layout("05")},
	{"s", layout("5")},
	{"SSS", func(t time.Time) string { return fmt.Sprintf("%03d", t.Nanosecond()/1e6) }},
	{"ZZ", layout("-0700")},
	{"Z", layout("-07:00")},
	{"X", func(t time.Time) string { return fmt.Sprint(t.Unix()) }},
	{"x", func(t time.Time) string { return fmt.Sprint(t.UnixMilli()) }},
}

func layout(of string) func(time.Time) string {
	return func(t time.Time) string { return t.Format(of) }
}

// Written is a moment in a format of moment.js, in the zone that it has. What stands
// in brackets is taken as it is.
func Written(at time.Time, format string) string {
	var out strings.Builder
next:
	for format != "" {
		if format[0] == '[' {
			if inside, rest, closed := strings.Cut(format[1:], "]"); closed {
				out.WriteString(inside)
				format = rest
				continue
			}
		}
		for _, w := range words {
			if rest, is := strings.CutPrefix(format, w.word); is {
				out.WriteString(w.write(at))
				format = rest
				continue next
			}
		}
		out.WriteByte(format[0])
		format = format[1:]
	}
	return out.String()
}

// Read reads what [Written] has written: a date with or without a time, or a week
// (gggg-ww) with or without a day of it (e, from 0). Without a year, it is this one.
func Read(text, format string, now time.Time) (time.Time, error) {
	zone := now.Location()
	layout := strings.NewReplacer("YYYY", "2006", "MM", "01", "DD", "02", "HH", "15", "mm", "04", "ss", "05").Replace(format)
	week, is := strings.CutPrefix(format, "gggg-ww")
	if !is {
		at, err := time.ParseInLocation(layout, text, zone)
		if !strings.Contains(layout, "2006") {
			at = time.Date(now.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, zone)
		}
		return at, err
	}
	var year, number, day int
	var err error
	if week == "" {
		_, err = fmt.Sscanf(text, "%d-%d", &year, &number)
	} else {
		_, err = fmt.Sscanf(text, "%d-%d %d", &year, &number, &day)
	}
	fourth := time.Date(year, 1, 4, 0, 0, 0, 0, zone) // is in the first week
	return fourth.AddDate(0, 0, 7*(number-1)-(int(fourth.Weekday())+6)%7+day), err
}
