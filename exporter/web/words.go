package web

import (
	"strings"
	"time"
	"unicode"

	"withings-exporter/exporter/spelling"
	"withings-exporter/exporter/words"
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

// exactly returns the moment t under the given text, as clocks show it where now is.
func exactly(now, t time.Time, text string) moment {
	t = t.In(now.Location())
	return moment{Words: text, Stamp: t.Format("2006-01-02 15:04:05 MST"), ISO: t.Format(time.RFC3339)}
}

// past words a moment that has happened.
func past(now, t time.Time) moment {
	if t.IsZero() {
		return moment{Words: "never"}
	}
	switch d := now.Sub(t); {
	case d < -skew:
		return exactly(now, t, "in "+words.Span(-d))
	default:
		return exactly(now, t, words.Ago(d))
	}
}

// planned words a moment that is to come.
func planned(now, t time.Time) moment {
	if t.IsZero() {
		return moment{Words: "not planned"}
	}
	if !t.After(now) {
		return exactly(now, t, "now")
	}
	return exactly(now, t, "in "+words.Span(t.Sub(now)))
}

// clocked is a moment that has happened with its time of day, and its date if that is
// another, once it is an hour ago.
func clocked(now, t time.Time) moment {
	m := past(now, t)
	if t.IsZero() || now.Sub(t) < time.Hour {
		return m
	}
	layout := "2 January 2006, 15:04"
	switch local := t.In(now.Location()); {
	case local.Year() == now.Year() && local.YearDay() == now.YearDay():
		layout = "15:04"
	case now.Sub(t) < 300*24*time.Hour:
		layout = "2 January, 15:04"
	}
	m.Words += " (" + t.In(now.Location()).Format(layout) + ")"
	return m
}

// zoneName names the time zone in which clocks are shown.
func zoneName(now time.Time) string {
	if name := now.Location().String(); name != "Local" {
		return name
	}
	return now.Format("MST (-07:00)")
}

// validity words how long something stays valid.
func validity(now, t time.Time) moment {
	if t.IsZero() {
		return moment{Words: "none yet"}
	}
	if !t.After(now) {
		return exactly(now, t, "expired "+past(now, t).Words)
	}
	return exactly(now, t, "valid for "+words.Span(t.Sub(now))+", then renewed by itself")
}

// lasting words how long something has been so.
func lasting(now, t time.Time) moment {
	return exactly(now, t, "for "+words.Span(max(0, now.Sub(t))))
}

// tame replaces characters that would steer a terminal or turn the direction of
// text, and line breaks, in texts that came from elsewhere. Characters that only
// join others, as in family emoji, stay.
func tame(s string) string { return strings.Map(tameRune, s) }

func tameRune(r rune) rune {
	switch {
	case r == '\n' || r == '\t' || r == '\r':
		return ' '
	case spelling.Steers(r):
		return unicode.ReplacementChar
	}
	return r
}
