package boards

import (
	"fmt"
	"strings"

	"withings-exporter/exporter"
)

// influxQL asks InfluxDB. Everything there has its own time, so raw points are
// shown where they are; only means are computed for whole days. Days of means
// begin at midnight UTC.
type influxQL struct{}

const (
	// longNight leaves naps out: InfluxDB has every session.
	longNight = `("time_in_bed_seconds" >= 10800 OR "asleep_seconds" >= 10800)`
	onePerson = `"profile" =~ /^${profile:regex}$/`
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
	if ofNights(s.row) && len(s.row.Labels) == 0 { // what has labels is a point of its own
		conditions = append(conditions, longNight)
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

// picked is the field, or the difference of two, under a function.
func (s series) picked(function string) string {
	value := func(m *exporter.Metric) string {
		if function == "" {
			return field(m)
		}
		return function + "(" + field(m) + ")"
	}
	if s.less != nil {
		return s.apply("(" + value(s.row) + " - " + value(s.less) + ")")
	}
	return s.apply(value(s.row))
}

const shown = "$timeFilter"

func (influxQL) latest(s series) string {
	return "SELECT " + s.picked("last") + " " + s.from(shown) + " GROUP BY " + s.tags()
}

// oneNight is a stretch of time that holds the sessions of one night, when two
// devices saw it, and never two nights; the higher value counts.
const oneNight = "time(6h)"

func (influxQL) daily(s series) string {
	if ofNights(s.row) {
		return "SELECT " + s.picked("max") + " " + s.from(shown) + " GROUP BY " + oneNight + ", " + s.tags() + " fill(none)"
	}
	return "SELECT " + s.picked("") + " " + s.from(shown) + " GROUP BY " + s.tags()
}

// complete leaves out the running day, whose point is less than a day old.
func (influxQL) complete(s series) string {
	return "SELECT " + s.picked("") + " " + s.from(shown, `time <= now() - 1d`) + " GROUP BY " + s.tags()
}

func (influxQL) today(s series) string {
	return "SELECT " + s.picked("last") + " " + s.from(`time > now() - 1d`) + " GROUP BY " + s.tags()
}

// course is what was measured: lines are drawn from one point to the next.
func (q influxQL) course(s series) string { return q.daily(s) }

// smoothed computes over the means of days, where a day without a value lies on
// the line between its neighbours.
func (s series) smoothed(function string, days int) string {
	return fmt.Sprintf("SELECT %s %s GROUP BY time(1d), %s fill(linear)",
		s.apply(fmt.Sprintf("%s(mean(%s), %d)", function, field(s.row), days)), s.from(shown), s.tags())
}

// result begins with the first pulse, which whoever has a heart rate has.
func (influxQL) result(s series) string {
	beat := series{row: mustRow(pulse)}
	return fmt.Sprintf(`SELECT "result" FROM (SELECT %s AS "result" %s), (SELECT 0 * first(%s) - %d AS "result" %s) WHERE %s`,
		field(s.row), s.from(shown), field(beat.row), -notRecorded, beat.from(shown), shown)
}

func (influxQL) mean(s series, days int) string { return s.smoothed("moving_average", days) }

func (influxQL) weekly(s series, _ string) string {
	s.plus = 0
	return fmt.Sprintf("SELECT %s %s GROUP BY time(7d), %s fill(none)",
		s.apply("difference(mean("+field(s.row)+"))"), s.from(shown), s.tags())
}

func (influxQL) moved(s series) string {
	days := s
	days.scale, s.plus = scale{}, 0
	return fmt.Sprintf(`SELECT %s FROM (%s) GROUP BY "profile"`,
		s.apply(`(last("mean") - first("mean"))`), strings.Replace(days.smoothed("moving_average", 7), ", 7)", `, 7) AS "mean"`, 1))
}

// half is the first, or the last, reading of each day with more than one of
// them: InfluxQL does not know the hour of a point.
func (influxQL) half(s series, of part) string {
	function := "first"
	if of == evening {
		function = "last"
	}
	return fmt.Sprintf(`SELECT "value" FROM (SELECT %s AS "value", count(%s) AS "readings" %s GROUP BY time(1d), %s) WHERE "readings" > 1 GROUP BY %s`,
		s.picked(function), field(s.row), s.from(shown), s.tags(), s.tags())
}

func (influxQL) constant(s series) string {
	return "SELECT " + s.picked("last") + " " + s.from() + " GROUP BY " + s.tags()
}

func (influxQL) bmi() string {
	s := series{row: mustRow(weight)}
	return fmt.Sprintf(`SELECT last("weight") / 1000 / last("height") / last("height") FROM (SELECT %s AS "weight", %s AS "height" %s) GROUP BY "profile"`,
		field(mustRow(weight)), field(mustRow(height)), s.from())
}

// classified adds nothing for every reading, so that a class without any is 0.
func (influxQL) classified(c class, _ readings) string {
	s := series{row: mustRow(systolic)}
	count := func(factor string, conditions ...string) string {
		return fmt.Sprintf(`(SELECT %s * count(%s) AS "readings" %s GROUP BY "profile")`, factor, field(s.row), s.from(conditions...))
	}
	return `SELECT sum("readings") FROM ` + count("1", "("+c.influx(field(s.row), field(mustRow(diastolic)))+")", shown) + ", " +
		count("0", shown) + ` GROUP BY "profile"`
}

// shift leaves out gaps between nights: there the middle moves by half a day
// and more.
func (influxQL) shift(in scale) string {
	s := series{row: mustRow(nightStart)}
	middles := fmt.Sprintf(`SELECT (max(%s) + max(%s)) / 2 AS "middle" %s GROUP BY %s, "profile" fill(none)`,
		field(s.row), field(mustRow(nightEnd)), s.from(shown), oneNight)
	return fmt.Sprintf(`SELECT %s FROM (SELECT difference("middle") - 86400 AS "moved" FROM (%s) GROUP BY "profile") `+
		`WHERE "moved" > -43200 AND "moved" < 43200 GROUP BY "profile"`, in.apply(`abs("moved")`), middles)
}

// age is a table whose time is that of the newest point.
func (influxQL) age(m *exporter.Metric) string {
	s := series{row: m}
	return "SELECT last(" + field(m) + ") " + s.from(shown)
}

// sum is of the points of so many days; the running day is left out.
func (influxQL) sum(s series, days int) string {
	return fmt.Sprintf(`SELECT %s FROM (SELECT sum(%s) AS "sum" %s GROUP BY time(1d), %s fill(0)) GROUP BY %s`,
		s.apply(fmt.Sprintf(`moving_average("sum", %d) * %d`, days, days)), field(s.row), s.from(shown, "time <= now() - 1d"), s.tags(), s.tags())
}

func (influxQL) rate(s series) string {
	s.plus = 0
	return fmt.Sprintf(`SELECT %s FROM (SELECT mean(%s) AS "mean" %s GROUP BY time(14d), %s fill(none)) GROUP BY %s`,
		s.apply(`(last("mean") - first("mean")) / 28`), field(s.row), s.from("time > now() - 42d"), s.tags(), s.tags())
}

// forecast goes from the newest value.
func (q influxQL) forecast(s, goal series) string {
	s.scale = scale{}
	return fmt.Sprintf(`SELECT (last("goal") - last("value")) / last("rate") * 86400000 + %s FROM (SELECT last(%s) AS "goal", last(%s) AS "value" %s GROUP BY "profile"), (%s) GROUP BY "profile"`,
		"$__to", field(goal.row), field(s.row), s.from(), strings.Replace(q.rate(s), " / 28", ` / 28 AS "rate"`, 1))
}

func (influxQL) readings(which statistic, of series, where readings) string {
	function := map[statistic]string{averageOf: "mean", countOf: "count", highestOf: "max", lowestOf: "min", deviationOf: "stddev"}[which]
	since := shown
	if where.days > 0 {
		since = fmt.Sprintf("time > now() - %dd", where.days)
	}
	if which == countOf {
		of.scale = scale{}
	}
	return "SELECT " + of.picked(function) + " " + of.from(since) + ` GROUP BY "profile"`
}

// records are one query: a point has all fields of a record.
func (influxQL) records(rows []series) []string {
	var columns []string
	for _, s := range rows {
		columns = append(columns, s.apply(field(s.row)+"::field")+` AS "`+s.row.Field()+`"`)
	}
	return []string{"SELECT " + strings.Join(columns, ", ") + " " + rows[0].from(shown)}
}
