package boards

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// yearsShown are the calendar years that stand side by side, this one among them.
const yearsShown = 6

// yearsAgo is what people call a year so many years back.
func yearsAgo(back int) string {
	switch back {
	case 0:
		return "this year"
	case 1:
		return "last year"
	}
	return fmt.Sprintf("%d years ago", back)
}

// calendarYear is all of a year so many years back, the days to come of this
// one included.
func calendarYear(back int) timespan { return timespan{from: "1h", shift: fmt.Sprintf("%dy/y", back)} }

// years draws the same days of several years over each other.
func (b build) years(title, row, needs string) panel {
	p := days(panel{title: title, w: 12, h: 9, needs: needs, span: calendarYear(0),
		about: "Mean of the 30 days up to each day, a line for each year; the thick line is this year. After a 29 February, past years are a day off with Prometheus. " + aboutMeans})
	for back := range yearColors {
		s := b.series(row)
		name := yearsAgo(back)
		a := ask{series: s, name: strings.ToUpper(name[:1]) + name[1:], color: yearColors[back], text: b.year(s, back)}
		if back == 0 {
			a.look = bold
		}
		p.asks = append(p.asks, a)
	}
	if b.source == InfluxDB {
		p.transforms = thisYear()
	}
	return p
}

// yearColors are those of this year and the ones before.
var yearColors = []string{ink, blue, brown, rose, teal}

// Of a year over others.
const (
	yearDays   = 30 // that the mean is of
	daysOfYear = 365
)

// year is a mean in a year so many years back, at the same day of this year.
// InfluxQL cannot move points in time; thisYear does it.
func (b build) year(s series, back int) string {
	if b.source == InfluxDB {
		return inYear(b.mean(s, yearDays), back)
	}
	mean := s.over("avg_over_time", yearDays, 0, ago(back*daysOfYear))
	if back == 0 {
		mean += s.onlyOver() + upToToday
	}
	return s.apply("(" + mean + ")")
}

// upToToday leaves out days to come, where a mean would be one of fewer and fewer days.
const upToToday = " and on () (vector(time()) <= $__to / 1000)"

// inYear asks InfluxDB for the days of a year so many years back, instead of those
// that the dashboard shows.
func inYear(query string, back int) string {
	const first = "'${__to:date:YYYY}-01-01T00:00:00${__to:date:Z}'"
	begin, end := at(first, -back*daysOfYear, 0), at(first, (1-back)*daysOfYear, 0)
	if back == 0 {
		return strings.ReplaceAll(query, firstDay, begin)
	}
	return strings.NewReplacer(firstDay, begin, lastDay, end, "${__to}ms", end+" - 1s").Replace(query)
}

// thisYear moves all points to the same day of the running year.
func thisYear() []dashboard.DataTransformerConfig {
	const day = "MM-DD"
	return []dashboard.DataTransformerConfig{
		converted(conversion{column: "Time", to: "string", format: day}, conversion{column: "Time", to: "time", format: day}),
		sorted("Time"),
	}
}
