package boards

import "fmt"

// only is an expression where a condition without labels holds.
func only(expression, condition string) string {
	return "(" + expression + ") and on () (" + condition + ")"
}

// longRange and shortRange are true when the time shown is longer than a year, or
// is not.
var (
	longRange  = fmt.Sprintf("vector(($__to - $__from) / 1000) >= %d", yearful*secondsOfDay)
	shortRange = fmt.Sprintf("vector(($__to - $__from) / 1000) < %d", yearful*secondsOfDay)
)

// dayOfWeek is that of a moment: days are counted from Monday, which is 0. It begins at
// the last day shown, whose weekday Grafana knows; half a day more makes up for the hour
// of changed clocks.
func dayOfWeek(moment string) string {
	return "floor((vector" + moment + " - " + lastMidnight + ") / 86400 + ${__to:date:E} + 6999.5) % 7"
}

// atStep is the moment of a step.
const atStep = "(time())"

// weekBegins is true of moments on the first day of a week.
func weekBegins(moment, weekStart string) string {
	if weekStart == sunday {
		return dayOfWeek(moment) + " == 6"
	}
	return dayOfWeek(moment) + " == 0"
}

// bar is bars without a unit.
func (q promQL) bar(s series, weekStart string) string {
	s.scale = scale{}
	if s.less != nil {
		return q.minus(s, func(one series) string { return q.bar(one, weekStart) })
	}
	return fmt.Sprintf("(%s or %s)", only(s.value(day{}), shortRange), only(s.weekOfDay(weekStart), longRange))
}

// weekOfDay is, for each day, the mean of its week, found at the day with which that
// began: Grafana makes bars as wide as steps are long, which are days.
func (s series) weekOfDay(weekStart string) string {
	week := "avg_over_time(" + s.inDays(daysOfWeek, daysOfWeek-1) + ")"
	return fmt.Sprintf("last_over_time((%s)[6d23h59m59s:1d] offset %s)", only(week, weekBegins(startOfDay, weekStart)), ago(0))
}

func (q promQL) bars(s series, weekStart string) string { return s.apply(q.bar(s, weekStart)) }

func (q promQL) beside(s series) string {
	plain := s
	plain.scale = scale{}
	return s.apply("(" + only(q.mean(plain, daysOfWeek), shortRange) + ")")
}

// against compares with infinity where nobody set a goal.
func (q promQL) against(s, goal series, reached bool, weekStart string) string {
	if reached {
		return s.apply(fmt.Sprintf("(%s >= on (profile) (%s))", q.bar(s, weekStart), goal.aim()))
	}
	around := s.joined("max", s.values(window{length: "8d", offset: " offset -8d"}))
	return s.apply(fmt.Sprintf("(%s < on (profile) (%s or on (profile) 0 * %s + Inf))", q.bar(s, weekStart), goal.aim(), around))
}

// In a subquery over the time shown, days are counted from the first one shown to the
// last one that is over. Prometheus 2 would begin a day early when the time begins at
// midnight.
const (
	daysShown  = "[${__range_ms}ms:1d] offset 1d${midnight}s"
	startOfDay = "(time() + ${midnight})" // of the day that belongs to a step of a subquery
	dayIsShown = "vector" + startOfDay + " > $__from / 1000 - 86400"
	beforeAll  = "($__from / 1000 - ($__from / 1000 - ${midnight}) % 86400 - 86400)" // the day before the first one shown
)

// streak counts from the last day on which the goal was missed.
func (q promQL) streak(s, goal series, longest bool) string {
	aim := goal.aim()
	missed := only(fmt.Sprintf("0 * %s + %s unless on (profile) (%s >= on (profile) (%s))",
		aim, startOfDay, s.counts(day{inner: true}), aim), dayIsShown)
	since := func(window string) string {
		return fmt.Sprintf("(max_over_time((%s)%s) or 0 * %s + %s)", missed, window, aim, beforeAll)
	}
	if longest {
		return fmt.Sprintf("max_over_time(((%s - %s) / 86400)%s)", startOfDay, since("[${__range_ms}ms:1d]"), daysShown)
	}
	return fmt.Sprintf("(%s - %s) / 86400 - 1", lastMidnight, since(daysShown))
}

func (q promQL) debt(s, goal series, days int) string {
	over := func(function string) string { return s.over(function, days, 0, ago(s.lastDay())) }
	return s.apply(fmt.Sprintf("(%s * on (profile) %s - %s)", over("count_over_time"), goal.aim(), over("sum_over_time")))
}

func (promQL) weeks(s series, weekStart string) string {
	return s.apply("(" + only(s.over("sum_over_time", daysOfWeek, daysOfWeek-1, ago(0)), weekBegins(atStep, weekStart)) + ")")
}

// The beginning of this year, of the year before, and this day in the year before.
const (
	newYear     = "(" + lastMidnight + " - (${__to:date:DDD} - 1) * 86400)"
	lastNewYear = "(" + newYear + " - (365 + ((${__to:date:YYYY} - 1) % 4 == bool 0)) * 86400)"
	yearAgo     = "(" + lastMidnight + " - (365 + ((${__to:date:YYYY} - (${__to:date:M} <= bool 2)) % 4 == bool 0)) * 86400)"
)

// yearToDate leaves half a day of room for changed clocks.
func (promQL) yearToDate(s series, which year) string {
	sum := func(from, until string) string {
		return fmt.Sprintf("sum_over_time((%s)[735d:1d] offset 1d${midnight}s)",
			only(s.counts(day{inner: true}), fmt.Sprintf("(vector%s > %s - 43200) < %s - 43200", startOfDay, from, until)))
	}
	this, last := sum(newYear, lastMidnight), sum(lastNewYear, yearAgo)
	switch which {
	case yearBefore:
		return s.apply(last)
	case yearAhead:
		return s.apply("(" + this + " - " + last + ")")
	}
	return s.apply(this)
}

func (promQL) weekend() string {
	night := series{row: mustRow(nightEnd)}.value(day{})
	return fmt.Sprintf("0 * %s + on () group_left () (%s >= bool %d)", night, dayOfWeek(atStep), firstSaturday)
}

func (q promQL) vigour(moderate, intense series) string {
	moderate.scale = scale{}
	return intense.apply(fmt.Sprintf("(%s + 2 * (%s or 0 * (%s)))", q.sum(moderate, daysOfWeek), q.sum(series{row: intense.row}, daysOfWeek), q.sum(moderate, daysOfWeek)))
}

// naps takes the most that any exporter knows of the day: they are added to a night
// that was measured in the morning, so the time of measuring does not tell the newest.
func (promQL) naps(s series) string {
	w := day{}.window(0, hoursOfDay)
	return s.apply(s.joined("max", fmt.Sprintf("%s and on (%s) (%s)", s.values(w), s.keys(), s.times(w)))) + " > 0"
}
