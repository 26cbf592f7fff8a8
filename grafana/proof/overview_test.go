package proof

import (
	"maps"
	"slices"
	"time"
)

// resting is the resting heart rate: the lowest of the night.
const resting = "sleep_heart_rate_min_beats_per_minute"

// overview is what the dashboard Overview must show.
func overview(h asked) []entry {
	all := dayByDay(h)
	if h.source == "prometheus" { // InfluxDB does not know when steps were last counted
		all = append(all, entry{"Steps", "Measured", h.age("activity_steps")})
	}
	return append(all, []entry{
		{"Weight", "Weight", h.latest("weight_grams")},
		{"Weight", "Goal", h.aim("weight_grams", "goal_weight_grams")},
		{"Weight", sinceWhen, change(h.moved("weight_grams"), 1000, 2)},
		{"Weight", "Measured", h.age("weight_grams")},
		{"Steps", "Today", h.soFar("activity_steps")},
		{"Steps", "Yesterday", h.lately("activity_steps", 1)},
		{"Steps", "Goal", h.aim("activity_steps", "goal_steps")},
		{"Steps", sinceWhen, change(h.moved("activity_steps"), 1, 0)},
		{"Last night", "Asleep", h.latest("sleep_total_seconds")},
		{"Last night", "Goal", h.aim("sleep_total_seconds", "goal_sleep_seconds")},
		{"Last night", "Score", h.latest("sleep_score")},
		{"Last night", "Measured", h.age("sleep_total_seconds")},
		{"Body fat", "Body fat", h.latest("fat_ratio")},
		{"Body fat", "Goal", h.aim("fat_ratio", "objective_fat_ratio")},
		{"Body fat", sinceWhen, change(h.moved("fat_ratio"), 0.01, 1)},
		{"Body fat", "Measured", h.age("fat_ratio")},
		{"Blood pressure", "Systolic", h.latest(upper)},
		{"Blood pressure", "Diastolic", h.latest(lower)},
		{"Blood pressure", "Pulse", h.latest("heart_pulse_beats_per_minute")},
		{"Blood pressure", sinceWhen, change(h.moved(upper), 1, 0)},
		{"Blood pressure", "Measured", h.age(upper)},
		{"Resting heart rate", "Resting heart rate", h.latest(resting)},
		{"Resting heart rate", "Mean of the night", h.latest("sleep_heart_rate_average_beats_per_minute")},
		{"Resting heart rate", sinceWhen, change(h.moved(resting), 1, 0)},
		{"Resting heart rate", "Measured", h.age(resting)},
		{"Means of 7 days", "Steps", h.lately("activity_steps", 7)},
		{"Means of 7 days", "Active", minutes(h.lately("activity_active_seconds", 7))},
		{"Means of 7 days", "Asleep", h.lately("sleep_total_seconds", 7)},
		{"Means of 7 days", "Resting", h.lately(resting, 7)},
		{"Means of 7 days", "Systolic", h.meanPressure(upper, 7)},
		{"Means of 7 days", "Diastolic", h.meanPressure(lower, 7)},
		{"Means of 7 days", "Weight", h.lately("weight_grams", 7)},
		{"Goals of 7 days", "Steps", h.fulfilled("activity_steps", "goal_steps", 7)},
		{"Goals of 7 days", "Sleep", h.fulfilled("sleep_total_seconds", "goal_sleep_seconds", 7)},
		{"Weight, past weeks", "Weigh-in", h.daily("weight_grams")},
		{"Weight, past weeks", "7-day mean", h.mean("weight_grams", 7)},
		{"Weight, past weeks", "Goal", h.aim("weight_grams", "goal_weight_grams")},
		{"Steps, past weeks", "Goal met", h.againstGoal("activity_steps", "goal_steps", true)},
		{"Steps, past weeks", "Steps", h.againstGoal("activity_steps", "goal_steps", false)},
		{"Steps, past weeks", "7-day mean", h.mean("activity_steps", 7)},
		{"Steps, past weeks", "Goal", h.aim("activity_steps", "goal_steps")},
		{"Nights, past weeks", "Deep", hours(h.daily("sleep_deep_seconds"))},
		{"Nights, past weeks", "REM", hours(h.daily("sleep_rem_seconds"))},
		{"Nights, past weeks", "Light", hours(h.daily("sleep_light_seconds"))},
		{"Nights, past weeks", "Awake", hours(h.daily("sleep_wakeup_seconds"))},
	}...)
}

// dayByDay is a table of the last seven days on which anything was measured.
func dayByDay(h asked) []entry {
	columns := []entry{
		{"Day by day", "Steps", h.daily("activity_steps")},
		{"Day by day", "Step goal", h.ofGoal("activity_steps", "goal_steps")},
		{"Day by day", "Active", minutes(h.daily("activity_active_seconds"))},
		{"Day by day", "Asleep", hours(h.daily("sleep_total_seconds"))},
		{"Day by day", "Sleep goal", h.ofGoal("sleep_total_seconds", "goal_sleep_seconds")},
		{"Day by day", "Resting", h.daily(resting)},
		{"Day by day", "Systolic", h.daily(upper)},
		{"Day by day", "Diastolic", h.daily(lower)},
		{"Day by day", "Weight", h.daily("weight_grams")},
	}
	return h.newestDays(7, columns)
}

// newestDays makes columns of lines: those of the last so many days with a value.
func (a asked) newestDays(count int, columns []entry) []entry {
	known := map[string]bool{}
	for _, c := range columns {
		for day := range c.want.days {
			known[day] = true
		}
	}
	days := slices.Sorted(maps.Keys(known))
	days = days[max(0, len(days)-count):]
	for i, c := range columns {
		cells := map[string]any{}
		for _, day := range days {
			if number, has := c.want.days[day]; has {
				cells[written(a.midnight(day))] = number
			}
		}
		columns[i].want = right{key: "Day", cells: cells}
	}
	return columns
}

// midnight is when a day begins by the clock at the end of the time shown, in
// milliseconds.
func (a asked) midnight(day string) float64 {
	_, seconds := a.to.In(a.zone).Zone()
	at, err := time.ParseInLocation(time.DateOnly, day, time.FixedZone("", seconds))
	if err != nil {
		panic(err)
	}
	return float64(at.UnixMilli())
}

// lately is the mean of the last days, of totals without the running one.
func (a asked) lately(row string, count int) right {
	last := a.dateOf(a.to)
	if totals(row) && last == a.today() {
		last = after(last, -1)
	}
	sum, found := total(a.over(row), last, count)
	return one(sum/float64(found), found > 0)
}

// fulfilled is that mean as a share of a goal.
func (a asked) fulfilled(row, goal string, count int) right {
	return a.lately(row, count).of(a.goal(goal))
}

// aim is a goal where there is something of what it is for.
func (a asked) aim(row, goal string) right {
	if r, _ := a.newest(row, a.from); r == nil {
		return right{}
	}
	return a.goal(goal)
}

// ofGoal is the value of each day as a share of a goal.
func (a asked) ofGoal(row, goal string) right { return a.daily(row).of(a.goal(goal)) }

// of is a share of one number.
func (r right) of(whole right) right {
	if whole.number == nil {
		return right{}
	}
	return r.scaled(func(n float64) float64 { return n / *whole.number })
}
