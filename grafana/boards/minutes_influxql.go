package boards

import (
	"fmt"
)

// influxStatistics are functions of InfluxQL.
var influxStatistics = map[statistic]string{averageOf: "mean", countOf: "count", highestOf: "max", lowestOf: "min", deviationOf: "stddev", sumOf: "sum", lastOf: "last"}

// sampled has a row for each step, also for those without a sample: there, a line ends.
func (influxQL) sampled(which statistic, of series, minutes int) string {
	function, steps := influxStatistics[which], windows(fmt.Sprintf("%dm", minutes), 0)
	device := of
	device.by = modelLabel
	if of.by != "" {
		return fmt.Sprintf("SELECT %s %s GROUP BY %s, %s fill(null)", of.apply(of.picked(function)), device.from(shown), steps, device.tags())
	}
	each := fmt.Sprintf(`SELECT %s AS "value" %s GROUP BY %s, %s fill(none)`, of.picked(function), device.from(shown), steps, device.tags())
	return fmt.Sprintf(`SELECT %s FROM (%s) WHERE %s GROUP BY %s, %s fill(null)`, of.apply(function+`("value")`), each, shown, steps, of.tags())
}

// depth has a subquery for each state.
func (influxQL) depth() string {
	s := series{row: mustRow(minuteState), by: modelLabel}
	var all []string
	for _, one := range states {
		all = append(all, fmt.Sprintf(`SELECT 0 * %s + %s AS "level" %s GROUP BY %s`, field(s.row), number(one.level), s.from(field(s.row)+" = "+number(one.code), shown), s.tags()))
	}
	return fmt.Sprintf(`SELECT last("level") FROM %s WHERE %s GROUP BY %s, %s fill(null)`, nested(all...), shown, windows(fmt.Sprintf("%dm", aMinute), 0), s.tags())
}

// sinceHours is the time in which the newest minute says something.
var sinceHours = fmt.Sprintf("time >= ${__to}ms - %dh AND %s", stateHours, untilEnd)

func (influxQL) newestState() string {
	s := series{row: mustRow(minuteState), by: modelLabel}
	return "SELECT " + s.picked("last") + " " + s.from(sinceHours) + " GROUP BY " + s.tags()
}

// newestStateAt is what has passed since the beginning of that time, which a count has as
// its time.
func (influxQL) newestStateAt() string {
	s := series{row: mustRow(minuteState)}
	inside := func(function string) string {
		return fmt.Sprintf(`SELECT %s AS "value" %s GROUP BY "profile"`, s.picked(function), s.from(sinceHours))
	}
	return s.outer(fmt.Sprintf(`elapsed("value", 1ms) + ${__to} - %d`, stateHours*secondsInHour*millisInSecond), sinceHours, inside("count"), inside("last"))
}
