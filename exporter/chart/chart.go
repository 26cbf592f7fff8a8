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
	Label string               // what it is, such as "Weight"
	Unit  string               // follows a number, such as "kg"; empty for none
	Show  func(float64) string // a value as people write it
	Days  []Day                // from the earliest to the latest, without gaps between their dates
	Lower []Day                // a second line on the same days, such as the diastolic pressure; nil for none
	Bars  bool                 // a total of each day, drawn from zero
}

// Day is the value of one day.
type Day struct {
	Date  time.Time // any moment of the day, in the zone in which it is named
	Value float64   // finite
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
// with a second line "118–135/74–88".
func (c *Chart) Range() string {
	text := c.between(c.Days)
	if lower := c.between(c.Lower); lower != "" {
		text += "/" + lower
	}
	return text
}

func (c *Chart) between(days []Day) string {
	low, high, some := bounds(days)
	switch {
	case !some:
		return ""
	case c.Show(low) == c.Show(high):
		return c.Show(low)
	}
	return c.Show(low) + "–" + c.Show(high)
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
		c.value(last.Date, last.Value), last.Date.Format("2 January"), c.extreme(lowest), c.extreme(highest))
	if gaps := len(c.Days) - len(days); gaps > 0 {
		text += fmt.Sprintf("; without a value on %d of %d days", gaps, len(c.Days))
	}
	return text + "."
}

func lowest(days []Day) float64  { low, _, _ := bounds(days); return low }
func highest(days []Day) float64 { _, high, _ := bounds(days); return high }

// extreme is one bound of a line, or of both lines.
func (c *Chart) extreme(of func([]Day) float64) string {
	text := c.Show(of(c.Days))
	if len(known(c.Lower)) > 0 {
		text += " and " + c.Show(of(c.Lower))
	}
	return strings.TrimSpace(text + " " + c.Unit)
}

// value is that of a day in words, with that of the second line.
func (c *Chart) value(date time.Time, v float64) string {
	text := c.Show(v)
	same := func(d Day) bool { return d.Date.Equal(date) }
	if lower := known(c.Lower); slices.ContainsFunc(lower, same) {
		text += "/" + c.Show(lower[slices.IndexFunc(lower, same)].Value)
	}
	return strings.TrimSpace(text + " " + c.Unit)
}
