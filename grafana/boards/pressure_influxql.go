package boards

import (
	"fmt"
	"strings"
)

// pressures are the points of blood pressures, as FROM and WHERE.
func pressures(where readings, more ...string) string {
	return series{row: mustRow(systolic)}.from(append(more, field(mustRow(systolic))+" > 0", "time >= "+where.first(), untilEnd)...)
}

// reached is 1 where a value is at least so much, else 0. InfluxQL does not compare
// within an expression; rounding down does it.
func reached(value string, least float64) string {
	return fmt.Sprintf(`(floor((%s - %s) / 1000) + 1)`, value, number(least))
}

// reached is 1 where one of the two pressures is at least that with which a class begins.
func (c class) reached(upper, lower string) string {
	one, other := reached(upper, c.systolic), reached(lower, c.diastolic)
	return fmt.Sprintf("%s + %s - %s * %s", one, other, one, other)
}

// ranked counts the classes that are reached.
func (influxQL) ranked(s scheme, where readings) string {
	var steps []string
	for _, c := range s.classes[1:] {
		steps = append(steps, c.reached(`round("upper")`, `round("lower")`))
	}
	return fmt.Sprintf(`SELECT %s FROM (SELECT mean(%s) AS "upper", mean(%s) AS "lower" %s GROUP BY "profile") GROUP BY "profile"`,
		strings.Join(steps, " + "), field(mustRow(systolic)), field(mustRow(diastolic)), pressures(where))
}

func (influxQL) share(from class, where readings) string {
	return fmt.Sprintf(`SELECT mean("high") FROM (SELECT %s AS "high" %s) GROUP BY "profile"`,
		from.reached(field(mustRow(systolic)), field(mustRow(diastolic))), pressures(where))
}

// columnsOf are the fields of a blood pressure under functions, by the names of a table.
func columnsOf(function string) string {
	var all []string
	for _, c := range measuredTogether() {
		value := field(mustRow(c.row))
		if function != "" {
			value = function + "(" + value + ")"
		}
		all = append(all, fmt.Sprintf("%s AS %q", value, c.name))
	}
	return strings.Join(all, ", ")
}

// pressureColumns are single readings.
func pressureColumns(where readings) string {
	return "SELECT " + columnsOf("") + " " + pressures(where)
}

// pressureSpread is a line of the table of extremes.
func pressureSpread(row string, where readings, code int) string {
	value := field(mustRow(row))
	return fmt.Sprintf(`SELECT min(%s) AS "Lowest", max(%s) AS "Highest", stddev(%s) AS "SD", 0 * count(%s) + %d AS %q %s`,
		value, value, value, value, code, keyed, pressures(where))
}

// pressureMeans is a line of the table of means. Of each day, the first window of
// twelve hours is the morning; see halves.
func pressureMeans(where readings, code int) string {
	upper := field(mustRow(systolic))
	if where.part == anyTime {
		return fmt.Sprintf(`SELECT %s, count(%s) AS "Readings", 0 * count(%s) + %d AS %q %s`, columnsOf("mean"), upper, upper, code, keyed, pressures(where))
	}
	pick := "first"
	if where.part == evening {
		pick = "last"
	}
	var sums, picked, means []string
	for _, c := range measuredTogether() {
		count := c.name + " count"
		sums = append(sums, fmt.Sprintf("sum(%q) AS %q, count(%q) AS %q", c.name, c.name, c.name, count))
		picked = append(picked, fmt.Sprintf("%s(%q) AS %q, %s(%q) AS %q", pick, c.name, c.name, pick, count, count))
		means = append(means, fmt.Sprintf("sum(%q) / sum(%q) AS %q", c.name, count, c.name))
	}
	return fmt.Sprintf(`SELECT %s, sum("Systolic count") AS "Readings", 0 * sum("Systolic count") + %d AS %q FROM (SELECT %s FROM (SELECT %s FROM (%s) WHERE %s GROUP BY %s, "profile" fill(0)) WHERE %s GROUP BY %s, "profile" fill(none)) WHERE "Systolic count" > 0 AND %s`,
		strings.Join(means, ", "), code, keyed, strings.Join(picked, ", "), strings.Join(sums, ", "), pressureColumns(where),
		where.bounds(), halfDays, where.bounds(), midnights, where.bounds())
}
