package boards

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// outlook are questions about where something is going. The present is the mean of
// 14 days, as in rate and forecast.
type outlook interface {
	// since is how far the mean of seven days has moved on each day since the first
	// one shown.
	since(series) string
	// ahead is where the present will be on the days to come, at the rate of the
	// past four weeks. It ends at the goal, if there is one.
	ahead(s, goal series) string
	// needed is where it must be on the days to come, to reach the goal in the days
	// that are chosen above the dashboard.
	needed(s, goal series) string
	// left is how far it is to the goal.
	left(s, goal series) string
	// owed is how far it must move in a day, to reach the goal in those days.
	owed(s, goal series) string
}

// within is the variable of the time in which a goal is to be reached, in days.
const within = "${within}"

// reachWithin is the choice of that time.
func reachWithin() dashboard.VariableModel {
	option := func(text, value string, chosen bool) dashboard.VariableOption {
		return dashboard.VariableOption{Selected: new(chosen), Text: dashboard.StringOrArrayOfString{String: new(text)}, Value: dashboard.StringOrArrayOfString{String: new(value)}}
	}
	chosen := option("3 months", "91", true)
	return dashboard.VariableModel{
		Type: dashboard.VariableTypeCustom, Name: "within", Label: new("Reach the goal within"),
		Query:   &dashboard.StringOrMap{String: new("1 month : 30, 3 months : 91, 6 months : 182, 12 months : 365")},
		Options: []dashboard.VariableOption{option("1 month", "30", false), chosen, option("6 months", "182", false), option("12 months", "365", false)},
		Current: &chosen, Multi: new(false), IncludeAll: new(false),
	}
}

// aheadDays is how many days a chart of the days to come shows in all. The chosen
// ones lie ahead.
const aheadDays = 456

// outlook is a chart of the past and of the days to come.
func (b build) outlook(title, row, goal, needs string) panel {
	s, aim := b.series(row), b.series(goal)
	return days(panel{title: title, w: 16, h: 9, needs: needs, span: timespan{from: fmt.Sprintf("%dd", aheadDays), shift: "0d+" + within + "d"},
		about: "The line is the mean of 14 days. From today on, dashed: where it goes if it keeps the pace of the past four weeks, and where it must be to reach the goal in the time chosen above. " + aboutMeans,
		asks: []ask{
			{series: s, name: "14-day mean", text: b.past14(s), look: bold, color: weightColor},
			{series: s, name: "At this pace", text: b.ahead(s, aim), look: dashed, color: brown},
			{series: s, name: "To reach the goal in time", text: b.needed(s, aim), look: dashed, color: ink},
			{series: aim, name: "Goal", text: b.aimed(aim), look: dashed, color: goalColor},
		}})
}

// aimed is the goal in such a chart.
func (b build) aimed(goal series) string {
	if b.source == InfluxDB {
		return goal.goalAhead()
	}
	return b.constant(goal)
}

// past14 is the mean of 14 days up to today, in a chart that shows days to come.
func (b build) past14(s series) string {
	if b.source == InfluxDB {
		return strings.ReplaceAll(b.mean(s, trendDays), firstDay, fmt.Sprintf("%s - %dd + %sd", lastDay, aheadDays, within))
	}
	return s.apply("(" + s.over("avg_over_time", trendDays, 0, ago(0)) + s.past() + ")")
}

// dayAhead is how many days lie between the last day and that of a step; rounded, for
// the end of the time shown has fractions of a second.
const dayAhead = "scalar(floor(vector((time() - " + lastMidnight + ") / 86400 + 0.5)))"

// fromToday leaves out days before today, and those after so many days.
func fromToday(days string) string {
	return " and on () (vector(" + dayAhead + ") >= 0) and on () (vector(" + dayAhead + ") <= " + days + ")"
}

func (promQL) since(s series) string {
	s.plus = 0
	return s.apply("(" + s.over("avg_over_time", 7, 0, ago(0)) + s.onlyOver() + " - " + s.over("avg_over_time", 7, 0, ago(0)+" @ start()") + ")")
}

func (promQL) ahead(s, goal series) string {
	line := fmt.Sprintf("(%s + %s * %s%s)", s.present(0), s.perDay(), dayAhead, fromToday(within))
	return s.apply(fmt.Sprintf("(%s unless on (profile) ((%s - on (profile) %s) * on (profile) (%s - on (profile) %s) < 0))", line, line, goal.aim(), s.present(0), goal.aim()))
}

func (promQL) needed(s, goal series) string {
	return s.apply(fmt.Sprintf("(%s + (%s - %s) / %s * %s%s)", s.present(0), goal.aim(), s.present(0), within, dayAhead, fromToday(within)))
}

func (promQL) left(s, goal series) string {
	s.plus = 0
	return s.apply("(" + goal.aim() + " - " + s.present(0) + ")")
}

func (promQL) owed(s, goal series) string {
	s.plus = 0
	return s.apply("((" + goal.aim() + " - " + s.present(0) + ") / " + within + ")")
}

