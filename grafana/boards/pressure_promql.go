package boards

import (
	"fmt"
	"strings"
)

// ranked counts the classes that are reached.
func (q promQL) ranked(s scheme, where readings) string {
	reached := func(row string, from float64) string {
		return fmt.Sprintf("(round(%s) >= bool %s)", q.readings(averageOf, series{row: mustRow(row)}, where), number(from))
	}
	var steps []string
	for _, c := range s.classes[1:] {
		steps = append(steps, fmt.Sprintf("clamp_max(%s + %s, 1)", reached(systolic, c.systolic), reached(diastolic, c.diastolic)))
	}
	return strings.Join(steps, " + ")
}

func (q promQL) share(from class, where readings) string {
	from.above = nil
	return fmt.Sprintf("(%s) / (%s)", q.classified(from, where), q.readings(countOf, series{row: mustRow(systolic)}, where))
}

// eachPressure has a line for each of the readings of a blood pressure: for those of its
// pressures, and for the pulse where that was measured with them, by the names that
// measuredTogether has, and for more. Moments say which count.
func eachPressure(moments, length string, more ...string) string {
	upper := series{row: mustRow(systolic)}
	var all []string
	for _, c := range measuredTogether() {
		s := series{row: mustRow(c.row)}
		gauge := s.gauge()
		if c.row == pulse { // scales measure it, too
			gauge = fmt.Sprintf("(%s and on (%s) (%s == on (%s) %s))", gauge, exporterLabels, s.moments(), exporterLabels, upper.moments())
		}
		all = append(all, labelled(gauge, column, c.name))
	}
	return fmt.Sprintf(`max by (profile, %s, %s) (last_over_time(((%s) * on (%s) group_left (%s) count_values by (%s) (%q, %s))[%s:%s]))`,
		column, recordTime, strings.Join(append(all, more...), " or "), exporterLabels, recordTime, exporterLabels, recordTime, moments, length, lookback)
}

// column is the label that names the column of a table.
const column = "column"

// lastPressures has a line for each reading of a blood pressure.
func lastPressures(where readings) string {
	return eachPressure("("+where.of(series{row: mustRow(systolic)})+") * 1000", where.length())
}

// listedPressures also has when each was measured, to the millisecond, as Grafana takes
// times.
func listedPressures(where readings) string {
	s := series{row: mustRow(systolic)}
	measured := fmt.Sprintf("1000 * (%s%s or on (%s) timestamp(%s%s))", s.measured(), justBefore, exporterLabels, s.imported(), justBefore)
	return eachPressure("("+where.of(s)+") * 1000", where.length(), labelled(measured, column, "Measured"))
}

// halves gives the readings of each, whose moments say when, the label part: 0 in the
// morning, 1 from noon on. A value becomes a label in count_values alone, so it is the
// last digit of the moment.
func halves(where readings, of func(moments, length string, more ...string) string) string {
	s := series{row: mustRow(systolic)}
	moments := fmt.Sprintf("(%s) * 1000 + ((%s - ${midnight}) %% 86400 >= bool %d)", where.of(s), s.moments(), noon*secondsInHour)
	return fmt.Sprintf(`label_replace(label_replace(%s, "part", "0", %q, ".*0"), "part", "1", %q, ".*1")`, of(moments, where.length()), recordTime, recordTime)
}

// pressureMeansByKey are the lines of the table of means; see spells.
func pressureMeansByKey() string {
	upper := series{row: mustRow(systolic)}
	single := func(moments, length string, _ ...string) string { return each(upper.gauge(), moments, length) }
	var lines []string
	for _, one := range spells() {
		if one.part != anyTime {
			continue
		}
		whole := func(query string) string { return labelled(query, keyed, fmt.Sprint(one.code)) }
		parts := func(query string) string {
			return fmt.Sprintf(`label_replace(label_replace(%s, %q, "%d", "part", "0"), %q, "%d", "part", "1")`, query, keyed, one.code+1, keyed, one.code+2)
		}
		lines = append(lines,
			whole(fmt.Sprintf("avg by (profile, %s) (%s)", column, lastPressures(one.readings))),
			parts(fmt.Sprintf("avg by (profile, %s, part) (%s)", column, halves(one.readings, eachPressure))),
			labelled(whole("count by (profile) ("+single(one.of(upper), one.length())+")"), column, "Readings"),
			labelled(parts("count by (profile, part) ("+halves(one.readings, single)+")"), column, "Readings"))
	}
	return strings.Join(lines, " or ")
}

// pressureSpreadByKey are the lines of the table of extremes, by the number of the row.
// Prometheus has the standard deviation of a whole population.
func pressureSpreadByKey(where readings) string {
	all := lastPressures(where)
	for i, c := range measuredTogether() {
		all = fmt.Sprintf(`label_replace(%s, %q, "%d", %q, %q)`, all, keyed, i, column, c.name)
	}
	over := func(function string) string { return fmt.Sprintf("%s by (profile, %s) (%s)", function, keyed, all) }
	deviation := fmt.Sprintf("sqrt(%s * (1 + 1 / ((%s > 1) - 1)))", over("stdvar"), over("count")) // n / (n - 1)
	return strings.Join([]string{labelled(over("min"), column, "Lowest"), labelled(over("max"), column, "Highest"), labelled(deviation, column, "SD")}, " or ")
}

// labelled gives the lines of an answer a label.
func labelled(query, label, value string) string {
	return fmt.Sprintf(`label_replace(%s, %q, %q, "", "")`, query, label, value)
}
