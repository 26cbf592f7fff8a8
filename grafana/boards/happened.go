package boards

import (
	"fmt"
	"strings"
)

// fever begins at this body temperature, in degrees Celsius.
const fever = 38

// fibrillation are the results of an ECG, or of a check by a watch, that are a fibrillation.
var fibrillation = []float64{1, 11, 12}

// happened is what the charts of a dashboard mark. Workouts are many: somebody has to
// switch them on, and over years, and on paper, everything.
func (b build) happened(slug string) []annotation {
	if slug == "exporter" || slug == "together" { // where everybody's would be on everybody's charts
		return nil
	}
	quiet := slug == "longview" || slug == "doctor"
	var findings []string
	for _, row := range []string{"ecg_atrial_fibrillation_class", "ppg_atrial_fibrillation_class"} {
		var classes []string
		for _, class := range fibrillation {
			classes = append(classes, fmt.Sprintf("%%s %s %s", map[Source]string{Prometheus: "==", InfluxDB: "="}[b.source], number(class)))
		}
		findings = append(findings, b.moments(row, classes))
	}
	return []annotation{
		b.marked(annotation{name: "Fever", color: warning, off: quiet, every: "1d", query: b.feverDays()}),
		b.marked(annotation{name: "Fibrillation, ECG", color: bad, off: quiet, query: findings[0]}),
		b.marked(annotation{name: "Fibrillation, watch", color: bad, off: quiet, query: findings[1]}),
		b.workoutMarks(),
	}
}

// marked says whose it is, and marks where one person is chosen: Grafana draws a mark
// on every chart, whoever that is about.
func (b build) marked(a annotation) annotation {
	a.query = alone.Replace(a.query)
	if a.every == "" {
		a.every = marksEvery
	}
	a.atIt, a.title, a.titleColumn = true, a.name+" · {{profile}}", "profile"
	return a
}

// alone asks for one person's, and for nobody's where several are chosen. Grafana writes
// several as a group, (Anna|Ben), which {0} takes away, so that a single character is
// left; of one, {0} takes the last character away, which the dot puts back.
var alone = strings.NewReplacer(
	`profile=~"$profile"`, `profile=~"$profile",profile=~"$profile{0}."`,
	onePerson, onePerson+` AND "profile" =~ /^${profile:regex}{0}.$/`,
)

// Marks are looked for so often, and found for some hours: over years, Grafana looks
// less often.
const (
	marksEvery = "30m"
	marksFor   = "4h"
)

// feverDays are the days with a fever, since a mark for each reading would hide the
// charts; in Prometheus, days that follow each other become one stretch of time.
func (b build) feverDays() string {
	s := series{row: mustRow("body_temperature_celsius")}
	hot := fmt.Sprintf("%%s >= %d", fever)
	if b.source == InfluxDB {
		days := fmt.Sprintf(`SELECT max(%s) AS "value" %s GROUP BY %s, "profile" fill(none)`, field(s.row), s.from(fmt.Sprintf(hot, field(s.row)), shown), midnights)
		return fmt.Sprintf(`SELECT "value", "profile" FROM (%s) WHERE time >= %s AND %s`, days, firstDay, untilEnd)
	}
	at := happening(s, []string{hot}, "1d", fmt.Sprintf("[1d:%s]", marksEvery))
	return fmt.Sprintf("(%s - (%s - ${midnight}) %% 86400) * 1000", at, at)
}

// moments is when a row had values for which one of some conditions holds; %s in them is
// the row.
func (b build) moments(row string, conditions []string) string {
	s := series{row: mustRow(row)}
	if b.source == InfluxDB {
		return fmt.Sprintf(`SELECT %s AS "value", "profile" %s`, field(s.row), s.from(oneOf(conditions, field(s.row), " OR "), shown))
	}
	return happening(s, conditions, marksFor, "") + " * 1000"
}

// oneOf is that one of some conditions holds for a value.
func oneOf(conditions []string, value, or string) string {
	var all []string
	for _, c := range conditions {
		all = append(all, fmt.Sprintf(c, value))
	}
	return "(" + strings.Join(all, or) + ")"
}

// happening is when something was measured last for which one of the conditions holds,
// in seconds: of imported readings, within so long a time and to five minutes, of what
// a gauge shows, now or within a window.
func happening(s series, conditions []string, length, window string) string {
	live := fmt.Sprintf("(%s and on (%s) %s)", s.measured(), exporterLabels, oneOf(conditions, selector(s.row, s.matchers()...), " or "))
	if window != "" {
		live = "max_over_time(" + live + window + ")"
	}
	imported := fmt.Sprintf("max_over_time((0 * %s + time())[%s:%s])", oneOf(conditions, s.imported(), " or "), length, lookback)
	return fmt.Sprintf("max by (profile) (%s or %s)", live, imported)
}

// workoutMarks are stretches of time in InfluxDB; in Prometheus, the moments at which
// workouts began.
func (b build) workoutMarks() annotation {
	start, end := mustRow("workout_start_timestamp_seconds"), mustRow(workoutEnd)
	a := annotation{name: "Workouts", color: moderateColor, off: true}
	if b.source == InfluxDB {
		a.query = fmt.Sprintf(`SELECT %s * 1000 AS "until", "profile" %s`, field(end), series{row: end}.from(shown))
		a.endColumn = "until"
	} else {
		a.query = fmt.Sprintf("max by (profile) (last_over_time(%s[%s])) * 1000", selector(start), marksFor)
	}
	return b.marked(a)
}
