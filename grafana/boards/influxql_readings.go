package boards

import (
	"fmt"
	"strings"
)

// InfluxQL does not know the hour of a point, but a day has two windows of twelve
// hours, of which the first is the morning. Those without a reading count as well, up
// to the evening of the last day, so that there are always two.

// halves has for each day statistics of its mornings, or of its evenings; what is
// asked of the readings are functions of "value" with names.
func (s series) halves(of part, first string, columns []string, conditions ...string) string {
	pick := "first"
	if of == evening {
		pick = "last"
	}
	var functions, picked []string
	for _, column := range columns {
		functions = append(functions, fmt.Sprintf("%s AS %q", halfColumns[column], column))
		picked = append(picked, fmt.Sprintf("%s(%q) AS %q", pick, column, column))
	}
	day := first
	if first == "${__from}ms" {
		day = firstDay
	}
	readings := fmt.Sprintf(`SELECT %s AS "value", %s * %s AS "square" %s`, s.raw(), s.raw(), s.raw(),
		s.from(append(conditions, "time >= "+first, untilEnd)...))
	return fmt.Sprintf(`SELECT %s FROM (SELECT %s FROM (%s) WHERE %s GROUP BY %s, %s fill(0)) WHERE %s GROUP BY %s, %s fill(none)`,
		strings.Join(picked, ", "), strings.Join(functions, ", "), readings, wholeDays(day), halfDays, s.tags(),
		wholeDays(day), midnights, s.tags())
}

// halfColumns are what is asked of the readings of half a day.
var halfColumns = map[string]string{
	"last": `last("value")`, "count": `count("value")`, "sum": `sum("value")`, "squares": `sum("square")`,
	"highest": `max("value")`, "lowest": `min("value")`,
}

// wholeDays are those from a first one on to the end of the last one shown.
func wholeDays(first string) string { return "time >= " + first + " AND time < " + at(lastDay, 1, 0) }

func (influxQL) half(s series, of part) string {
	return s.outer(s.apply(`"last"`), `"count" > 0 AND `+wholeDays(firstDay), s.halves(of, firstDay, []string{"last", "count"}))
}

// first is when readings begin to count.
func (r readings) first() string {
	if r.days == 0 {
		return "${__from}ms"
	}
	return at(lastDay, 1-r.days, 0)
}

// bounds are those of the query around the readings.
func (r readings) bounds() string {
	if r.days == 0 {
		return wholeDays(firstDay)
	}
	return wholeDays(r.first())
}

func (influxQL) readings(which statistic, of series, where readings) string {
	switch which {
	case countOf:
		of.scale = scale{}
	case deviationOf:
		of.plus = 0
	}
	if where.part == anyTime {
		function := influxStatistics[which]
		return "SELECT " + of.apply(of.picked(function)) + " " + of.from("time >= "+where.first(), untilEnd) + " GROUP BY " + of.tags()
	}
	filled := func(expression string, columns ...string) string {
		return of.outer(expression, `"count" > 0 AND `+where.bounds(), of.halves(where.part, where.first(), append(columns, "count")))
	}
	switch which {
	case countOf:
		return filled(`sum("count")`)
	case highestOf:
		return filled(of.apply(`max("highest")`), "highest")
	case lowestOf:
		return filled(of.apply(`min("lowest")`), "lowest")
	case deviationOf:
		variance := filled(`(sum("squares") - sum("sum") * sum("sum") / sum("count")) / (sum("count") - 1) AS "variance", sum("count") AS "count"`, "squares", "sum")
		return of.outer(of.apply(`sqrt(abs("variance"))`), `"count" > 1 AND `+where.bounds(), variance)
	}
	return filled(of.apply(`(sum("sum") / sum("count"))`), "sum")
}

// classified adds nothing for every reading, so that a class without any is 0.
func (influxQL) classified(c class, where readings) string {
	s := series{row: mustRow(systolic)}
	count := func(factor string, conditions ...string) string {
		if where.part == anyTime {
			conditions = append(conditions, "time >= "+where.first(), untilEnd)
			return fmt.Sprintf(`SELECT %s * count(%s) AS "readings" %s GROUP BY "profile"`, factor, field(s.row), s.from(conditions...))
		}
		return s.outer(factor+` * sum("count") AS "readings"`, `"count" > 0 AND `+where.bounds(), s.halves(where.part, where.first(), []string{"count"}, conditions...))
	}
	return s.outer(`sum("readings")`, where.bounds(), count("1", "("+c.influx(field(s.row), field(mustRow(diastolic)))+")"), count("0"))
}

// records are one query: a point has all fields of a record.
func (influxQL) records(rows []series) []string {
	var columns []string
	for _, s := range rows { // ::field, since category is a tag as well
		columns = append(columns, s.apply(field(s.row)+"::field")+fmt.Sprintf(" AS %q", s.row.Field()))
	}
	return []string{"SELECT " + strings.Join(columns, ", ") + " " + rows[0].from(field(rows[0].row)+"::field >= 0", shown)}
}
