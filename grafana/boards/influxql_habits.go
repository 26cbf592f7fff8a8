package boards

import (
	"fmt"
	"strings"
)

// weekOrDay is a number that InfluxDB computes of the time shown: 1 when it is longer
// than a year, so that bars are weeks, and 0 when they are days. Without comparisons,
// that is a half, or what lies above it, rounded down.
var weekOrDay = func() string {
	const shown = "(${__to} - ${__from})"
	share := fmt.Sprintf("(%s / (%s + %d) + 0.5)", shown, shown, int64(yearful*millisOfDay))
	return fmt.Sprintf("(%s - %s %% 1)", share, share)
}()

// weekWindows are weeks of the browser, or as long as is said. They are found from the
// first day of the week in which the time shown ends.
func weekWindows(length, weekStart string) string {
	return fmt.Sprintf("time(%s, %s%s)", length, lastMidnightAfter, weekStarts("__to", weekStart))
}

// weekStarts goes back from a day, which a variable of Grafana says, to the one with which
// its week begins.
func weekStarts(variable, weekStart string) string {
	if weekStart == sunday {
		return " - ${" + variable + ":date:d}d"
	}
	return " - ${" + variable + ":date:E}d + 1d"
}

// untilWeek is how many days after the first one shown the first week begins.
func untilWeek(weekStart string) string {
	if weekStart == sunday {
		return "((7 - ${__from:date:E}) % 7)"
	}
	return "((8 - ${__from:date:E}) % 7)"
}

// bar is bars without a unit, as "value".
func (s series) bar(weekStart string) string {
	first := daysFrom{first: fmt.Sprintf("%s + 1d * %s * %s", firstDay, untilWeek(weekStart), weekOrDay)}
	end := untilEnd
	if byDay(s.row) {
		end += fmt.Sprintf(" AND time < %s + 1d - 1d * %s", lastDay, weekOrDay)
	}
	return s.grouped("mean", first, end, weekWindows("1d * (1 + 6 * "+weekOrDay+")", weekStart))
}

// grouped is a function over days, from one on, in longer windows.
func (s series) grouped(function string, days daysFrom, end, windows string) string {
	return fmt.Sprintf(`SELECT %s("value") AS "value" FROM (%s) WHERE time >= %s AND %s GROUP BY %s, %s fill(none)`,
		function, s.each(`"value" AS "value"`, days), at(firstDay, -3, 0), end, windows, s.tags())
}

// longBefore is how far back the outermost query must go for what is inside.
var longBefore = fmt.Sprintf("time >= %s AND %s", at(firstDay, -9, 0), untilEnd)

func (influxQL) bars(s series, weekStart string) string {
	return s.outer(s.apply(`"value"`), longBefore, s.bar(weekStart))
}

// beside compares with a number that no mean reaches, when the time is long.
func (influxQL) beside(s series) string {
	return s.outer(s.apply(`"mean"`), fmt.Sprintf(`"mean" >= 1000000000000 * %s AND time >= %s AND %s`, weekOrDay, at(firstDay, -9, 0), untilEnd),
		s.ofDays(`"value" / "days" AS "mean"`, daysOfWeek, wholeOnly))
}

// Goals may have been set at any time, and every day must know them: the newest
// is put at the beginning of the years there may be, and holds from there on.
const years = "time >= '2005-01-01T00:00:00Z' AND time < '2060-01-01T00:00:00Z'"

// newestGoal is the newest one for which conditions hold, as "goal".
func newestGoal(goal series, more ...string) string {
	return fmt.Sprintf(`SELECT last(%s) AS "goal" %s GROUP BY %s`, field(goal.row), goal.from(more...), goal.tags())
}

// aim is the goal on each day, as "goal".
func aim(goal series) string {
	newest := fmt.Sprintf(`SELECT last(%s) AS "goal" %s GROUP BY time(36500d), %s fill(none)`, field(goal.row), goal.from(), goal.tags())
	return fmt.Sprintf(`SELECT last("goal") AS "goal" FROM (%s) WHERE %s GROUP BY %s, %s fill(previous)`, newest, years, midnights, goal.tags())
}

// against has -1 where there is nothing: neither goals nor totals are below zero.
func (influxQL) against(s, goal series, reached bool, weekStart string) string {
	condition := `"value" >= 0 AND ("value" < "goal" OR "goal" < 0)`
	if reached {
		condition = `"goal" >= 0 AND "value" >= "goal"`
	}
	return s.outer(s.apply(`"value"`), condition, s.withGoal(goal, s.bar(weekStart), "-1"))
}

// missed are the days on which a goal was missed, and those around the time shown.
func (s series) missed(goal series) string {
	days := s.withGoal(goal, s.each(`"value" AS "value"`, wholeOnly), "0")
	return fmt.Sprintf(`SELECT "goal" FROM (%s) WHERE "value" < "goal" AND time >= %s AND time < %s GROUP BY %s`, days, at(firstDay, -1, 0), at(lastDay, 1, 0), s.tags())
}

