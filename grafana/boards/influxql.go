package boards

import (
	"fmt"
	"strings"

	"withings-exporter/exporter"
)

// influxQL asks InfluxDB, where every reading is a point at the time of measuring,
// a total at the midnight with which its day begins, and a night at falling asleep.
// What days are is in influxql_days.go.
type influxQL struct{}

// Conditions of queries. Grafana's own $timeFilter is relative to the clock of
// InfluxDB when the time shown is relative.
const (
	onePerson = `"profile" =~ /^${profile:regex}$/`
	untilEnd  = "time <= ${__to}ms"
	shown     = "time >= ${__from}ms AND " + untilEnd
)

// field is a row's field, quoted.
func field(m *exporter.Metric) string { return `"` + m.Field() + `"` }

// from is where a row is, and whose: FROM and WHERE.
func (s series) from(more ...string) string {
	conditions := []string{onePerson}
	switch {
	case s.by == "position":
		conditions = append(conditions, `"position" != ''`)
	case s.by == "" && segmented(s.row):
		conditions = append(conditions, `"position" = ''`)
	}
	conditions = append(conditions, more...)
	return fmt.Sprintf(`FROM "withings_%s" WHERE %s`, s.row.Group, strings.Join(conditions, " AND "))
}

// tags are what results are told apart by.
func (s series) tags() string {
	if s.by == "" {
		return `"profile"`
	}
	return `"profile", "` + s.by + `"`
}

// raw is the field, or the difference of two.
func (s series) raw() string {
	if s.less != nil {
		return field(s.row) + " - " + field(s.less)
	}
	return field(s.row)
}

// picked is the same of one point of many.
func (s series) picked(function string) string {
	value := function + "(" + field(s.row) + ")"
	if s.less != nil {
		return "(" + value + " - " + function + "(" + field(s.less) + "))"
	}
	return value
}

// outer is a SELECT over others, for each line.
func (s series) outer(expression, conditions string, from ...string) string {
	return fmt.Sprintf("SELECT %s FROM %s WHERE %s GROUP BY %s", expression, nested(from...), conditions, s.tags())
}

// nested are subqueries to select from.
func nested(queries ...string) string { return "(" + strings.Join(queries, "), (") + ")" }

// latest takes the last night rather than a nap after it.
func (influxQL) latest(s series) string {
	if ofNights(s.row) {
		return s.outer(s.apply(`last("value")`), sinceEvening(firstDay), s.dayValues(firstDay, ""))
	}
	return "SELECT " + s.apply(s.picked("last")) + " " + s.from(shown) + " GROUP BY " + s.tags()
}

// today is the total at the last midnight, wherever the person's is.
func (influxQL) today(s series) string {
	return "SELECT " + s.apply(s.picked("last")) + " " + s.from("time >= "+at(lastDay, 0, s.begins()), untilEnd) + " GROUP BY " + s.tags()
}

func (influxQL) constant(s series) string {
	return "SELECT " + s.apply(s.picked("last")) + " " + s.from() + " GROUP BY " + s.tags()
}

// bmi takes the newest height, which may have been measured long ago.
func (influxQL) bmi() string {
	heavy, tall := series{row: mustRow(weight)}, series{row: mustRow(height)}
	newest := func(s series, name string, when string) string {
		return fmt.Sprintf(`SELECT last(%s) AS %q %s GROUP BY "profile"`, field(s.row), name, s.from(when))
	}
	return heavy.outer(`last("weight") / 1000 / last("height") / last("height")`, untilEnd,
		newest(heavy, "weight", shown), newest(tall, "height", untilEnd))
}

// age is the time that has passed since the beginning of what is shown, which a
// count over all of it has as its time. Nights know their end.
func (influxQL) age(m *exporter.Metric) string {
	s := series{row: m}
	if ofNights(m) {
		s.row = mustRow(nightEnd)
		return s.outer(`last("value") * 1000`, sinceEvening(firstDay), s.dayValues(firstDay, ""))
	}
	inside := func(function string) string {
		return fmt.Sprintf(`SELECT %s(%s) AS "value" %s GROUP BY "profile"`, function, field(m), s.from(shown))
	}
	return s.outer(`elapsed("value", 1ms) + ${__from}`, shown, inside("count"), inside("last"))
}
