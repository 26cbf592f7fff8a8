package boards

import (
	"fmt"
	"strings"

	"withings-exporter/exporter"
)

// The first and the last day shown, at the browser's midnight. Where clocks change, it
// is that of the last day.
const (
	firstDay = "'${__from:date:YYYY-MM-DD}T00:00:00${__to:date:Z}'"
	lastDay  = "'${__to:date:YYYY-MM-DD}T00:00:00${__to:date:Z}'"
)

// lastMidnightAfter is the midnight of the last day shown as InfluxDB can have it in
// GROUP BY: as the time since 1970.
const lastMidnightAfter = "1ms * ${__to} - ${__to:date:H}h - ${__to:date:m}m - ${__to:date:s}s - ${__to:date:SSS}ms"

// windows are what GROUP BY makes of time, one of them beginning so many hours after
// the last midnight.
func windows(length string, hours int) string {
	return fmt.Sprintf("time(%s, %s)", length, at(lastMidnightAfter, 0, hours))
}

// midnights are the days of the browser, halfDays their mornings and evenings.
var midnights, halfDays = windows("1d", 0), windows("12h", 0)

// at is a moment that many days and hours after another one.
func at(moment string, days, hours int) string {
	for _, step := range []struct {
		count int
		unit  string
	}{{days, "d"}, {hours, "h"}} {
		switch {
		case step.count < 0:
			moment += fmt.Sprintf(" - %d%s", -step.count, step.unit)
		case step.count > 0:
			moment += fmt.Sprintf(" + %d%s", step.count, step.unit)
		}
	}
	return moment
}

// begins is when the window for a day opens, in hours after midnight. Totals are
// looked for around midnight, since that of the person may be another than the
// browser's, and bed events since they are of a night. What happened in a night is on the day of waking up, unless it began
// before six in the evening.
func (s series) begins() int {
	switch {
	case totals(s.row), ofBed(s.row):
		return -noon
	case ofNights(s.row) && s.by != "":
		return -6
	}
	return 0
}

// totals reports whether a row is counted over a day and stands at its beginning.
func totals(m *exporter.Metric) bool { return m.Service == exporter.Activity || ofNaps(m) }

// dayOver is true of days that began a day ago, also where the time shown ends in the
// days to come.
const dayOver = "time <= now() - 1d"

// daysFrom is which days are asked for: from a first one on, without the running one where
// totals must be whole.
type daysFrom struct {
	first string
	over  bool
}

// sinceFirst are the days shown, and those of them whose totals are whole.
var (
	sinceFirst = daysFrom{first: firstDay}
	wholeOnly  = daysFrom{first: firstDay, over: true}
)

// ends is until when they are, of a row.
func (d daysFrom) ends(s series) string {
	if d.over && byDay(s.row) {
		return "time < " + lastDay + " AND " + dayOver
	}
	return untilEnd
}

// dayValues are the last value of each day (of getting in bed, the first) from one on, at the time when the window of
// the day opens: on the day before, when that is in the evening. Without a day before
// which to end, all count until the end of the time shown.
func (s series) dayValues(since, until string) string {
	if ofNights(s.row) && s.by == "" {
		return s.nights(since, until)
	}
	times := append(before(until, s.begins()), "time >= "+at(since, 0, s.begins()))
	if byDay(s.row) && until != "" {
		times = append(times, dayOver)
	}
	pick := "last"
	if s.row.Name == gotIn {
		pick = "first"
	}
	return fmt.Sprintf(`SELECT %s AS "value" %s GROUP BY %s, %s fill(none)`, s.picked(pick), s.from(times...), windows("1d", s.begins()), s.tags())
}

// counted are the values of days as means take them: blood pressures as the mean of the
// morning and the evening.
func (s series) counted(since, until string) string {
	if !byHalves(s.row) {
		return s.dayValues(since, until)
	}
	times := strings.Join(append(before(until, 0), "time >= "+since), " AND ")
	return fmt.Sprintf(`SELECT mean("half") AS "value" FROM (SELECT %s AS "half" %s GROUP BY %s, %s fill(none)) WHERE %s GROUP BY %s, %s fill(none)`,
		s.picked("last"), s.from(times), halfDays, s.tags(), times, midnights, s.tags())
}

