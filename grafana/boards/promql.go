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
// history, one at each moment of measuring, and live gauges that repeat the
// latest reading at every scrape until there is a newer one. There may be several
// gauges: two exporters, one that moved, one that is down, one whose account has
// ended and that repeats an old value for ever. Four habits make the boards right
// for all of them:
//
//   - The value measured last counts, whatever series it is in; see newest. When a
//     live value was measured, withings_measured_timestamp_seconds says; an imported
//     sample was measured when it is.
//   - Panels of days have a step of one day exactly (see manyDays), which Grafana
//     aligns to the browser's midnight, and look forward from it: [1d] offset -1d is
//     the day that begins at the step. Inside a subquery, steps are at midnight UTC;
//     see day.
//   - A day counts only if something was measured on it: a live gauge shows last
//     week's weight today.
//   - Means run over days, and counts over readings, never over samples: a live gauge
//     has thousands a day, imported history one.
//
// What no gauge can show is missing: a reading that arrives after the midnight of its
// day, and all but the last of several that arrive together. An import has them all.
type promQL struct{}

const selectPeople = `profile=~"$profile",instance=~"$instance"`

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

// lines are the labels by which the lines of an answer are told apart.
func (s series) lines() string {
	if s.by == "" {
		return "profile"
	}
	return "profile, " + s.by
}

// joined makes one line of live and imported series.
func (s series) joined(how, expression string) string {
	return fmt.Sprintf("%s by (%s) (%s)", how, s.lines(), expression)
}

// minus asks the same of two rows and takes the difference.
func (promQL) minus(s series, question func(series) string) string {
	a, b := s, s
	a.less, b.less, b.row = nil, nil, s.less
	a.scale, b.scale = scale{}, scale{}
	return s.apply("(" + question(a) + " - " + question(b) + ")")
}

// whole is the time shown, up to now.
var whole = window{length: "$__range", now: true, long: true}

func (q promQL) latest(s series) string {
	if s.less != nil {
		return q.minus(s, q.latest)
	}
	return s.apply(s.newest(whole))
}

func (promQL) constant(s series) string { return s.apply(s.aim()) }

// atEnd asks of the end of the time that the dashboard shows, whatever a panel shows.
const atEnd = " @ ${__to:date:seconds}"

// aim is the newest goal, in the unit of the row. It looks further than the end of the
// time shown, which the last glance would miss by some minutes.
func (s series) aim() string {
	return s.newest(window{length: "1d${__range_ms}ms", offset: atEnd + " offset -1d", long: true})
}

// age is exact for what was imported from the last two months; further back, it takes the
// beginning of the half hour, since timestamp is slow.
func (q promQL) age(m *exporter.Metric) string {
	s := series{row: m}
	exact := fmt.Sprintf("max_over_time(timestamp(%s)[60d:%s]) >= $__from / 1000", s.imported(), lookback)
	return fmt.Sprintf("max by (profile) (%s or on (%s) (%s) or on (%s) %s) * 1000",
		last(s.measured(), whole), s.keys(), exact, s.keys(), s.glimpsed(whole))
}

// result has no labels, so that it is one line whether there is something or not: the
// rows of these panels are about one person.
func (q promQL) result(s series) string {
	return fmt.Sprintf("max(%s) or vector(%d)", q.course(s), notRecorded)
}

// bmi takes the newest height, which may have been imported from long ago.
func (q promQL) bmi() string {
	tall := series{row: mustRow(height)}
	past := tall.joined("max", "last_over_time("+selector(tall.row, append(tall.matchers(), `instance=""`)...)+"[20y])")
	return fmt.Sprintf("%s / 1000 / (%s or %s) ^ 2", q.latest(series{row: mustRow(weight)}), q.latest(tall), past)
}
