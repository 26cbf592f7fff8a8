package boards

import (
	"fmt"
	"slices"
	"strings"

	"withings-exporter/exporter"
)

// promQL asks Prometheus, and VictoriaMetrics.
//
// A series may be two things, and mostly is both: sparse samples of imported
// history, one at each moment of measuring, and a live gauge that repeats the
// latest reading at every scrape until there is a newer one. Four habits make
// the boards right for both:
//
//   - Panels of days have a step of one day exactly (see manyDays), which Grafana
//     aligns to midnight, and look forward from it: [1d] offset -1d is
//     the day that begins at the step.
//   - A day counts only if something was measured on it: a live gauge shows
//     last week's weight today, withings_measured_timestamp_seconds tells that
//     it is last week's. Imported history has no such series and needs none.
//   - A live series has job and instance, an imported one has not, so results
//     are joined by profile.
//   - Means run over days, not over samples: a live gauge has thousands a day,
//     imported history one.
type promQL struct{}

const (
	selectPeople = `profile=~"$profile",instance=~"$instance"`
	wholeDay     = `[1d] offset -1d`
	// dayThen is where the total of a day is found: "yesterday" from the midnight
	// after it. Half a day to either side leaves room for people in other zones.
	dayThen = `[1d] offset -36h`
	// dayOver is true for days that are over; before noon "yesterday" would
	// otherwise be taken for the running day.
	dayOver = `on () (vector(time()) < $__to / 1000 - 86400)`
)

// byDay reports whether a row has a series for each of the last two days.
func byDay(m *exporter.Metric) bool { return slices.Contains(m.Labels, "day") }

// selector is a row's series of the people chosen.
func selector(m *exporter.Metric, more ...string) string {
	matchers := append([]string{selectPeople}, more...)
	return m.FullName() + "{" + strings.Join(matchers, ",") + "}"
}

// matchers are what a row's own labels must be.
func (s series) matchers() []string {
	switch {
	case s.by == "position":
		return []string{`position!=""`}
	case s.by == "" && segmented(s.row):
		return []string{`position=""`}
	}
	return nil
}

// joined makes one line of live and imported series.
func (s series) joined(how, expression string) string {
	by := "profile"
	if s.by != "" {
		by += ", " + s.by
	}
	return fmt.Sprintf("%s by (%s) (%s)", how, by, expression)
}

func (q promQL) latest(s series) string {
	if s.less != nil {
		return q.minus(s, q.latest)
	}
	if byDay(s.row) {
		today, yesterday := selector(s.row, `day="today"`), selector(s.row, `day="yesterday"`)
		return s.apply("(" + s.joined("max", today) + " or " + s.joined("max", yesterday) +
			" or " + s.joined("max", "last_over_time("+yesterday+"[$__range])") + ")")
	}
	now := selector(s.row, s.matchers()...)
	return s.apply("(" + s.joined("max", now) + " or " + s.joined("max", "last_over_time("+now+"[$__range])") + ")")
}

// minus asks the same of two rows and takes the difference.
func (promQL) minus(s series, question func(series) string) string {
	a, b := s, s
	a.less, b.less, b.row = nil, nil, s.less
	a.scale, b.scale = scale{}, scale{}
	return s.apply("(" + question(a) + " - " + question(b) + ")")
}

func (q promQL) daily(s series) string {
	if s.less != nil {
		return q.minus(s, q.daily)
	}
	return s.apply("(" + q.day(s) + ")")
}

// day is the value of the day that begins at the step, if it is of that day.
func (q promQL) day(s series) string {
	if byDay(s.row) {
		return s.dayBefore() + " or " + s.over(wholeDay, `day="today"`)
	}
	if end := exporter.ByOrigin(s.row.Service, "enddate"); end != nil { // of what is shown: all of it is of one session
		return s.over(wholeDay) + " and on (profile) (" + dayOf(end.Name) + " > time())"
	}
	return s.over(wholeDay) + " unless on (profile) (" + measured(s, wholeDay) + " <= time())"
}

// over is the last value within a window.
func (s series) over(window string, more ...string) string {
	return s.joined("max", "last_over_time("+selector(s.row, append(s.matchers(), more...)...)+window+")")
}

// dayBefore is the total of the day that begins at the step, as "yesterday" has
// it once it is over.
func (s series) dayBefore() string {
	return "(" + s.over(dayThen, `day="yesterday"`) + " and " + dayOver + ")"
}

func (promQL) complete(s series) string { return s.apply(s.dayBefore()) }

func (promQL) today(s series) string {
	return s.apply(s.joined("max", selector(s.row, `day="today"`)))
}

// dayOf is a moment as the gauge has it at the end of the day.
func dayOf(row string) string {
	return "max by (profile) (last_over_time(" + selector(mustRow(row)) + wholeDay + "))"
}

