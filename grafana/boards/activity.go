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
			{title: "Days · $profile", each: true, panels: []panel{
				sized(18, 11, b.stepping("Steps")),
				b.lastDays("Last steps", "activity_steps", stepColor, needs, 5),
				under(b.lastDays("Last distance", "activity_distance_meters", blue, needs, 3)),
				under(b.lastDays("Last climb", "activity_elevation_meters", orange, needsWatch, 3)),
				b.energy(needs),
				stacked(bars, panel{title: "Intensity", w: 12, h: 9, needs: needs, min: new(0.0), about: "Moderate and intense activity of each day; light activity is in the table below.",
					asks: []ask{b.measured("Moderate", "activity_moderate_seconds").paint(yellow), b.measured("Intense", "activity_intense_seconds").paint(red)}}),
				b.weekOfActivity(needs),
				stacked(bars, panel{title: "Heart-rate zones", w: 12, h: 9, needs: needsWatch, min: new(0.0), about: "Time of each day in the higher heart-rate zones. The light zone is the rest of the day.",
					asks: []ask{
						b.measured("Moderate", "activity_heart_rate_zone_moderate_seconds").paint(green),
						b.measured("Intense", "activity_heart_rate_zone_intense_seconds").paint(orange),
						b.measured("Maximal", "activity_heart_rate_zone_maximal_seconds").paint(red)}}),
				b.span("Heart rate", "Lowest, mean and highest heart rate of each day.", "activity_heart_rate_%s_beats_per_minute", heartColor, needsWatch),
				days(panel{title: "Distance", w: 6, h: 8, needs: needs, min: new(0.0), about: "Distance of each day.",
					asks: []ask{b.measured("Distance", "activity_distance_meters").paint(blue).as(bars)}}),
				days(panel{title: "Climbed", w: 6, h: 8, needs: needsWatch, min: new(0.0), about: "Height climbed each day.",
					asks: []ask{b.measured("Climbed", "activity_elevation_meters").paint(orange).as(bars)}}),
			}},
			{title: "Workouts · $profile", each: true, panels: []panel{b.workouts()}},
			b.rest("activity"),
			b.rest("workout"),
		},
	}
}

// stepping is the steps of days with their mean and the goal.
func (b build) stepping(title string) panel {
	return b.goalLine(days(panel{title: title, needs: needsTracker, min: new(0.0), about: "Steps of each day, the mean of a week, and the goal. " + aboutMeans,
		asks: []ask{b.measured("Day", "activity_steps").paint(stepColor).as(bars), b.average("7-day mean", "activity_steps", 7).paint(blue).as(bold)}}), "goal_steps")
}

// lastDays is the day so far beside the day before, which says more in the
// morning.
func (b build) lastDays(title, row, color, needs string, h uint32) panel {
	return lettered(12, 14+2*float64(h), named(tile(panel{title: title, w: 6, h: h, needs: needs, colors: dashboard.FieldColorModeIdFixed, fixed: color,
		about: "The day so far, and the day before.", asks: []ask{b.soFar(row), b.finished(row)}})))
}

// energy splits the day's energy.
func (b build) energy(needs string) panel {
	return stacked(bars, panel{title: "Energy", w: 12, h: 9, needs: needs, min: new(0.0), about: "Energy of each day, at rest and from activity.",
		asks: []ask{b.less("At rest", "activity_total_energy_joules", "activity_energy_joules").paint(grey),
			b.measured("Active", "activity_energy_joules").paint(energyColor)}})
}

// weekOfActivity is what the World Health Organization asks for.
func (b build) weekOfActivity(needs string) panel {
	p := days(panel{title: "Activity of a week", w: 12, h: 9, needs: needs, min: new(0.0), thresholds: bands("transparent", from(150, green)),
		about: "Moderate and intense activity of the past seven days. The line is the minimum that WHO recommends: 150 minutes of moderate activity a week, or 75 of intense.",
		asks:  []ask{b.week("Moderate", "activity_moderate_seconds").paint(yellow), b.week("Intense", "activity_intense_seconds").paint(red), b.week("Both", "activity_active_seconds").paint(green).as(bold)}})
	return dashedAt(p)
}
