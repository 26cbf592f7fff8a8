package exporter

import (
	"slices"
	"time"
)

// stateFresh is how long the state of a minute of sleep is shown: a night is known only
// when it is over, and the evening is not the time to say how it ended.
const stateFresh = 12 * time.Hour

// keptMinutes bounds the samples that are kept: the latest of each series, of which a
// device has under twenty.
const keptMinutes = 1000

// keepMinutes keeps the samples that are shown, and a few more.
func keepMinutes(records []Record) []Record { return keepNewest(keptMinutes)(keepLatest(records)) }

// minuteState is a state of a minute of sleep.
type minuteState struct {
	code int64 // Withings' number
	name string
}

// nightStates are the states of a minute of sleep.
var nightStates = []minuteState{
	{0, "awake"}, {1, "light"}, {2, "deep"}, {3, "rem"}, {4, "manual"}, {5, "unspecified"}, {15, "out_of_bed"},
}

// minuteStates are the names of the states.
func minuteStates() []string {
	all := make([]string, len(nightStates))
	for i, s := range nightStates {
		all[i] = s.name
	}
	return all
}

// appendMinutes shows the latest value of each series, and as a state set the state of
// the newest minute of any device while that is fresh. A state that is not in the
// table sets none.
func appendMinutes(samples []Sample, records []Record, local time.Time) []Sample {
	samples = appendLatest(samples, records, local)
	is, code := newestState(records)
	i := slices.IndexFunc(nightStates, func(s minuteState) bool { return Integer(s.code) == code })
	if is == nil || i < 0 {
		return samples
	}
	set := ByOrigin(Night, "sleep_state")
	for j, s := range nightStates {
		holds := Integer(int64(rank(i == j)))
		samples = append(samples, Sample{Metric: set, Labels: LabelValues(s.name), Value: holds, Measured: is.End})
	}
	return samples
}

// newestState is the latest record with a state; nil if there is none.
func newestState(records []Record) (latest *Record, code Decimal) {
	of := ByOrigin(Night, "state")
	for i := range records {
		r := &records[i]
		if is, ok := r.value(of); ok && (latest == nil || r.compare(latest) > 0) {
			latest, code = r, is
		}
	}
	return latest, code
}

// value is the value of a metric in a record; false if it has none.
func (r *Record) value(m *Metric) (Decimal, bool) {
	for _, reading := range r.Readings {
		if reading.Metric == m {
			return reading.Value, true
		}
	}
	return Decimal{}, false
}
