package proof

// together is what the dashboard Together must show of one person.
func together(h asked) []entry {
	all := []entry{
		{"Steps", "Goal met", h.againstGoal("activity_steps", "goal_steps", true)},
		{"Steps", "Steps", h.againstGoal("activity_steps", "goal_steps", false)},
		{"Steps", "7-day mean", h.mean("activity_steps", 7)},
		{"Steps", "Goal", h.aim("activity_steps", "goal_steps")},
		{"Sleep", "Night", hours(h.daily("sleep_total_seconds"))},
		{"Sleep", "7-day mean", hours(h.mean("sleep_total_seconds", 7))},
		{"Sleep", "Goal", hours(h.aim("sleep_total_seconds", "goal_sleep_seconds"))},
		{"Weight", "Weigh-in", h.daily("weight_grams")},
		{"Weight", "7-day mean", h.mean("weight_grams", 7)},
		{"Weight", "Goal", h.aim("weight_grams", "goal_weight_grams")},
		{"Blood pressure", "Systolic", h.mean(upper, 7)},
		{"Blood pressure", "Diastolic", h.mean(lower, 7)},
	}
	for _, column := range []entry{
		{"Everybody", "Steps", h.lately("activity_steps", 7)},
		{"Everybody", "Step goal", h.fulfilled("activity_steps", "goal_steps", 7)},
		{"Everybody", "Most steps", h.complete("activity_steps").highest()},
		{"Everybody", "Active", minutes(h.lately("activity_active_seconds", 7))},
		{"Everybody", "Asleep", hours(h.lately("sleep_total_seconds", 7))},
		{"Everybody", "Sleep goal", h.fulfilled("sleep_total_seconds", "goal_sleep_seconds", 7)},
		{"Everybody", "Longest night", hours(h.daily("sleep_total_seconds")).highest()},
		{"Everybody", "Resting", h.lately(resting, 7)},
		{"Everybody", "Systolic", h.meanPressure(upper, 7)},
		{"Everybody", "Diastolic", h.meanPressure(lower, 7)},
		{"Everybody", "Weight, change", change(h.moved("weight_grams"), 1000, 2)},
	} {
		cells := map[string]any{}
		if number := column.want.number; number != nil {
			cells[h.person] = *number
		}
		column.want = right{key: "Person", cells: cells, step: column.want.step}
		all = append(all, column)
	}
	return all
}

// highest is the highest of the values of days.
func (r right) highest() right {
	var most *float64
	for _, number := range r.days {
		if most == nil || number > *most {
			most = &number
		}
	}
	return right{number: most}
}