// before are the conditions for what ends before a day, some hours later.
func before(day string, hours int) []string {
	if day == "" {
		return []string{untilEnd}
	}
	return []string{untilEnd, "time < " + at(day, 0, hours)}
}

// moving has for each day the sum of the values of so many days that end with it, and
// how many days have a value. A day without one is a row of nothing, so that rows are
// days. Where windows open on the day before, one row more is taken, and the last one,
// which is of the day after, taken off again.
func (s series) moving(days int, d daysFrom) string {
	rows, early := days, s.begins() < 0
	if early {
		rows++
	}
	over := func(function, name string) string {
		last := function + `("value")`
		text := last
		if rows > 1 {
			text = fmt.Sprintf(`%d * moving_average(%s, %d)`, rows, last, rows)
		}
		if early {
			text += " - " + last
		}
		return text + fmt.Sprintf(" AS %q", name)
	}
	begin := d.first
	if rows > 1 {
		begin = at(begin, 2-rows, 0) // InfluxDB looks back by one row itself
	}
	until := ""
	if d.over && byDay(s.row) {
		until = lastDay
	}
	return fmt.Sprintf(`SELECT %s, %s FROM (%s) WHERE time >= %s AND %s GROUP BY %s, %s fill(0)`,
		over("last", "value"), over("count", "days"), s.counted(at(d.first, 1-days, 0), until), begin, d.ends(s), midnights, s.tags())
}

// ofDays asks for what moving has. Shards of InfluxDB are looked into only as far
// back as the outermost query goes.
func (s series) ofDays(expression string, days int, d daysFrom, more ...string) string {
	conditions := append([]string{`"days" > 0.5`, "time >= " + at(d.first, -days-1, 0), d.ends(s)}, more...)
	return s.outer(expression, strings.Join(conditions, " AND "), s.moving(days, d))
}

// each is the value of every day, at its midnight.
func (s series) each(expression string, d daysFrom) string {
	if s.begins() < 0 {
		return s.ofDays(expression, 1, d)
	}
	return s.outer(expression, sinceEvening(d.first), s.dayValues(d.first, ""))
}

// sinceEvening lets nights be found that began on the evening before.
func sinceEvening(day string) string { return "time >= " + at(day, -2, 0) + " AND " + untilEnd }

// daily leaves out that there was no nap, which is written for every date.
func (influxQL) daily(s series) string {
	if ofNaps(s.row) {
		return s.ofDays(s.apply(`"value"`), 1, sinceFirst, `"value" > 0`)
	}
	return s.each(s.apply(`"value"`), sinceFirst)
}

func (influxQL) complete(s series) string { return s.each(s.apply(`"value"`), wholeOnly) }

func (influxQL) mean(s series, days int) string {
	return s.ofDays(s.apply(`("value" / "days")`), days, wholeOnly)
}

func (influxQL) sum(s series, days int) string {
	return s.ofDays(s.apply(`"value"`), days, wholeOnly)
}

// points is how many there are of each day.
func (s series) points() string {
	if totals(s.row) {
		return s.each(`"days"`, sinceFirst)
	}
	return fmt.Sprintf("SELECT count(%s) %s GROUP BY %s, %s fill(none)", field(s.row), s.from("time >= "+firstDay, untilEnd), midnights, s.tags())
}

// weekly compares means of rows that are weeks, those without a value among them.
func (influxQL) weekly(s series, weekStart string) string {
	s.plus = 0 // a difference of temperatures has no zero
	first := firstDay + weekStarts("__from", weekStart)
	rows := daysFrom{first: at(first, -7, 0), over: true}
	weeks := fmt.Sprintf(`SELECT difference(mean("value")) AS "moved", count("value") AS "days", 2 * moving_average(count("value"), 2) - count("value") AS "before" `+
		`FROM (%s) WHERE time >= %s AND %s GROUP BY %s, %s fill(0)`,
		s.each(`"value" AS "value"`, rows), first, rows.ends(s), weekWindows("7d", weekStart), s.tags())
	return s.outer(s.apply(`"moved"`), fmt.Sprintf(`"days" > 0.5 AND "before" > 0.5 AND time >= %s AND %s`, at(first, -9, 0), rows.ends(s)), weeks)
}

