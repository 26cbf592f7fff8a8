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
	p := days(panel{title: title + ", years compared", w: 12, h: 9, needs: needs, span: calendarYear(0),
		about: "Mean of the 30 days up to each day, a line for each year; the thick line is this year. " + aboutMeansOf(mustRow(row))})
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
		p.transforms = thisYear(p.asks)
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
		return inYear(b.mean(s, yearDays), back, daysOfYear-1) // not the first day of the year after
	}
	mean := s.over("avg_over_time", yearDays, 0, ago(back*daysOfYear))
	if back == 0 {
		mean += s.past()
	}
	return s.apply("(" + mean + ")")
}

// past leaves out days to come, where a mean would be one of fewer and fewer days, and
// of totals the running day.
func (s series) past() string {
	return fmt.Sprintf(" and on () (vector(%s) <= -%d)", dayAhead, s.lastDay())
}

// whole is the value of each day that can be part of a mean.
func (b build) whole(s series) string {
	if byDay(s.row) {
		return b.complete(s)
	}
	if byHalves(s.row) {
		return b.mean(s, 1)
	}
	return b.language.daily(s)
}

// wholeYear is the same in a panel that shows a year so many years back. InfluxDB
// looks from some days earlier on, as leap years are longer.
func (b build) wholeYear(s series, back int) string {
	days := b.whole(s)
	if b.source == InfluxDB {
		days = inYear(days, back, daysOfYear)
	}
	if begins := at(januaryFirst, -back*daysOfYear, 0); back > 0 {
		days = strings.ReplaceAll(days, begins, begins+" - 3d")
	}
	return days
}

// januaryFirst is the beginning of the running year.
const januaryFirst = "'${__to:date:YYYY}-01-01T00:00:00${__to:date:Z}'"

// inYear asks InfluxDB for so many days of a year so many years back, instead of those
// that the dashboard shows. After a leap year it begins a day late.
func inYear(query string, back, days int) string {
	begin, end := at(januaryFirst, -back*daysOfYear, 0), at(januaryFirst, days-back*daysOfYear, 0)
	if back == 0 {
		return strings.ReplaceAll(query, firstDay, begin)
	}
	return strings.NewReplacer(firstDay, begin, lastDay, end, "${__to}ms", end+" - 1s").Replace(query)
}

// thisYear moves all lines to the same days of the running year: one row for each
// day, one column for each line.
func thisYear(lines []ask) []dashboard.DataTransformerConfig {
	const day = "MM-DD"
	fields := map[string]any{noonColumn: map[string]any{"operation": "groupby", "aggregations": []any{}}}
	for _, l := range lines {
		fields[l.name] = map[string]any{"operation": "aggregate", "aggregations": []any{"lastNotNull"}}
	}
	return []dashboard.DataTransformerConfig{
		joined(), noons(), converted(conversion{column: noonColumn, to: "time"}, conversion{column: noonColumn, to: "string", format: day}),
		{Id: "groupBy", Options: map[string]any{"fields": fields}},
		{Id: "renameByRegex", Options: map[string]any{"regex": `(.*) \(lastNotNull\)`, "renamePattern": "$1"}},
		converted(conversion{column: noonColumn, to: "time", format: day}), sortedBy(noonColumn, false),
	}
}
