package boards

import (
	"fmt"
	"strings"
)

// pressures are the points of blood pressures, as FROM and WHERE.
func pressures(where readings, more ...string) string {
	return series{row: mustRow(systolic)}.from(append(more, field(mustRow(systolic))+" > 0", where.since())...)
}

// ranked counts the classes that are reached. InfluxQL does not compare within an
// expression; to round down does it.
func (influxQL) ranked(s scheme, where readings) string {
	reached := func(value string, from float64) string {
		return fmt.Sprintf(`(floor((round("%s") - %s) / 1000) + 1)`, value, number(from))
	}
	var steps []string
	for _, c := range s.classes[1:] {
		upper, lower := reached("upper", c.systolic), reached("lower", c.diastolic)
		steps = append(steps, fmt.Sprintf("%s + %s - %s * %s", upper, lower, upper, lower))
	}
	return fmt.Sprintf(`SELECT %s FROM (SELECT mean(%s) AS "upper", mean(%s) AS "lower" %s GROUP BY "profile") GROUP BY "profile"`,
		strings.Join(steps, " + "), field(mustRow(systolic)), field(mustRow(diastolic)), pressures(where))
}

// share adds nothing for every reading, so that none is 0.
func (influxQL) share(from class, where readings) string {
	from.above = nil
	upper, lower := field(mustRow(systolic)), field(mustRow(diastolic))
	return fmt.Sprintf(`SELECT sum("high") / sum("all") FROM (SELECT count(%s) AS "high" %s GROUP BY "profile"), (SELECT 0 * count(%s) AS "high", count(%s) AS "all" %s GROUP BY "profile") GROUP BY "profile"`,
		upper, pressures(where, "("+from.influx(upper, lower)+")"), upper, upper, pressures(where))
}

// since is the time that counts: so many days of the browser, or the time shown.
func (r readings) since() string {
	if r.days == 0 {
		return shown
	}
	return fmt.Sprintf("time >= '${__to:date:YYYY-MM-DD}T00:00:00${__to:date:Z}' - %dd AND time <= ${__to}ms", r.days-1)
}
