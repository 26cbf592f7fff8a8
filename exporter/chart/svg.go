package chart

import (
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
)

// A drawing is stretched to the place that it is given, so its units are no pixels and
// lines keep their width.
const (
	wide, high = 300, 64
	margin     = 4 // above and below a line
)

// SVG draws the chart, to be put into a page of HTML.
func (c *Chart) SVG() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg role="img" viewBox="0 0 %d %d" preserveAspectRatio="none"><title>%s, %d days</title><desc>%s</desc>`,
		wide, high, html.EscapeString(c.Label), len(c.Days), html.EscapeString(c.Description()))
	low, top, _ := bounds(slices.Concat(c.Days, c.Lower))
	if c.Bars {
		c.bars(&b, max(top, 0))
	} else {
		c.line(&b, "line", c.Days, scale{low, top})
		c.line(&b, "line lower", c.Lower, scale{low, top})
	}
	for i, d := range c.Days {
		if d.Known {
			fmt.Fprintf(&b, `<rect class="day" x="%s" width="%s" height="%d"><title>%s: %s</title></rect>`,
				short(c.left(i)), short(c.step()), high, d.Date.Format("2 January"), html.EscapeString(c.value(d)))
		}
	}
	b.WriteString("</svg>")
	return b.String()
}

// step is the width of a day, and left where one begins.
func (c *Chart) step() float64        { return float64(wide) / float64(len(c.Days)) }
func (c *Chart) left(day int) float64 { return float64(day) * c.step() }
func (c *Chart) middle(d int) float64 { return c.left(d) + c.step()/2 }
func short(number float64) string     { return strconv.FormatFloat(number, 'f', -1, 32) }
func rounded(number float64) string   { return strconv.FormatFloat(number, 'f', 1, 64) }
func isKnown(days []Day, i int) bool  { return i >= 0 && i < len(days) && days[i].Known }
func alone(days []Day, i int) bool    { return !isKnown(days, i-1) && !isKnown(days, i+1) }
func lastKnown(days []Day, i int) bool {
	return !slices.ContainsFunc(days[i+1:], func(d Day) bool { return d.Known })
}

// scale leads from values to heights.
type scale struct{ low, high float64 }

// at is the height of a value; all are in the middle if they are the same.
func (s scale) at(v float64) float64 {
	if s.high <= s.low {
		return high / 2
	}
	return high - margin - (v-s.low)/(s.high-s.low)*(high-2*margin)
}

// line joins the days that follow each other. The last one, and those that have no
// neighbour, are points: a path of no length, whose round end keeps its shape when the drawing is stretched.
func (c *Chart) line(b *strings.Builder, class string, days []Day, s scale) {
	var path, points strings.Builder
	for i, d := range days {
		if !d.Known {
			continue
		}
		x, y := rounded(c.middle(i)), rounded(s.at(d.Value))
		if alone(days, i) || lastKnown(days, i) {
			fmt.Fprintf(&points, "M%s %sh0", x, y)
		}
		if isKnown(days, i-1) {
			fmt.Fprintf(&path, "L%s %s", x, y)
		} else if !alone(days, i) {
			fmt.Fprintf(&path, "M%s %s", x, y)
		}
	}
	if path.Len() > 0 {
		fmt.Fprintf(b, `<path class="%s" d="%s"/>`, class, &path)
	}
	if points.Len() > 0 {
		fmt.Fprintf(b, `<path class="%s point" d="%s"/>`, class, &points)
	}
}

// bars are columns from zero. One of a small value is still to be seen, and one of zero is not.
func (c *Chart) bars(b *strings.Builder, top float64) {
	const gap, least = 0.22, 1.0
	for i, d := range c.Days {
		if !d.Known || d.Value <= 0 {
			continue
		}
		tall := max(d.Value/top*(high-margin), least)
		fmt.Fprintf(b, `<rect class="bar" x="%s" y="%s" width="%s" height="%s"/>`,
			rounded(c.left(i)+c.step()*gap/2), rounded(high-tall), rounded(c.step()*(1-gap)), rounded(tall))
	}
}
