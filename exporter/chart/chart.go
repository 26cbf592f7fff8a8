package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Chart is one quantity by day.
type Chart struct {
	Label string // what it is, such as "Weight"
	Unit  string // follows a number, such as "kg"; empty for none
	Days  []Day  // from the earliest to the latest, without gaps between their dates
	Lower []Day  // a second line on the same days, such as the diastolic pressure; nil for none
	Bars  bool   // a total of each day, drawn from zero

	// Counting says that the last day is not over: its total is neither the lowest nor the highest.
	Counting bool
}

// Day is the value of one day.
type Day struct {
	Date  time.Time // any moment of the day, in the zone in which it is named
	Value float64   // finite
	Text  string    // the value as people write it
	Known bool      // false: there is no value
}

// Worth reports whether there is anything to see: at least two days with a value.
func (c *Chart) Worth() bool { return len(known(c.Days)) > 1 }

// known are the days with a value.
func known(days []Day) []Day {
	var all []Day
	for _, d := range days {
		if d.Known {
			all = append(all, d)
		}
	}
	return all
}

// Range is the lowest and the highest value in words, without the unit: "71.9–73.4", and
// with a second line "118–135/74–88". A total that is not complete does not count.
func (c *Chart) Range() string {
	text := between(c.complete())
	if lower := between(c.Lower); lower != "" {
		text += "/" + lower
	}
	return text
}

// complete are the days without the last one if that is still being counted, unless nothing else is known.
func (c *Chart) complete() []Day {
	if before := c.Days[:max(len(c.Days)-1, 0)]; c.Counting && len(known(before)) > 0 {
		return before
	}
	return c.Days
}

func between(days []Day) string {
	low, high := lowest(days), highest(days)
	if low.Text == high.Text {
		return low.Text
	}
	return low.Text + "–" + high.Text
}

// bounds are the lowest and the highest known value; false if there is none.
func bounds(days []Day) (low, high float64, some bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, d := range known(days) {
		low, high = min(low, d.Value), max(high, d.Value)
	}
	return low, high, low <= high
}

// Description tells the numbers of the drawing, for those who cannot see it.
func (c *Chart) Description() string {
	days := known(c.Days)
	if len(days) == 0 {
		return fmt.Sprintf("No value in %d days.", len(c.Days))
	}
	last := days[len(days)-1]
	text := fmt.Sprintf("%s to %s: last %s on %s, lowest %s, highest %s",
		c.Days[0].Date.Format("2 January"), c.Days[len(c.Days)-1].Date.Format("2 January"),
		c.value(last), last.Date.Format("2 January"), c.extreme(lowest), c.extreme(highest))
	if gaps := len(c.Days) - len(days); gaps > 0 {
		text += fmt.Sprintf("; without a value on %d of %d days", gaps, len(c.Days))
	}
	return text + "."
}

// lowest and highest are the days with the extreme values; without any value a day without text.
func lowest(days []Day) Day {
	return first(known(days), func(a, b Day) bool { return a.Value < b.Value })
}
func highest(days []Day) Day {
	return first(known(days), func(a, b Day) bool { return a.Value > b.Value })
}

// first is the day that comes before all others.
func first(days []Day, before func(a, b Day) bool) (is Day) {
	for i, d := range days {
		if i == 0 || before(d, is) {
			is = d
		}
	}
	return is
}

// extreme is one bound of a line, or of both lines.
func (c *Chart) extreme(of func([]Day) Day) string {
	text := of(c.complete()).Text
	if len(known(c.Lower)) > 0 {
		text += " and " + of(c.Lower).Text
	}
	return strings.TrimSpace(text + " " + c.Unit)
}

// value is that of a day in words, with that of the second line.
func (c *Chart) value(day Day) string {
	text := day.Text
	same := func(d Day) bool { return d.Date.Equal(day.Date) }
	if lower := known(c.Lower); slices.ContainsFunc(lower, same) {
		text += "/" + lower[slices.IndexFunc(lower, same)].Text
	}
	return strings.TrimSpace(text + " " + c.Unit)
}
