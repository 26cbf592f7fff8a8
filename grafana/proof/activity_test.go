package proof

import "withings-exporter/exporter"

// activity is what the dashboard Activity must show.
func activity(h asked) []entry {
	const steps, distance, climb, energy = "activity_steps", "activity_distance_meters", "activity_elevation_meters", "activity_energy_joules"
	const moderate, intense = "activity_moderate_seconds", "activity_intense_seconds"
	same := func(n float64) float64 { return n }
	over := func(by float64) func(float64) float64 { return func(n float64) float64 { return n / by } }
	all := []entry{
		{"Steps", "Day", h.daily(steps)},
		{"Steps", "7-day mean", h.mean(steps, 7)},
		{"Steps", "Goal", h.aim("activity_steps", "goal_steps")},
		{"Last steps", "Today", h.soFar(steps)},
		{"Last steps", "Yesterday", h.complete(steps)},
		{"Last distance", "Today", h.soFar(distance)},
		{"Last distance", "Yesterday", h.complete(distance)},
		{"Last climb", "Today", h.soFar(climb)},
		{"Last climb", "Yesterday", h.complete(climb)},
		{"Energy", "At rest", kcal(h.less("activity_total_energy_joules", energy))},
		{"Energy", "Active", kcal(h.daily(energy))},
		{"Intensity", "Moderate", minutes(h.daily(moderate))},
		{"Intensity", "Intense", minutes(h.daily(intense))},
		{"Activity of a week", "Moderate", minutes(h.sum(moderate, 7))},
		{"Activity of a week", "Intense", minutes(h.sum(intense, 7))},
		{"Activity of a week", "Both", minutes(h.sum("activity_active_seconds", 7))},
		{"Heart-rate zones", "Moderate", minutes(h.daily("activity_heart_rate_zone_moderate_seconds"))},
		{"Heart-rate zones", "Intense", minutes(h.daily("activity_heart_rate_zone_intense_seconds"))},
		{"Heart-rate zones", "Maximal", minutes(h.daily("activity_heart_rate_zone_maximal_seconds"))},
		{"Heart rate", "Lowest", h.daily("activity_heart_rate_min_beats_per_minute")},
		{"Heart rate", "Mean", h.daily("activity_heart_rate_average_beats_per_minute")},
		{"Heart rate", "Highest", h.daily("activity_heart_rate_max_beats_per_minute")},
		{"Distance", "Distance", h.daily(distance)},
		{"Climbed", "Climbed", h.daily(climb)},
		{"Workouts", "Workout", h.workout("workout_category", same)},
		{"Workouts", "Duration", h.workout("workout_duration_seconds", over(60))},
		{"Workouts", "Distance", h.workout("workout_distance_meters", same)},
		{"Workouts", "Climbed", h.workout("workout_elevation_meters", same)},
		{"Workouts", "Energy", h.workout("workout_energy_joules", over(4184))},
		{"Workouts", "Steps", h.workout("workout_steps", same)},
		{"Workouts", "Mean heart rate", h.workout("workout_heart_rate_average_beats_per_minute", same)},
		{"Workouts", "Highest heart rate", h.workout("workout_heart_rate_max_beats_per_minute", same)},
		{"Workouts", "Intensity", h.workout("workout_intensity", same)},
	}
	all = append(all, h.everything("the day", exporter.GroupActivity)...)
	return append(all, h.everything("the last workout", exporter.GroupWorkout)...)
}
