package boards

import (
	"fmt"
	"slices"

	"withings-exporter/exporter"
)

// series is what is asked about: a row of the catalogue, in the unit a panel
// wants.
type series struct {
	row  *exporter.Metric
	less *exporter.Metric // subtracted; a row of the same record, or nil
	by   string           // own label of the row that tells lines apart, "" for none
	scale
}

// language writes questions for one kind of data source. What a question means
// is said here; both languages answer it with the same numbers, and say where
// they cannot.
//
// A day is a local day of the browser. Totals are what is counted over a day
// (steps, energy, minutes): those of the running day are never part of a mean,
// a sum or a change, since they would pull it down all day. What was not measured
// on a day is absent: it is neither 0 nor a value between its neighbours.
type language interface {
	glances
	outlook // forecast.go
	habits

	// latest is the newest value there is in the time shown: the one measured
	// last, wherever it comes from.
	latest(series) string
	// constant is the newest value, whatever time is shown, as a level line.
	constant(series) string
	// age is when the value of latest was measured, in milliseconds.
	age(*exporter.Metric) string
	// result is the result that held on each day, measured then or before, or
	// notRecorded: Grafana's panels of states cannot say what they need when there
	// is nothing at all.
	result(series) string
	// bmi is the body-mass index, kg/m².
	bmi() string

	// daily is the last value of each day on which something was measured; of
	// totals, also that of the running day, as far as it is. Of bed events it is the
	// first time in and the last time out between the noons around the day's midnight.
	daily(series) string
	// course is the value that held on each day, measured then or before.
	course(series) string
	// today is the total of the running day, so far.
	today(series) string
	// complete is one total for each day that is over.
	complete(series) string
	// half is the last value of each morning, or of each evening.
	half(s series, of part) string
	// shift is how far the middle of a night lies from that of the night before;
	// the scale is of seconds.
	shift(scale) string

	// mean is, for each day, the mean of the values of so many days up to it. A day of
	// blood pressures is the mean of its morning and its evening.
	mean(s series, days int) string
	// sum is, for each complete day, the sum of the totals of so many days up to it.
	sum(s series, days int) string
	// weekly is the mean of each week less that of the week before, at the day with
	// which the week begins.
	weekly(s series, weekStart string) string
	// moved is how far the mean of seven days has moved from the first day shown
	// to the last one, of totals to the last complete one.
	moved(series) string
	// rate is how far a mean of 14 days moved in a day, over the last 28.
	rate(series) string
	// forecast is when the mean of 14 days reaches a goal at that rate, in
	// milliseconds; absent if it does not within five years.
	forecast(s, goal series) string

	// readings is a statistic over the readings of the time shown, each counted
	// once, at the end of that time.
	readings(which statistic, of series, where readings) string
	// classified is how many blood pressures belong to a class, each counted once;
	// 0 if there are others.
	classified(c class, where readings) string
	// ranked is the class that the means of both pressures belong to, as its number in
	// the scheme. The means are rounded first: a class must fit what people read.
	ranked(s scheme, where readings) string
	// share is how many of the blood pressures have at least one of the pressures with
	// which a class begins, as a ratio.
	share(from class, where readings) string
	// unusual is how far the value of each night lies from the mean of the nights before
	// it, in their standard deviations; absent where too few of them are known.
	unusual(series) string
	// usual is that mean for each night, and so many standard deviations more.
	usual(s series, deviations float64) string
	// odd is 1 if the night that ended on the last day shown was unusually high, -1 if
	// it was unusually low, else 0; the scale may multiply that.
	odd(series) string
	// records are the queries of a table with a line for each record (a blood
	// pressure, a workout) and a column for each row; the first row is the key: a
	// record without it has no line. The lines of several queries belong together by
	// the column recordTime, in milliseconds.
	records([]series) []string
	// bedState is whether the person was in bed at each step: 1 or 0, or notRecorded
	// where the last event is more than 36 hours old.
	bedState(series) string
	// inBedSince is since when the person is in bed, or out of it, in milliseconds, if
	// that is so at the end of the time shown.
	inBedSince(in bool) string
	// sampled is a statistic over the samples of minutes (of a night, of a day) that were
	// measured within each step of so many minutes, for each line; absent where there are
	// none. Several devices in one line count alike: a mean is that of their means. Of live
	// gauges Prometheus knows the newest sample of a step, if it was seen in time, and no sums.
	sampled(which statistic, of series, minutes int) string
	// depth is how high the state of each minute is drawn, for each device; Prometheus knows
	// those that were imported.
	depth() string
	// newestState is the state in the newest minute of each device, and newestStateAt when
	// the newest of all was, in milliseconds; absent if more than twelve hours before the
	// end of the time shown.
	newestState() string
	newestStateAt() string
	// marks are the queries for the heart rates of ECGs, 0 for one without: one query for
	// each of the findings, or one in which the label findingLabel has their codes and
	// recordTime has the moment, in milliseconds.
	marks(rate series) []string
}

// statistic is a function over readings.
type statistic string

const (
	averageOf   statistic = "avg"
	countOf     statistic = "count"
	highestOf   statistic = "max"
	lowestOf    statistic = "min"
	deviationOf statistic = "stddev" // of a sample: n - 1
	sumOf       statistic = "sum"
	lastOf      statistic = "last"
)

// readings says which readings count.
type readings struct {
	days int // of the last so many days up to the last one shown; 0 for the time shown
	part part
}

// part is a part of the day.
type part int

const (
	anyTime part = iota
	morning      // before noon
	evening      // from noon on
)

// recordTime is the column by which the queries of records belong together. As a label
// it must come after those that an answer is grouped by: count_values of Prometheus
// 2.42 loses what comes after its own.
const recordTime = "recorded"

// languageOf is how questions to a data source are written.
func languageOf(source Source) language {
	if source == InfluxDB {
		return influxQL{}
	}
	return promQL{}
}

// mustRow finds a row of the catalogue. The boards are part of the program: a
// name that does not exist is a mistake in it, and every test finds it.
func mustRow(name string) *exporter.Metric {
	m := exporter.ByName(name)
	if m == nil {
		panic(fmt.Sprintf("boards: the catalogue has no row %q", name))
	}
	return m
}

// notRecorded is the text for a result where there is none.
const notRecorded = -1

// segmented reports whether a row may name a part of the body.
func segmented(m *exporter.Metric) bool { return slices.Contains(m.Labels, "position") }

// Names of rows that queries need beside the one they are about.
const (
	nightStart = "sleep_start_timestamp_seconds"
	nightEnd   = "sleep_end_timestamp_seconds"
	workoutEnd = "workout_end_timestamp_seconds"
	systolic   = "systolic_blood_pressure_mmhg"
	diastolic  = "diastolic_blood_pressure_mmhg"
	pulse      = "heart_pulse_beats_per_minute"
	weight     = "weight_grams"
	height     = "height_meters"
)