// streak is the days between two on which the goal was missed.
func (influxQL) streak(s, goal series, longest bool) string {
	function := "last"
	if longest {
		function = "max"
	}
	// The goal stands at a time of its own as well, which is long before.
	return s.outer(function+`("days") - 1`, fmt.Sprintf(`"days" < (${__to} - ${__from}) / %d + 3`, millisOfDay), fmt.Sprintf(`SELECT elapsed("goal", 1d) AS "days" FROM (%s) GROUP BY %s`, s.missed(goal), s.tags()))
}

// debt counts with numbers of one type: InfluxDB loses whole ones among others.
func (influxQL) debt(s, goal series, days int) string {
	first := at(lastDay, 1-days, 0)
	nights := fmt.Sprintf(`SELECT sum("value") AS "sum", sum("one") AS "count" FROM (%s) WHERE %s GROUP BY %s`,
		s.outer(`"value", 1 + 0 * "value" AS "one"`, sinceEvening(first), s.dayValues(first, "")), sinceEvening(first), s.tags())
	return fmt.Sprintf(`SELECT %s FROM %s GROUP BY %s`, s.apply(`(sum("goal") * sum("count") - sum("sum"))`), nested(newestGoal(goal), nights), s.tags())
}

func (influxQL) weeks(s series, weekStart string) string {
	first := daysFrom{first: firstDay + " + 1d * " + untilWeek(weekStart), over: true}
	return s.outer(s.apply(`"value"`), longBefore, s.grouped("sum", first, untilEnd, weekWindows("7d", weekStart)))
}

// The beginning of the year before, and this day in the year before. A year in four is a day longer.
var (
	lastBegins = januaryFirst + " - 1d * (365 + " + leap("(${__to:date:YYYY} - 1)") + ")"
	dateAgo    = lastDay + " - 1d * (365 + " + leap("(${__to:date:YYYY} - 1 + (${__to:date:M} + 9 - (${__to:date:M} + 9) % 12) / 12)") + ")"
	halfADay   = " - 12h"
)

// leap is 1 for a year with a day more: of the rests 0 to 3 of a division, only 0
// leaves something of the product.
func leap(year string) string {
	return strings.ReplaceAll("(1 - Y % 4) * (2 - Y % 4) * (3 - Y % 4) / 6", "Y", year)
}

// yearToDate looks at the points themselves, each of which is a day. It leaves half a
// day of room for changed clocks, and for people in other zones.
func (influxQL) yearToDate(s series, which year) string {
	sum := func(name, from, until string) string {
		return fmt.Sprintf(`SELECT sum(%s) AS %q %s GROUP BY %s`, field(s.row), name,
			s.from("time >= "+from+halfADay, "time < "+until+halfADay), s.tags())
	}
	this, last := sum("this", januaryFirst, lastDay), sum("last", lastBegins, dateAgo)
	switch which {
	case yearBefore:
		return fmt.Sprintf(`SELECT %s FROM (%s) GROUP BY %s`, s.apply(`"last"`), last, s.tags())
	case yearAhead:
		return fmt.Sprintf(`SELECT %s FROM %s GROUP BY %s`, s.apply(`(sum("this") - sum("last"))`), nested(this, last), s.tags())
	}
	return fmt.Sprintf(`SELECT %s FROM (%s) GROUP BY %s`, s.apply(`"this"`), this, s.tags())
}

// weekend counts days from the last one shown, as its moments are in seconds.
func (influxQL) weekend() string {
	s := series{row: mustRow(nightEnd)}
	const days = `(("value" - (${__to} / 1000 - ${__to:date:H} * 3600 - ${__to:date:m} * 60 - ${__to:date:s})) / 86400 + ${__to:date:E} + 6999)`
	return s.outer(fmt.Sprintf(`floor("day" / %d)`, firstSaturday), longBefore,
		fmt.Sprintf(`SELECT floor(%s) %% 7 AS "day" FROM (%s) GROUP BY %s`, days, s.each(`"value" AS "value"`, sinceFirst), s.tags()))
}

// vigour adds up the rows of two answers.
func (influxQL) vigour(moderate, intense series) string {
	both := nested(moderate.ofDays(`"value" AS "sum"`, daysOfWeek, wholeOnly), intense.ofDays(`2 * "value" AS "sum"`, daysOfWeek, wholeOnly))
	days := fmt.Sprintf(`SELECT sum("sum") AS "sum" FROM %s WHERE time >= %s AND %s GROUP BY %s, %s fill(none)`, both, at(firstDay, -daysOfWeek-3, 0), wholeOnly.ends(moderate), midnights, moderate.tags())
	return moderate.outer(intense.apply(`"sum"`), fmt.Sprintf("time >= %s AND %s", at(firstDay, -daysOfWeek-3, 0), wholeOnly.ends(moderate)), days)
}

func (q influxQL) naps(s series) string { return q.daily(s) }