// since has in each row how far it is from the mean at the beginning, which goes on
// through all rows, and whether there are both.
func (influxQL) since(s series) string {
	s.plus = 0
	begin := at(firstDay, -9, 0)
	times := "time >= " + begin + " AND " + untilEnd
	then := fmt.Sprintf(`SELECT sum("then") AS "then" FROM (%s) WHERE %s GROUP BY %s, %s fill(none)`, s.average("then", 7, firstDay, 0), times, oneWindow(at(firstMidnightAfter, -8, 0)), s.tags())
	through := fmt.Sprintf(`SELECT last("then") AS "then" FROM (%s) WHERE %s GROUP BY %s, %s fill(previous)`, then, times, midnights, s.tags())
	moved := fmt.Sprintf(`SELECT last("mean") - last("then") AS "moved", count("mean") AS "days", count("then") AS "begins" FROM %s WHERE %s GROUP BY %s, %s fill(0)`,
		nested(through, s.ofDays(`"value" / "days" AS "mean"`, 7, wholeOnly)), times, midnights, s.tags())
	return s.outer(s.apply(`"moved"`), `"days" > 0 AND "begins" > 0 AND `+times, moved)
}

// oneWindow makes one group of all that comes after a moment, as the time since 1970.
// A query without a window of its own takes that of the query around it.
func oneWindow(begin string) string { return "time(20000d, " + begin + ")" }

// firstMidnightAfter is the midnight of the first day shown, give or take the hour that
// clocks are changed by.
const firstMidnightAfter = "1ms * ${__from} - ${__from:date:H}h - ${__from:date:m}m - ${__from:date:s}s - ${__from:date:SSS}ms"

// goalYears is for how many days a goal holds: ten years.
const goalYears = 3652

// longAgo is when the first goal may have been set.
var longAgo = at(lastDay, -goalYears, 0)

// outlook has the present, the rate and the goal, or 0, in one row.
func (s series) outlook(goal series) string {
	none := fmt.Sprintf(`SELECT 0 * count(%s) AS "goal" %s GROUP BY %s`, field(s.row), s.from("time >= "+at(lastDay, -trendDays, 0), untilEnd), s.tags())
	return fmt.Sprintf(`SELECT sum("now") AS "now", sum("now") / sum("now") AS "one", (sum("now") - sum("then")) / %d AS "rate", sum("goal") AS "goal" FROM %s WHERE time >= %s AND %s GROUP BY %s, %s fill(none)`,
		rateDays, nested(append(s.presentAndPast(), newestGoal(goal, untilEnd), none)...), longAgo, untilEnd, oneWindow(at(lastMidnightAfter, -goalYears, 0)), s.tags())
}

// endAhead is the last of the days to come.
var endAhead = fmt.Sprintf("time <= %s + %sd", lastDay, within)

// ahead counts rows from that one on, so that it has days to come.
func (s series) ahead(expression, conditions string, goal series) string {
	times := "time >= " + longAgo + " AND " + endAhead
	rows := fmt.Sprintf(`SELECT last("now") AS "now", last("rate") AS "rate", last("goal") AS "goal", cumulative_sum(last("one")) AS "row" FROM (%s) WHERE %s GROUP BY %s, %s fill(previous)`,
		s.outlook(goal), times, midnights, s.tags())
	return s.outer(s.apply(expression), fmt.Sprintf(`"row" > %d.5 AND %s AND %s`, goalYears, conditions, times), rows)
}

// goalAhead has a row for each day since long ago, and takes the last ones: InfluxDB
// does not look back further than the outermost query.
func (s series) goalAhead() string {
	times := "time >= " + longAgo + " AND " + endAhead
	newest := fmt.Sprintf(`SELECT last(%s) AS "goal", count(%s) / count(%s) AS "one" %s GROUP BY %s, %s fill(none)`,
		field(s.row), field(s.row), field(s.row), s.from(untilEnd), oneWindow(at(lastMidnightAfter, -goalYears, 0)), s.tags())
	rows := fmt.Sprintf(`SELECT last("goal") AS "goal", cumulative_sum(last("one")) AS "row" FROM (%s) WHERE %s GROUP BY %s, %s fill(previous)`, newest, times, midnights, s.tags())
	return s.outer(s.apply(`"goal"`), fmt.Sprintf(`"row" > %d.5 + %s AND %s`, goalYears-aheadDays, within, times), rows)
}

func (influxQL) ahead(s, goal series) string {
	days := fmt.Sprintf(`"rate" * ("row" - %d)`, goalYears+1)
	return s.ahead(fmt.Sprintf(`("now" + %s)`, days), fmt.Sprintf(`("goal" = 0 OR ("goal" - "now") * ("goal" - "now" - %s) >= 0) AND ("rate" < 0 OR "rate" >= 0)`, days), goal)
}

func (influxQL) needed(s, goal series) string {
	return s.ahead(fmt.Sprintf(`("now" + ("goal" - "now") / %s * ("row" - %d))`, within, goalYears+1), `"goal" > 0`, goal)
}

func (influxQL) left(s, goal series) string {
	s.plus = 0
	return s.outer(s.apply(`("goal" - "now")`), `"goal" > 0 AND time >= `+longAgo+" AND "+untilEnd, s.outlook(goal))
}

func (influxQL) owed(s, goal series) string {
	s.plus = 0
	return s.outer(s.apply(`(("goal" - "now") / `+within+`)`), `"goal" > 0 AND time >= `+longAgo+" AND "+untilEnd, s.outlook(goal))
}
