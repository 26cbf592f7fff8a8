package daemon

import (
	"fmt"
	"strconv"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/ecg"
	"withings-exporter/exporter/web"
)

// glances are the readings shown on the status page, by metric and labels.
var glances = []struct {
	metric string
	labels exporter.Labels
	label  string
	show   func(float64) (value, unit string)
}{
	{"weight_grams", "", "Weight", func(v float64) (string, string) { return decimals(v/1000, 1), "kg" }},
	{"fat_ratio", "", "Fat", func(v float64) (string, string) { return decimals(v*100, 1), "%" }},
	{"systolic_blood_pressure_mmhg", "", "Blood pressure", func(v float64) (string, string) { return decimals(v, 0), "mmHg" }},
	{"heart_pulse_beats_per_minute", "", "Pulse", func(v float64) (string, string) { return decimals(v, 0), "bpm" }},
	{"sleep_total_seconds", "", "Sleep", func(v float64) (string, string) { return hours(v), "h" }},
	{"sleep_score", "", "Sleep score", func(v float64) (string, string) { return decimals(v, 0), "" }},
	{"activity_steps", "today", "Steps today", func(v float64) (string, string) { return decimals(v, 0), "" }},
	{"in_bed", "", "In bed", func(v float64) (string, string) { return map[bool]string{true: "yes", false: "no"}[v != 0], "" }},
}

const diastolic = "diastolic_blood_pressure_mmhg"

// glance picks a few readings for the page. Both blood pressures are shown as one if
// they were measured together.
func glance(samples []exporter.Sample) []web.Reading {
	find := func(metric string, labels exporter.Labels) (exporter.Sample, bool) {
		for _, s := range samples {
			if s.Metric.Name == metric && s.Labels == labels {
				return s, true
			}
		}
		return exporter.Sample{}, false
	}
	var all []web.Reading
	for _, g := range glances {
		s, ok := find(g.metric, g.labels)
		if !ok {
			continue
		}
		value, unit := g.show(s.Value.Float())
		if lower, ok := find(diastolic, ""); ok && g.label == "Blood pressure" && lower.Measured.Equal(s.Measured) {
			value += "/" + decimals(lower.Value.Float(), 0)
		}
		all = append(all, web.Reading{Label: g.label, Value: value, Unit: unit, At: s.Measured})
	}
	return all
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

func decimals(v float64, n int) string { return strconv.FormatFloat(v, 'f', n, 64) }

// hours writes seconds as 7:05.
func hours(v float64) string {
	d := time.Duration(v) * time.Second
	return fmt.Sprintf("%d:%02d", int(d.Hours()), int(d.Minutes())%60)
}
