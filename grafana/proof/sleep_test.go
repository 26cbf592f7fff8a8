package proof

import "withings-exporter/exporter"

// sleep is what the dashboard Sleep must show.
func sleep(h asked) []entry {
	const begin, end = "sleep_start_timestamp_seconds", "sleep_end_timestamp_seconds"
	asleep := func(night *record) float64 { n, _ := night.of("sleep_total_seconds"); return n / 3600 }
	all := append([]entry{
		{"Nights", "Deep", hours(h.daily("sleep_deep_seconds"))},
		{"Nights", "REM", hours(h.daily("sleep_rem_seconds"))},
		{"Nights", "Light", hours(h.daily("sleep_light_seconds"))},
		{"Nights", "Awake", hours(h.daily("sleep_wakeup_seconds"))},
		{"Last score", "Score", h.latest("sleep_score")},
		{"Efficiency", "Efficiency", h.latest("sleep_efficiency_ratio")},
		{"Bedtimes", "Clock", h.clock(begin)},
		{"Bedtimes", "In bed", hours(h.less(end, begin))},
		{"Bedtimes", "To bed", millis(h.daily(begin))},
		{"Bedtimes", "Up", millis(h.daily(end))},
		{"Weekdays and weekends", "Nights", h.weekends(asleep, true)},
		{"Weekdays and weekends", "Asleep", h.weekends(asleep, false)},
		{"Weekdays and weekends", "To bed", h.weekends(func(n *record) float64 { return h.onAWinterDay(n.start, 0) }, false)},
		{"Weekdays and weekends", "Up", h.weekends(func(n *record) float64 { return h.onAWinterDay(n.end, 12) }, false)},
		{"Sleep debt", "Debt", hours(h.debt("sleep_total_seconds", "goal_sleep_seconds"))},
		{"Score", "Night", h.daily("sleep_score")},
		{"Score", "7-day mean", h.mean("sleep_score", 7)},
		{"Time in bed", "In bed", hours(h.daily("sleep_time_in_bed_seconds"))},
		{"Time in bed", "Asleep", hours(h.daily("sleep_total_seconds"))},
		{"Time in bed", "Asleep, 7-day mean", hours(h.mean("sleep_total_seconds", 7))},
		{"Time in bed", "Goal", hours(h.aim("sleep_total_seconds", "goal_sleep_seconds"))},
		{"Regularity", "Shift", minutes(h.shift())},
		{"Falling asleep and waking up", "To fall asleep", minutes(h.daily("sleep_latency_seconds"))},
		{"Falling asleep and waking up", "To get up", minutes(h.daily("sleep_wakeup_latency_seconds"))},
		{"Falling asleep and waking up", "Awake in between", minutes(h.daily("sleep_awake_after_onset_seconds"))},
		{"Heart rate", "Lowest", h.daily("sleep_heart_rate_min_beats_per_minute")},
		{"Heart rate", "Mean", h.daily("sleep_heart_rate_average_beats_per_minute")},
		{"Heart rate", "Highest", h.daily("sleep_heart_rate_max_beats_per_minute")},
		{"Breathing", "Lowest", h.daily("sleep_respiratory_rate_min_breaths_per_minute")},
		{"Breathing", "Mean", h.daily("sleep_respiratory_rate_average_breaths_per_minute")},
		{"Breathing", "Highest", h.daily("sleep_respiratory_rate_max_breaths_per_minute")},
		{"Heart-rate variability", "Beginning", h.daily("sleep_rmssd_start_average_seconds")},
		{"Heart-rate variability", "End", h.daily("sleep_rmssd_end_average_seconds")},
		{"Heart-rate variability", "Night", h.daily("sleep_rmssd_seconds")},
		{"Temperature", "Core, mean", h.daily("sleep_core_body_temperature_average_celsius")},
		{"Temperature", "Skin", h.daily("sleep_skin_temperature_celsius")},
		{"Snoring", "Snoring", minutes(h.daily("sleep_snoring_seconds"))},
		{"Snoring", "Breathing sounds", minutes(h.daily("sleep_breathing_sounds_seconds"))},
		{"Breathing disturbances", "Disturbances", h.daily("sleep_breathing_disturbances_intensity")},
		{"Breathing disturbances", "Apnea-hypopnea index", h.daily("sleep_apnea_hypopnea_index_events_per_hour")},
		{"Waking up and getting up", "Woken up", h.daily("sleep_wakeups")},
		{"Waking up and getting up", "Out of bed", h.daily("sleep_out_of_bed")},
		{"Naps", "Naps", minutes(h.naps())},
	}, ofPresence(h)...)
	return append(all, h.everything("the last night", exporter.GroupSleep)...)
}
