package boards

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// together shows people side by side: one table of all, then for each thing a chart
// of each person who measures it.
func (b build) together() board {
	beside := func(title, measured string, p panel) row {
		p.title = title + " · $profile"
		return row{title: title, whose: []string{measured}, beside: true, panels: []panel{sized(columnsOfBoard, 8, p)}}
	}
	return board{
		slug: "together", title: "Together", from: "now-90d", refresh: "15m",
		about: "People side by side: weeks, changes and records of each.",
		rows: []row{
			{panels: []panel{
				note(columnsOfBoard, 3, "", "Who sees this dashboard.",
					"**Whoever may open this dashboard sees everybody's numbers.** Give its folder permissions, or delete it where not everybody agrees."),
				b.everybody()}},
			beside("Steps", "activity_steps", b.stepping("")),
			beside("Sleep", "sleep_total_seconds", b.goalLine(days(panel{needs: needsNight, min: new(0.0), about: "Time asleep of each night, the mean of a week, and the goal. " + aboutMeans,
				asks: []ask{b.measured("Night", "sleep_total_seconds").paint(deepColor).as(bars), b.average("7-day mean", "sleep_total_seconds", 7).paint(meanColor).as(bold)}}), "goal_sleep_seconds")),
			beside("Weight", weight, b.weights()),
			beside("Blood pressure", systolic, days(panel{needs: needsCuff, about: "Trends of 7 days. Not a diagnosis. " + aboutTrends,
				asks: []ask{b.average("Systolic", systolic, 7).paint(upperColor).as(bold), b.average("Diastolic", diastolic, 7).paint(lowerColor).as(bold)}})),
		},
	}
}

// everybody is a table with a line for each person. Every answer is one value of a
// person, or the days of which the highest counts.
func (b build) everybody() panel {
	const person = "Person"
	p := columns(person, panel{title: "Everybody", w: columnsOfBoard, h: 7, needs: needsAny, daily: true, unit: "none",
		about: "Means are of the last seven days; of what is counted over a day, up to yesterday; of blood pressure, of all readings. Weight since the first day shown is the change of its 7-day mean; the records are the highest in the time shown. Green where the goal was met."})
	o := p.options.(table.Options)
	o.SortBy[0].Desc = new(false)
	p.options = o
	p.overrides = []override{{name: person, properties: map[string]any{"custom.align": "left", "unit": "string",
		"links": []link{{"Overview", b.whoever("overview", "${__value.text:percentencode}") + "&${__url_time_range}"}}}}}
	order, names := map[string]any{matrixCorner: 0}, map[string]any{matrixCorner: person}
	column := func(a ask, properties map[string]any) {
		properties["noValue"] = "–"
		a.cell = true
		p.asks = append(p.asks, a.as(line))
		p.overrides = append(p.overrides, override{name: a.name, properties: properties})
		order[a.name] = len(p.asks)
	}
	plain := func(a ask) { column(a, map[string]any{"custom.minWidth": 90}) }
	plain(b.lately("Steps", "activity_steps", 7))
	column(b.fulfilment("Step goal", "activity_steps", "goal_steps", 7), gauged())
	record := b.finished("activity_steps")
	record.name = "Most steps"
	plain(record)
	plain(b.lately("Active", "activity_active_seconds", 7))
	plain(b.lately("Asleep", "sleep_total_seconds", 7))
	column(b.fulfilment("Sleep goal", "sleep_total_seconds", "goal_sleep_seconds", 7), gauged())
	plain(b.measured("Longest night", "sleep_total_seconds"))
	plain(b.lately("Resting", resting, 7))
	plain(b.lately("Systolic", systolic, 7))
	plain(b.lately("Diastolic", diastolic, 7))
	moved := b.change(weight)
	moved.name, moved.shown = "Weight, change", ""
	column(moved, map[string]any{"custom.align": "right", "custom.minWidth": 190, "displayName": "Weight since " + sinceWhen})
	p.transforms = []dashboard.DataTransformerConfig{
		{Id: "reduce", Options: map[string]any{"reducers": []any{"max"}, "mode": "seriesToRows", "labelsToFields": false, "includeTimeField": false}},
		{Id: "extractFields", Options: map[string]any{"source": "Field", "format": "json", "replace": false, "keepTime": false}},
		{Id: "groupingToMatrix", Options: map[string]any{"columnField": "what", "rowField": "who", "valueField": "Max", "emptyValue": "null"}},
		converted(conversion{column: moved.name, to: "string"}), // words may have a sign,
		organized(nil, order, names),
	}
	return p
}

// matrixCorner is the name that Grafana gives the column of people.
const matrixCorner = `who\what`

// gauged is a cell that is full, and green, when a goal is met.
func gauged() map[string]any {
	return map[string]any{
		"custom.cellOptions": map[string]any{"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}, "min": 0, "max": 1, "custom.minWidth": 110,
		"thresholds": dashboard.ThresholdsConfig{Mode: dashboard.ThresholdsModeAbsolute, Steps: bands(missedColor, from(1, metColor))},
		"color":      dashboard.FieldColor{Mode: dashboard.FieldColorModeIdThresholds}}
}
