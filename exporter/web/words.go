package web

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// moment is a point in time for people: in words, and exactly.
type moment struct {
	Words string // "4 minutes ago"
	Stamp string // "2026-01-31 08:15:00 CET", empty when unknown
	ISO   string // RFC 3339, empty when unknown
}

// skew is how far in the future something that has happened may seem to lie
// before the page says so: clocks of scales and servers differ a little.
const skew = time.Minute

// exactly returns the moment t under the given words.
func exactly(t time.Time, words string) moment {
	return moment{Words: words, Stamp: t.Format("2006-01-02 15:04:05 MST"), ISO: t.Format(time.RFC3339)}
}

// past words a moment that has happened.
func past(now, t time.Time) moment {
	if t.IsZero() {
		return moment{Words: "never"}
	}
	switch d := now.Sub(t); {
	case d < -skew:
		return exactly(t, "in "+span(-d))
	case d < 10*time.Second:
		return exactly(t, "just now")
	default:
		return exactly(t, span(d)+" ago")
	}
}

// planned words a moment that is to come.
func planned(now, t time.Time) moment {
	if t.IsZero() {
		return moment{Words: "not planned"}
	}
	if !t.After(now) {
		return exactly(t, "now")
	}
	return exactly(t, "in "+span(t.Sub(now)))
}

// validity words how long something stays valid.
func validity(now, t time.Time) moment {
	if t.IsZero() {
		return moment{Words: "none yet"}
	}
	if !t.After(now) {
		return exactly(t, "expired "+past(now, t).Words)
	}
	return exactly(t, "valid for "+span(t.Sub(now)))
}

// lasting words how long something has been so.
func lasting(now, t time.Time) moment {
	return exactly(t, "for "+span(max(0, now.Sub(t))))
}

// units of span, largest first; the larger ones are averages.
var units = []struct {
	name string
	size time.Duration
	from time.Duration // durations from here on are told in this unit
}{
	{"year", 8766 * time.Hour, 2 * 8766 * time.Hour},
	{"month", 730 * time.Hour, 2 * 730 * time.Hour},
	{"day", 24 * time.Hour, 48 * time.Hour},
	{"hour", time.Hour, time.Hour},
	{"minute", time.Minute, time.Minute},
	{"second", time.Second, 0},
}

// span words a duration in its one largest fitting unit, rounded down.
func span(d time.Duration) string {
	for _, u := range units {
		if d >= u.from {
			return count(int(d/u.size), u.name)
		}
	}
	return count(0, "second")
}

// count words a number of things; the plural is regular.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// tame replaces characters that would steer a terminal or turn the direction of
// text, and line breaks, in texts that came from elsewhere. Characters that only
// join others, as in family emoji, stay.
func tame(s string) string { return strings.Map(tameRune, s) }

func tameRune(r rune) rune {
	switch {
	case r == '\n' || r == '\t' || r == '\r':
		return ' '
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
		return unicode.ReplacementChar
	}
	return r
}
