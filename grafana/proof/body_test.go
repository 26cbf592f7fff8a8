package proof

import "withings-exporter/exporter"

// body is what the dashboard Body must show.
func body(h asked) []entry {
	const grams, goal = "weight_grams", "goal_weight_grams"
	all := []entry{
		{"Weight", "Weigh-in", h.daily(grams)},
		{"Weight", "14-day mean", h.mean(grams, 14)},
		{"Weight", "Goal", h.aim(grams, goal)},
		{"BMI", "BMI", h.bmi()},
		{"Change since " + firstShown, sinceWhen, change(h.moved(grams), 1000, 2)},
		{"Where the weight goes", "14-day mean", h.past(h.mean(grams, 14))},
		{"Where the weight goes", "At this pace", h.goingOn(grams, goal)},
		{"Where the weight goes", "To reach the goal in time", h.needed(grams, goal)},
		{"Where the weight goes", "Goal", h.goal(goal)},
		{"Goal reached", "Goal reached", h.reached(grams, goal)},
		{"Pace", "Now", change(h.pace(grams), 1000, 2)},
		{"Pace", "Needed", change(h.paceNeeded(grams, goal), 1000, 2)},
		{"Left to the goal", "Left", change(h.left(grams, goal), 1000, 2)},
		{"Change per week", "Change", change(h.weekly(grams), 1000, 2)},
		{"Temperature", "Body", h.daily("body_temperature_celsius")},
		{"Temperature", "Skin", h.daily("skin_temperature_celsius")},
		{"Temperature", "Kind unknown", h.daily("temperature_celsius")},
	}
	all = append(all, urine(h)...)
	return append(all, h.everything("the body", exporter.GroupBody)...)
}

// sinceWhen begins what says how far something moved; Grafana fills in the first day shown.
const (
	sinceWhen  = "Since " + firstShown
	firstShown = "${__from:date:D MMM YYYY}"
)
