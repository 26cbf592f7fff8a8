package boards

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// activity is what was done by day, and the workouts.
func (b build) activity() board {
	const (
		needs      = needsTracker
		needsWatch = "Needs a watch"
	)
	return board{
		slug: "activity", title: "Activity", from: "now-90d", refresh: "5m", whose: []string{"activity_steps", workoutEnd},
		about: "Steps, energy, intensity and heart-rate zones of each day, and the workouts.",
		rows: []row{
			{title: "Days · $profile", whose: []string{"activity_steps"}, panels: []panel{
				sized(18, 11, b.stepping("Steps")),
				b.lastDays("Steps today", "activity_steps", stepColor, needs, 6),
				under(b.lastDays("Distance today", "activity_distance_meters", distanceColor, needs, 5)),
				b.weekOfActivity(needs),
				b.intensity(needs),
				b.energy(needs),
				days(panel{title: "Distance", w: 12, h: 9, needs: needs, min: new(0.0), about: "Distance of each day. " + aboutLong,
					asks: []ask{b.bar("Distance", "activity_distance_meters").paint(distanceColor)}}),
			}},
			{title: "Records · $profile", whose: []string{"activity_steps"}, panels: []panel{
				sized(6, 8, b.streaks("Step goal in a row", "activity_steps", "goal_steps", "No goal, or no steps here")),
				sized(9, 8, b.bestDays("Best days", "activity_steps", needs)),
				sized(9, 8, b.bestWeeks("Best weeks", "activity_steps", needs)),
				sized(8, 4, b.yearTotals("Steps this year", "activity_steps", stepColor, needs)),
				sized(8, 4, b.yearTotals("Distance this year", "activity_distance_meters", distanceColor, needs)),
				sized(8, 4, b.yearTotals("Active energy this year", "activity_energy_joules", energyColor, needs)),
			}},
			{title: "Workouts · $profile", whose: []string{workoutEnd}, panels: []panel{b.kinds(), b.workouts()}},
			{title: "Climbing · $profile", whose: []string{"activity_elevation_meters"}, panels: []panel{
				days(panel{title: "Climbed", w: 12, h: 9, needs: needsTracker, min: new(0.0), about: "Height climbed each day. " + aboutLong,
					asks: []ask{b.bar("Climbed", "activity_elevation_meters").paint(climbColor)}}),
				sized(12, 5, b.lastDays("Climbed today", "activity_elevation_meters", climbColor, needsTracker, 5)),
				under(sized(12, 4, b.yearTotals("Climbed this year", "activity_elevation_meters", climbColor, needsTracker))),
			}},
			{title: "Heart rate · $profile", whose: []string{"activity_heart_rate_average_beats_per_minute"}, panels: []panel{
				b.span("Heart rate", "Lowest, mean and highest heart rate of each day.", "activity_heart_rate_%s_beats_per_minute", heartColor, needsWatch),
				b.zones(needsWatch),
			}},
			b.rest("activity"),
			b.rest("workout"),
		},
	}
}

// stepping is the steps of days, in the colour of a goal that was met, with their
// mean.
func (b build) stepping(title string) panel {
	p := days(panel{title: title, needs: needsTracker, min: new(0.0),
		about: "Steps of each day, the mean of a week, and the goal: bars that reach it are green. The mean ends yesterday. " + aboutLong,
		asks:  append(b.barred("Steps", "activity_steps", "goal_steps", stepColor), b.over("activity_steps"))})
	return b.goalLine(p, "goal_steps")
}

// lastDays is the day so far beside the day before, which says more in the
// morning.
func (b build) lastDays(title, row, color, needs string, h uint32) panel {
	return lettered(12, 14+2*float64(h), named(tile(panel{title: title, w: 6, h: h, needs: needs, daily: true, colors: dashboard.FieldColorModeIdFixed, fixed: color,
		about: "Today so far, and yesterday.", asks: []ask{b.soFar(row), b.finished(row)}})))
}

// energy splits the day's energy.
func (b build) energy(needs string) panel {
	return stacked(bars, panel{title: "Energy", w: 12, h: 9, needs: needs, min: new(0.0), about: "Energy of each day, at rest and from activity. " + aboutLong,
		asks: []ask{b.barLess("At rest", "activity_total_energy_joules", "activity_energy_joules").paint(restColor),
			b.bar("Active", "activity_energy_joules").paint(energyColor)}})
}

// intensity is what WHO counts.
func (b build) intensity(needs string) panel {
	return stacked(bars, panel{title: "Intensity", w: 12, h: 9, needs: needs, min: new(0.0),
		about: "Moderate and intense activity of each day; light activity is at the end, under everything about the day. " + aboutLong,
		asks:  []ask{b.bar("Moderate", "activity_moderate_seconds").paint(moderateColor), b.bar("Intense", "activity_intense_seconds").paint(intenseColor)}})
}

// zones are those of the heart rate.
func (b build) zones(needs string) panel {
	return stacked(bars, panel{title: "Heart-rate zones", w: 12, h: 8, needs: needs, min: new(0.0),
		about: "Time of each day in the higher heart-rate zones. The light zone is the rest of the day. " + aboutLong,
		asks: []ask{
			b.bar("Moderate", "activity_heart_rate_zone_moderate_seconds").paint(moderateColor),
			b.bar("Intense", "activity_heart_rate_zone_intense_seconds").paint(intenseColor),
			b.bar("Maximal", "activity_heart_rate_zone_maximal_seconds").paint(maximalColor)}})
}

// weekOfActivity is what the World Health Organization asks for.
func (b build) weekOfActivity(needs string) panel {
	intense := b.series("activity_intense_seconds")
	p := days(panel{title: "Activity of a week", w: 12, h: 9, needs: needs, min: new(0.0), thresholds: bands("transparent", from(150, goalColor)),
		about: "Seven days up to each day that is over, as WHO counts them: a minute of intense activity is two. The line is the least that WHO recommends, 150 minutes of moderate activity a week or 75 of intense.",
		asks: []ask{{series: intense, name: "Moderate + 2 × intense", text: b.vigour(b.series("activity_moderate_seconds"), intense), look: bold, color: meanColor},
			b.week("Moderate", "activity_moderate_seconds").paint(moderateColor), b.week("Intense", "activity_intense_seconds").paint(intenseColor)}})
	return dashedAt(p)
}
