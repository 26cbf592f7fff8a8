package proof

// overview is what the dashboard Overview must show.
func overview(h asked) []entry {
	const resting = "sleep_heart_rate_min_beats_per_minute"
	return []entry{
		{"Weight", "Weight", h.daily("weight_grams")},
		{"Weight", "Goal", h.goal("goal_weight_grams")},
		{"Weight", "Change", change(h.moved("weight_grams"), 1000, 2)},
		{"Weight", "Measured", h.age("weight_grams")},
		{"Steps", "Today", h.soFar("activity_steps")},
		{"Steps", "Yesterday", h.complete("activity_steps")},
		{"Steps", "Goal", h.goal("goal_steps")},
		{"Steps", "Change", change(h.moved("activity_steps"), 1, 0)},
		{"Steps", "Measured", h.age("activity_steps")},
		{"Last night", "Asleep", h.daily("sleep_total_seconds")},
		{"Last night", "Goal", h.goal("goal_sleep_seconds")},
		{"Last night", "Score", h.latest("sleep_score")},
		{"Last night", "Measured", h.age("sleep_total_seconds")},
		{"Body fat", "Body fat", h.daily("fat_ratio")},
		{"Body fat", "Goal", h.goal("objective_fat_ratio")},
		{"Body fat", "Change", change(h.moved("fat_ratio"), 0.01, 1)},
		{"Body fat", "Measured", h.age("fat_ratio")},
		{"Blood pressure", "Systolic", h.daily(upper)},
		{"Blood pressure", "Diastolic", h.daily(lower)},
		{"Blood pressure", "Pulse", h.latest("heart_pulse_beats_per_minute")},
		{"Blood pressure", "Change", change(h.moved(upper), 1, 0)},
		{"Blood pressure", "Measured", h.age(upper)},
		{"Resting heart rate", "Resting heart rate", h.daily(resting)},
		{"Resting heart rate", "Mean", h.latest("sleep_heart_rate_average_beats_per_minute")},
		{"Resting heart rate", "Change", change(h.moved(resting), 1, 0)},
		{"Resting heart rate", "Measured", h.age(resting)},
		{"Weight, past weeks", "Weigh-in", h.daily("weight_grams")},
		{"Weight, past weeks", "7-day mean", h.mean("weight_grams", 7)},
		{"Weight, past weeks", "Goal", h.goal("goal_weight_grams")},
		{"Steps, past weeks", "Day", h.daily("activity_steps")},
		{"Steps, past weeks", "7-day mean", h.mean("activity_steps", 7)},
		{"Steps, past weeks", "Goal", h.goal("goal_steps")},
		{"Nights, past weeks", "Deep", hours(h.daily("sleep_deep_seconds"))},
		{"Nights, past weeks", "REM", hours(h.daily("sleep_rem_seconds"))},
		{"Nights, past weeks", "Light", hours(h.daily("sleep_light_seconds"))},
		{"Nights, past weeks", "Awake", hours(h.daily("sleep_wakeup_seconds"))},
	}
}
