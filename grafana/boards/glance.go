package boards

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
)

// resting is the row that is shown as the resting heart rate.
const resting = "sleep_heart_rate_min_beats_per_minute"

// daysAtAGlance is how many days the table shows.
const daysAtAGlance = 7

// daysTable is a line for each of the last days with readings, and a gauge for each
// goal.
func (b build) daysTable() panel {
	p := columns("", panel{title: "Day by day", w: 24, h: 10, needs: needsAny, daily: true, unit: "none",
		about: "The last seven days with readings, today as far as it is. The gauges are steps and sleep as shares of their goals: green where the goal was met."})
	order, names := map[string]any{"Time": 0}, map[string]any{"Time": "Day"}
	p.overrides = append(p.overrides, override{name: "Day", properties: map[string]any{
		"unit": "time:ddd D MMM", "custom.width": 100, "custom.align": "left"}})
	column := func(a ask, properties map[string]any) {
		properties["noValue"] = "–"
		p.asks = append(p.asks, a.as(line))
		p.overrides = append(p.overrides, override{name: a.name, properties: properties})
		order[a.name] = len(p.asks)
	}
	number := func(name, row string) { column(b.measured(name, row), map[string]any{"custom.minWidth": 90}) }
	goal := func(name, row, goal string) {
		column(ask{series: series{scale: share}, name: name, text: b.ofGoal(b.series(row), b.series(goal))}, gauged())
	}
	number("Steps", "activity_steps")
	goal("Step goal", "activity_steps", "goal_steps")
	number("Active", "activity_active_seconds")
	number("Asleep", "sleep_total_seconds")
	goal("Sleep goal", "sleep_total_seconds", "goal_sleep_seconds")
	number("Resting", resting)
	number("Systolic", systolic)
	number("Diastolic", diastolic)
	number("Weight", weight)
	p.transforms = []dashboard.DataTransformerConfig{joined(),
		sortedBy("Time", true),
		limited(daysAtAGlance),
		organized(nil, order, names)}
	return p
}

// weekMeans are the means of the week that lies behind.
func (b build) weekMeans() panel {
	asleep := b.lately("Asleep", "sleep_total_seconds", 7)
	asleep.scale = clock
	asleep.text = b.recent(asleep.series, 7)
	return listed(panel{title: "Means of 7 days", w: 12, h: 6, needs: needsAny,
		about: "Means of the last seven days; of what is counted over a day, up to yesterday. Blood pressure is the mean of all readings. " + "Of all else, each day with a reading counts once.",
		asks: []ask{
			b.lately("Steps", "activity_steps", 7).paint(stepColor), b.lately("Active", "activity_active_seconds", 7).paint(moderateColor),
			asleep.paint(deepColor), b.lately("Resting", resting, 7).paint(heartColor),
			b.lately("Systolic", systolic, 7).paint(upperColor), b.lately("Diastolic", diastolic, 7).paint(lowerColor),
			b.lately("Weight", weight, 7).paint(weightColor),
		}})
}

// weekGoals are those means as shares of their goals.
func (b build) weekGoals() panel {
	return gauges(panel{title: "Goals of 7 days", w: 12, h: 6, needs: "No goals for what is measured here: they are set in the Withings app", min: new(0.0), max: new(1.0),
		about:      "Means of the last seven days as shares of the goals that are set in the Withings app: green where the goal was met.",
		thresholds: bands(missedColor, from(1, metColor)), colors: dashboard.FieldColorModeIdThresholds,
		asks: []ask{b.fulfilment("Steps", "activity_steps", "goal_steps", 7), b.fulfilment("Sleep", "sleep_total_seconds", "goal_sleep_seconds", 7)}})
}

// listed are numbers one under the other, each beside its name, which fits a phone.
func listed(p panel) panel {
	p = tile(p)
	o := p.options.(stat.Options)
	o.Orientation, o.TextMode = common.VizOrientationHorizontal, common.BigValueTextModeValueAndName
	o.Text = &common.VizTextDisplayOptions{TitleSize: new(14.0), ValueSize: new(18.0)}
	p.options = o
	return p
}

// needsAny is said where everything may be missing.
const needsAny = "No data in this time. Fills with new readings, or at once with imported history"