// average is one mean, of so many days up to one of the last day shown, or so many
// days before it.
func (s series) average(name string, days int, last string, ago int) string {
	if byDay(s.row) && last == lastDay {
		ago++
	}
	return fmt.Sprintf(`SELECT mean("value") AS %q FROM (%s) GROUP BY %s`, name,
		s.counted(at(last, 1-days-ago, 0), at(last, 1-ago, 0)), s.tags())
}

func (influxQL) moved(s series) string {
	s.plus = 0
	return s.outer(s.apply(`(sum("now") - sum("then"))`), fmt.Sprintf("time >= %s AND %s", at(firstDay, -9, 0), untilEnd),
		s.average("now", 7, lastDay, 0), s.average("then", 7, firstDay, 0))
}

// presentAndPast are the two means between which the rate is seen.
func (s series) presentAndPast() []string {
	return []string{s.average("now", trendDays, lastDay, 0), s.average("then", trendDays, lastDay, rateDays)}
}

func (influxQL) rate(s series) string {
	s.plus = 0
	return s.outer(s.apply(fmt.Sprintf(`(sum("now") - sum("then")) / %d`, rateDays)),
		fmt.Sprintf("time >= %s AND %s", at(lastDay, -rateDays-trendDays-2, 0), untilEnd), s.presentAndPast()...)
}

// forecast has no limit of time, since the goal may have been set long ago.
func (influxQL) forecast(s, goal series) string {
	left := fmt.Sprintf(`SELECT (sum("goal") - sum("now")) / (sum("now") - sum("then")) * %d AS "left" FROM %s GROUP BY %s`,
		rateDays, nested(append(s.presentAndPast(), newestGoal(goal))...), s.tags())
	return s.outer(`${__to} + "left" * 86400000`, fmt.Sprintf(`"left" > 0 AND "left" < %d`, furthest), left)
}

// holds is for how many days a value does, that of its own among them.
const holds = 60

// course has every day the value of the last one with a value, and beside it how many
// of the past days have one: there is an answer from the first day shown on.
func (q influxQL) course(s series) string {
	if !s.row.Service.Row().Moments {
		return q.daily(s)
	}
	return s.held(s.apply(`"held"`))
}

func (s series) held(expression string) string {
	values := s.dayValues(at(firstDay, 1-holds, 0), "")
	days := fmt.Sprintf(`SELECT last("held") AS "held", moving_average(count("value"), %d) AS "recent" `+
		`FROM (SELECT last("value") AS "held" FROM (%s) GROUP BY %s, %s fill(previous)), (%s) WHERE time >= %s AND %s GROUP BY %s, %s fill(0)`,
		holds, values, midnights, s.tags(), values, at(firstDay, 2-holds, 0), untilEnd, midnights, s.tags())
	return s.outer(expression, fmt.Sprintf(`"recent" > 0 AND time >= %s AND %s`, at(firstDay, -holds-1, 0), untilEnd), days)
}

// result is shown for whoever has a pulse: of other measurements, there would be a
// line beside it.
func (influxQL) result(s series) string {
	beat := series{row: mustRow(pulse)}
	none := fmt.Sprintf(`SELECT 0 * mean(%s) - %d AS "held" %s GROUP BY %s, "profile" fill(%d)`,
		field(beat.row), -notRecorded, beat.from("time >= "+firstDay, untilEnd), midnights, notRecorded)
	return fmt.Sprintf(`SELECT max("held") FROM %s WHERE time >= %s AND %s GROUP BY %s, "profile" fill(none)`,
		nested(none, s.held(`"held"`)), at(firstDay, -holds-1, 0), untilEnd, midnights)
}
