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
// is said here; the languages answer it as well as they can and say where they
// differ.
type language interface {
	// latest is the newest value there is in the time shown.
	latest(series) string
	// daily is one value for each day on which something was measured.
	daily(series) string
	// course is the value that held on each day, measured then or before.
	course(series) string
	// today is the total of the running day, so far.
	today(series) string
	// complete is one value for each day that is over.
	complete(series) string
	// result is what was found last, or notRecorded: Grafana's panels of states
	// cannot say what they need when there is nothing at all.
	result(series) string
	// mean is the mean of so many days up to each day.
	mean(s series, days int) string
	// trend follows the values of so many days without lagging behind them.
	trend(s series, days int) string
	// weekly is the mean of a week less that of the week before.
	weekly(series) string
	// half is the last value of each morning, or of each evening.
	half(s series, evening bool) string
	// constant is the value that holds now, whatever time is shown.
	constant(series) string
	// moved is how far the mean of a week has moved in the time shown.
	moved(series) string
	// bmi is the body-mass index, kg/m².
	bmi() string
	// readings is how many blood pressures of the time shown belong to a class.
	readings(class) string
	// shift is how far the middle of a night lies from that of the night before;
	// the scale is of seconds.
	shift(scale) string
	// age is when the newest value of a row was measured, in milliseconds.
	age(*exporter.Metric) string
}

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