// measured is when a live gauge's value was measured.
func measured(s series, window string) string {
	matchers := append([]string{selectPeople, fmt.Sprintf("metric=%q", s.row.Name)}, s.matchers()...)
	return "max by (profile) (last_over_time(withings_measured_timestamp_seconds{" + strings.Join(matchers, ",") + "}" + window + "))"
}

// course looks two months back for a reading.
func (q promQL) course(s series) string {
	if !s.row.Service.Row().Moments {
		return q.daily(s)
	}
	return s.apply(s.joined("max", "last_over_time("+selector(s.row, s.matchers()...)+"[60d] offset -1d)"))
}

func (q promQL) result(s series) string {
	return fmt.Sprintf("(%s) or on () vector(%d)", q.course(s), notRecorded)
}

// overDays is a function over the values of so many days. Prometheus takes the
// days of a subquery at midnight UTC, and the offset lets the last of them be
// the day of the step wherever that begins. A second is missing so that seven
// days are seven in Prometheus 2, which counts both ends, and in 3.
func (q promQL) overDays(s series, function string, days int, offset, rest string) string {
	return fmt.Sprintf("%s((%s)[%dd23h59m59s:1d]%s%s)", function, q.day(s), days-1, offset, rest)
}

const throughToday = " offset -1d"

func (q promQL) mean(s series, days int) string {
	return s.apply(q.overDays(s, "avg_over_time", days, throughToday, ""))
}

// trend is the end of a straight line through the values.
func (q promQL) trend(s series, days int) string {
	return s.apply(q.overDays(s, "predict_linear", days, throughToday, ", 0"))
}

func (q promQL) weekly(s series) string { return q.difference(s, throughToday, " offset 6d") }

func (q promQL) moved(s series) string { return q.difference(s, throughToday, " offset $__range") }

// difference is that of the means of two weeks.
func (q promQL) difference(s series, later, earlier string) string {
	s.plus = 0 // a difference of temperatures has no zero
	return s.apply("(" + q.overDays(s, "avg_over_time", 7, later, "") + " - " + q.overDays(s, "avg_over_time", 7, earlier, "") + ")")
}

// Mornings are from 4 to 12, evenings from 16 to 2 o'clock: how far the window
// looks forward from midnight, how long it is, and when it begins, in hours.
func (q promQL) half(s series, evening bool) string {
	window, begin := "[8h] offset -12h", 4
	if evening {
		window, begin = "[10h] offset -26h", 16
	}
	value := s.joined("max", "last_over_time("+selector(s.row, s.matchers()...)+window+")")
	return s.apply(fmt.Sprintf("(%s unless on (profile) (%s <= time() + %d))", value, measured(s, window), begin*3600))
}

func (q promQL) constant(s series) string {
	return s.apply(s.joined("max", "last_over_time("+selector(s.row, s.matchers()...)+"[$__range] @ end() offset -1d)"))
}

func (q promQL) bmi() string {
	tall := series{row: mustRow(height)}
	return fmt.Sprintf("%s / 1000 / (%s) ^ 2", q.latest(series{row: mustRow(weight)}), q.latest(tall))
}

// readings counts half days, so that a gauge that repeats itself counts once.
func (q promQL) readings(c class) string {
	at := func(row string) string {
		s := series{row: mustRow(row)}
		return "(" + s.joined("max", "last_over_time("+selector(s.row, s.matchers()...)+"[12h])") +
			" unless on (profile) (" + measured(s, "[12h]") + " <= time() - 43200))"
	}
	count := func(what string) string { return "sum by (profile) (count_over_time((" + what + ")[$__range:12h]))" }
	return count(c.prom(at(systolic), at(diastolic))) + " or 0 * " + count(at(systolic)) // none is 0, if there are readings
}

func (q promQL) shift(in scale) string {
	middle := "((" + q.day(series{row: mustRow(nightStart)}) + ") + (" + q.day(series{row: mustRow(nightEnd)}) + ")) / 2"
	before := strings.ReplaceAll(middle, wholeDay, "[1d]")
	before = strings.ReplaceAll(before, "> time()", "> time() - 86400")
	return in.apply("abs(" + middle + " - (" + before + ") - 86400)")
}

func (q promQL) age(m *exporter.Metric) string {
	matchers := []string{selectPeople, fmt.Sprintf("metric=%q", m.Name)}
	if byDay(m) {
		matchers = append(matchers, `day="today"`)
	}
	if segmented(m) {
		matchers = append(matchers, `position=""`)
	}
	return "max by (profile) (withings_measured_timestamp_seconds{" + strings.Join(matchers, ",") + "}) * 1000"
}
