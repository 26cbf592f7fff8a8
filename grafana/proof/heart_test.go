package proof

import "withings-exporter/exporter"

const (
	upper = "systolic_blood_pressure_mmhg"
	lower = "diastolic_blood_pressure_mmhg"
	pulse = "heart_pulse_beats_per_minute"
)

// Limits of ESC 2024 for readings at home.
var (
	elevated     = [2]float64{120, 70}
	hypertension = [2]float64{135, 85}
)

// heart is what the dashboard Heart must show.
func heart(h asked) []entry {
	const velocity, oxygen = "pulse_wave_velocity_meters_per_second", "spo2_ratio"
	all := append([]entry{
		{"Mean of 7 days, mmHg", "Systolic", h.meanPressure(upper, 7)},
		{"Mean of 7 days, mmHg", "Diastolic", h.meanPressure(lower, 7)},
		{"Mean of 7 days, mmHg", "Readings", h.pressuresCounted(7)},
		{"Class of 7 days", "Class", h.classed(7)},
		{"At or above 135/85", "Share", h.reaching(hypertension, 30)},
		{"Systolic", "Reading", h.daily(upper)},
		{"Systolic", "7-day trend", h.mean(upper, 7)},
		{"Systolic", "30-day trend", h.mean(upper, 30)},
		{"Diastolic", "Reading", h.daily(lower)},
		{"Diastolic", "7-day trend", h.mean(lower, 7)},
		{"Diastolic", "30-day trend", h.mean(lower, 30)},
		{"Morning against evening", "Morning, systolic", h.half(upper, morning)},
		{"Morning against evening", "Evening, systolic", h.half(upper, evening)},
		{"Morning against evening", "Morning, diastolic", h.half(lower, morning)},
		{"Morning against evening", "Evening, diastolic", h.half(lower, evening)},
		{"Readings of 30 days, by range", "Non-elevated", h.inRange([2]float64{}, elevated)},
		{"Readings of 30 days, by range", "Elevated", h.inRange(elevated, hypertension)},
		{"Readings of 30 days, by range", "Hypertension", h.inRange(hypertension, [2]float64{})},
		{"Pulse pressure", "Reading", h.less(upper, lower)},
		{"Pulse", "Reading", h.daily(pulse)},
		{"Pulse", "30-day mean", h.mean(pulse, 30)},
		{"Pulse wave velocity", "Reading", h.daily(velocity)},
		{"Pulse wave velocity", "30-day mean", h.mean(velocity, 30)},
		{"Blood oxygen", "Reading", h.daily(oxygen)},
		{"Blood oxygen", "30-day mean", h.mean(oxygen, 30)},
		{"ECG intervals", "QRS", h.daily("ecg_qrs_interval_seconds")},
		{"ECG intervals", "PR", h.daily("ecg_pr_interval_seconds")},
		{"ECG intervals", "QT", h.daily("ecg_qt_interval_seconds")},
		{"ECG intervals", "QTc", h.daily("ecg_corrected_qt_interval_seconds")},
		{"Rhythm", "ECG", h.result("ecg_atrial_fibrillation_class")},
		{"Rhythm", "Background", h.result("ppg_atrial_fibrillation_class")},
	}, ofRecordings(h)...)
	return append(all, h.everything("heart and vessels", exporter.GroupHeart)...)
}
