package proof

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"withings-exporter/exporter"
)

// ecg is one recording of somebody: failed if it has no result.
type ecg struct {
	back, hour, minute int
	result, rate       float64 // -1: none
	pressure           bool
}

// ecgs are recordings of the heart: some twice a day, some failed, one without a heart
// rate, one that failed right after a good one, some older than half a year.
var ecgs = []ecg{
	{back: 200, hour: 8, minute: 0, result: 1, rate: 99},
	{back: 60, hour: 19, minute: 30, result: 0, rate: 62},
	{back: 45, hour: 8, minute: 0, result: -1, rate: -1},
	{back: 45, hour: 8, minute: 20, result: 0, rate: 71, pressure: true},
	{back: 33, hour: 23, minute: 50, result: 2, rate: 112},
	{back: 21, hour: 0, minute: 10, result: 1, rate: -1},
	{back: 20, hour: 19, minute: 0, result: 1, rate: 88},
	{back: 10, hour: 10, minute: 0, result: 0, rate: 66},
	{back: 10, hour: 10, minute: 3, result: -1, rate: -1},
	{back: 2, hour: 19, minute: 30, result: 0, rate: 64, pressure: true},
	{back: 1, hour: 8, minute: 0, result: -1, rate: -1},
	{back: 1, hour: 8, minute: 25, result: 1, rate: 95},
	{back: 0, hour: 7, minute: 5, result: 2, rate: 101},
}

// recordings adds them, and two sounds of the heart.
func (h *history) recordings() {
	for i, e := range ecgs {
		at := h.day(-e.back, e.hour, e.minute)
		r := record{service: exporter.Heart, start: at, end: at, values: []value{{row: "ecg_recording_timestamp_seconds", number: float64(at.Unix())}}}
		put := func(row string, number float64) { r.values = append(r.values, value{row: row, number: number}) }
		if e.result >= 0 {
			put("ecg_result", e.result)
			put("ecg_signal_id", float64(7_000_000+i))
		}
		if e.rate >= 0 {
			put("ecg_heart_rate_beats_per_minute", e.rate)
		}
		if e.pressure {
			put("ecg_systolic_blood_pressure_mmhg", float64(121+i))
			put("ecg_diastolic_blood_pressure_mmhg", float64(77+i))
			put("ecg_stethoscope_signal_id", float64(9_000_000+i))
			put("ecg_stethoscope_result", float64(i%2))
		}
		h.add(r)
	}
	for _, back := range []int{30, 1} {
		at := h.day(-back, 8, 30)
		h.add(record{service: exporter.Stetho, start: at, end: at, values: []value{
			{row: "stethoscope_recording_timestamp_seconds", number: float64(at.Unix())},
			{row: "stethoscope_signal_id", number: float64(9_500_000 + back)}, {row: "stethoscope_result", number: float64(back % 2)}}})
	}
}

// recorded are the ECGs shown. Where Prometheus has them from an import, those within
// five minutes are one.
func (a asked) recorded() []*record {
	var all []*record
	for i := range a.records {
		r := &a.records[i]
		if r.service != exporter.Heart || r.start.Before(a.from) || r.start.After(a.to) {
			continue
		}
		if last := len(all) - 1; a.source == "prometheus" && last >= 0 && all[last].start.Unix()/300 == r.start.Unix()/300 {
			both := *r // what the last one lacks is that of the one before
			both.values = append(slices.Clone(r.values), all[last].values...)
			r, all = &both, all[:last]
		}
		all = append(all, r)
	}
	return all
}

// recording is a column of the table of ECGs, by when they were made, in milliseconds.
func (a asked) recording(row string) right {
	r := right{key: "When", cells: map[string]any{}}
	for _, e := range a.recorded() {
		if n, has := e.of(row); has {
			r.cells[written(float64(e.start.UnixMilli()))] = n
		}
	}
	return r
}

// marked are the heart rates of the ECGs with a result, at their moments, 0 where there
// is none; a result of -1 is that of failed ones.
func (a asked) marked(result float64) right {
	r := right{moments: map[int64]float64{}}
	for _, e := range a.recorded() {
		found, has := e.of("ecg_result")
		if !has {
			found = -1
		}
		if found == result {
			r.moments[e.start.Unix()], _ = e.of("ecg_heart_rate_beats_per_minute")
		}
	}
	return r
}

// differsByMoment compares points whose times are exact.
func (r right) differsByMoment(got []point) string {
	left := maps.Clone(r.moments)
	for _, p := range got {
		n, has := left[p.at.Unix()]
		switch {
		case !has:
			return fmt.Sprintf("at %v is %v, want nothing, or not twice", p.at, p.value)
		case !r.same(p.value, n):
			return fmt.Sprintf("at %v is %v, want %v", p.at, p.value, n)
		}
		delete(left, p.at.Unix())
	}
	for at, n := range left {
		return fmt.Sprintf("at %v is missing, want %v; %d more are", time.Unix(at, 0).UTC(), n, len(left)-1)
	}
	if !slices.IsSortedFunc(got, func(a, b point) int { return a.at.Compare(b.at) }) {
		return "is not in the order of time"
	}
	return ""
}

// ofRecordings are the panels about ECGs on the dashboard Heart.
func ofRecordings(h asked) []entry {
	return []entry{
		{"ECG recordings", "No fibrillation", h.marked(0)},
		{"ECG recordings", "Atrial fibrillation", h.marked(1)},
		{"ECG recordings", "Inconclusive", h.marked(2)},
		{"ECG recordings", "Failed", h.marked(-1)},
		{"ECGs one by one", "Result", h.recording("ecg_result")},
		{"ECGs one by one", "Heart rate", h.recording("ecg_heart_rate_beats_per_minute")},
		{"ECGs one by one", "Systolic", h.recording("ecg_systolic_blood_pressure_mmhg")},
		{"ECGs one by one", "Diastolic", h.recording("ecg_diastolic_blood_pressure_mmhg")},
		{"ECGs one by one", "Signal", h.recording("ecg_signal_id")},
	}
}
