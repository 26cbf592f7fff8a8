package proof

import "withings-exporter/exporter"

// activity is what the dashboard Activity must show.
func activity(h asked) []entry {
	const steps, distance, climb, energy = "activity_steps", "activity_distance_meters", "activity_elevation_meters", "activity_energy_joules"
	const moderate, intense = "activity_moderate_seconds", "activity_intense_seconds"
	same := func(n float64) float64 { return n }
	over := func(by float64) func(float64) float64 { return func(n float64) float64 { return n / by } }
	now, longest := h.streaks(steps, "goal_steps")
	all := []entry{
		{"Steps", "Goal met", h.againstGoal(steps, "goal_steps", true)},
		{"Steps", "Steps", h.againstGoal(steps, "goal_steps", false)},
		{"Steps", "7-day mean", h.mean(steps, 7)},
		{"Steps", "Goal", h.aim("activity_steps", "goal_steps")},
		{"Steps today", "Today", h.soFar(steps)},
		{"Steps today", "Yesterday", h.complete(steps)},
		{"Distance today", "Today", h.soFar(distance)},
		{"Distance today", "Yesterday", h.complete(distance)},
		{"Climbed today", "Today", h.soFar(climb)},
		{"Climbed today", "Yesterday", h.complete(climb)},
		{"Energy", "At rest", kcal(h.less("activity_total_energy_joules", energy))},
		{"Energy", "Active", kcal(h.daily(energy))},
		{"Intensity", "Moderate", minutes(h.daily(moderate))},
		{"Intensity", "Intense", minutes(h.daily(intense))},
		{"Activity of a week", "Moderate", minutes(h.sum(moderate, 7))},
		{"Activity of a week", "Intense", minutes(h.sum(intense, 7))},
		{"Activity of a week", "Moderate + 2 × intense", minutes(h.vigour(moderate, intense))},
		{"Heart-rate zones", "Moderate", minutes(h.daily("activity_heart_rate_zone_moderate_seconds"))},
		{"Heart-rate zones", "Intense", minutes(h.daily("activity_heart_rate_zone_intense_seconds"))},
		{"Heart-rate zones", "Maximal", minutes(h.daily("activity_heart_rate_zone_maximal_seconds"))},
		{"Heart rate", "Lowest", h.daily("activity_heart_rate_min_beats_per_minute")},
		{"Heart rate", "Mean", h.daily("activity_heart_rate_average_beats_per_minute")},
		{"Heart rate", "Highest", h.daily("activity_heart_rate_max_beats_per_minute")},
		{"Distance", "Distance", h.daily(distance)},
		{"Climbed", "Climbed", h.daily(climb)},
		{"Step goal in a row", "Now", now},
		{"Step goal in a row", "Longest", longest},
		{"Best days", "Steps", h.bestDays("Day", steps)},
		{"Best weeks", "Steps", h.bestWeeks("Week from", steps)},
		{"Steps this year", "This year", h.yearToDate(steps, 0)},
		{"Steps this year", "By now last year", h.yearToDate(steps, 1)},
		{"Steps this year", "Difference", change(h.ahead(steps), 1, 0)},
		{"Distance this year", "This year", rounded(h.yearToDate(distance, 0), 1000)},
		{"Distance this year", "By now last year", rounded(h.yearToDate(distance, 1), 1000)},
		{"Distance this year", "Difference", change(h.ahead(distance), 1000, 0)},
		{"Climbed this year", "This year", rounded(h.yearToDate(climb, 0), 1)},
		{"Climbed this year", "By now last year", rounded(h.yearToDate(climb, 1), 1)},
		{"Climbed this year", "Difference", change(h.ahead(climb), 1, 0)},
		{"Active energy this year", "This year", rounded(h.yearToDate(energy, 0), 4184)},
		{"Active energy this year", "By now last year", rounded(h.yearToDate(energy, 1), 4184)},
		{"Active energy this year", "Difference", change(h.ahead(energy), 4184, 0)},
		{"Workouts by kind", "Workouts", h.kindsOf(func(*record) float64 { return 1 })},
		{"Workouts by kind", "Time", h.kindsOf(summed("workout_duration_seconds", 3600))},
		{"Workouts by kind", "Distance", h.kindsOf(summed("workout_distance_meters", 1))},
		{"Workouts by kind", "Energy", h.kindsOf(summed("workout_energy_joules", 4184))},
		{"Workouts", "Workout", h.workout("workout_category", same)},
		{"Workouts", "End", h.workout("workout_end_timestamp_seconds", func(n float64) float64 { return n * 1000 })},
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
