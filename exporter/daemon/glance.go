package daemon

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/dustin/go-humanize"

	"withings-exporter/exporter"
	"withings-exporter/exporter/chart"
	"withings-exporter/exporter/ecg"
	"withings-exporter/exporter/web"
)

// glances are the readings shown on the status page, by metric and labels.
var glances = []struct {
	metric string
	labels exporter.Labels
	label  string
	unit   string
	show   func(exporter.Decimal) string
	chart  drawing
}{
	{"weight_grams", "", "Weight", "kg", func(v exporter.Decimal) string { return decimals(v, -3, 1) }, line},
	{"systolic_blood_pressure_mmhg", "", pressure, "mmHg", func(v exporter.Decimal) string { return decimals(v, 0, 0) }, line},
	{"sleep_total_seconds", "", "Sleep", "h", hours, bars},
	{"activity_steps", "today", "Steps today", "", func(v exporter.Decimal) string { return humanize.Comma(whole(v)) }, bars},
	{"fat_ratio", "", "Fat", "%", func(v exporter.Decimal) string { return decimals(v, 2, 1) }, none},
	{"heart_pulse_beats_per_minute", "", "Pulse", "bpm", func(v exporter.Decimal) string { return decimals(v, 0, 0) }, none},
	{"sleep_score", "", "Sleep score", "", func(v exporter.Decimal) string { return decimals(v, 0, 0) }, none},
	{"in_bed", "", "In bed", "", func(v exporter.Decimal) string { return map[bool]string{true: "yes", false: "no"}[v.Sign() != 0] }, none},
}

// drawing is how the last month of a reading is drawn.
type drawing int

const (
	none drawing = iota
	line
	bars // a total of each day
)

const (
	diastolic = "diastolic_blood_pressure_mmhg"
	pressure  = "Blood pressure"
)

// glance picks a few readings for the page. The lower blood pressure is shown with the
// upper one that was measured with it, and not alone.
func glance(state *exporter.State, samples []exporter.Sample, now time.Time) []web.Reading {
	var all []web.Reading
	for _, g := range glances {
		i := slices.IndexFunc(samples, func(s exporter.Sample) bool { return s.Metric.Name == g.metric && s.Labels == g.labels })
		if i < 0 {
			continue
		}
		s := samples[i]
		r := web.Reading{Label: g.label, Value: g.show(s.Value), Unit: g.unit, At: s.Measured}
		var other *exporter.Metric
		if g.label == pressure {
			other = exporter.ByName(diastolic)
			if lower := state.Beside(s.Metric, other); lower.Both {
				r.Value += "/" + g.show(lower.Other)
			}
		}
		if g.chart != none {
			r.Chart = func() *chart.Chart {
				c := &chart.Chart{Label: g.label, Unit: g.unit, Bars: g.chart == bars, Counting: g.labels == "today"}
				c.Days, c.Lower = month(state, s.Metric, other, g.show, now)
				return c
			}
		}
		all = append(all, r)
	}
	return all
}

// month are the values of a metric on the last thirty days, and those of another that were measured with them.
func month(state *exporter.State, metric, other *exporter.Metric, show func(exporter.Decimal) string, now time.Time) (all, lower []chart.Day) {
	for _, d := range state.Days(metric, other, now, 30) {
		date, _ := time.Parse(time.DateOnly, d.Date) // as Days writes it
		all = append(all, chart.Day{Date: date, Value: d.Value.Float(), Text: show(d.Value), Known: d.Known})
		if other != nil {
			lower = append(lower, chart.Day{Date: date, Value: d.Other.Float(), Text: show(d.Other), Known: d.Both})
		}
	}
	return all, lower
}

// latestECG is the result of the newest ECG, which leads to its curve.
func latestECG(profile string, samples []exporter.Sample) []web.Reading {
	var all []web.Reading
	value := map[string]exporter.Sample{}
	for _, s := range samples {
		value[s.Metric.Name] = s
	}
	if recorded, ok := value["ecg_recording_timestamp_seconds"]; ok {
		r := web.Reading{Label: "ECG", Value: "failed", At: recorded.Measured}
		if result, ok := value["ecg_result"]; ok {
			r.Value = ecg.Result(int64(result.Value.Float()))
		}
		if signal, ok := value["ecg_signal_id"]; ok {
			r.Page = web.ECGPage(profile, int64(signal.Value.Float()))
		}
		all = append(all, r)
	}
	return all
}

// decimals writes a value × 10^shift with a fixed number of places.
func decimals(v exporter.Decimal, shift, places int) string {
	scaled, err := v.Scale(1, shift)
	if err != nil { // more digits than a reading has
		return v.String()
	}
	return scaled.Fixed(places)
}

// whole is a value without a fraction; 0 if it does not fit.
func whole(v exporter.Decimal) int64 {
	n, _ := strconv.ParseInt(v.Fixed(0), 10, 64)
	return n
}

// hours writes seconds as 7:05.
func hours(v exporter.Decimal) string {
	minutes := whole(v) / 60
	return fmt.Sprintf("%d:%02d", minutes/60, minutes%60)
}
