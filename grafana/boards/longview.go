package boards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
)

// longView is years: lines, months beside each other, and every day as a square.
func (b build) longView() board {
	return board{
		slug: "longview", title: "Long view", from: "now-5y", refresh: "1h",
		about: "Months and years side by side, and a square for every day.",
		rows: []row{
			{title: "Years · $profile", each: true, panels: []panel{
				days(panel{title: "Weight", w: 12, h: 8, needs: needsScale, about: "Mean of 30 days. " + aboutMeans,
					asks: []ask{b.average("30-day mean", weight, 30).paint(weightColor).as(bold)}}),
				days(panel{title: "Steps", w: 12, h: 8, needs: needsTracker, about: "Mean of 30 days. " + aboutMeans,
					asks: []ask{b.average("30-day mean", "activity_steps", 30).paint(stepColor).as(bold)}}),
				days(panel{title: "Blood pressure", w: 12, h: 8, needs: "Needs a blood-pressure monitor", about: "Means of 30 days. " + aboutMeans,
					asks: []ask{b.average("Systolic", systolic, 30).paint(upperColor).as(bold), b.average("Diastolic", diastolic, 30).paint(lowerColor).as(bold)}}),
				days(panel{title: "Sleep and heart rate at night", w: 12, h: 8, needs: needsNight, about: "Means of 30 days: time asleep, and the lowest heart rate on the right. " + aboutMeans,
					asks: []ask{b.average("Asleep", "sleep_total_seconds", 30).paint(deepColor).as(bold),
						b.average("Heart rate", "sleep_heart_rate_min_beats_per_minute", 30).paint(heartColor).as(bold)}}),
			}},
			{title: "Year over year · $profile", each: true, panels: []panel{
				b.yearOverYear("Weight by month", "Mean weight of each month, a line for each year.", weight, needsScale),
				b.yearOverYear("Steps by month", "Mean steps a day in each month, a line for each year.", "activity_steps", needsTracker),
				b.yearOverYear("Sleep by month", "Mean time asleep in each month, a line for each year.", "sleep_total_seconds", needsNight),
				b.yearOverYear("Upper blood pressure by month", "Mean upper blood pressure of each month, a line for each year.", systolic, "Needs a blood-pressure monitor"),
			}},
			{title: "Calendar · $profile", each: true, panels: []panel{
				b.calendar("Steps, day by day", "A square for each day, a column for each week.", "activity_steps", "Greens", needsTracker),
				b.calendar("Sleep, night by night", "A square for each night, a column for each week.", "sleep_total_seconds", "Blues", needsNight),
				b.calendar("Weight, day by day", "A square for each day with a weigh-in, a column for each week.", weight, "Oranges", needsScale),
			}},
		},
	}
}

// matrix makes a table of days: the date is written as an object of two words,
// which become columns; days with the same words become their mean. Formats are
// those of moment.js, where what stands in brackets is taken as it is.
func matrix(column, row string) []dashboard.DataTransformerConfig {
	group := map[string]any{"operation": "groupby", "aggregations": []any{}}
	return []dashboard.DataTransformerConfig{
		converted(conversion{column: "Time", to: "string", format: `[{"column":"]` + column + `[","row":"]` + row + `["}]`}),
		{Id: "extractFields", Options: map[string]any{"source": "Time", "format": "json", "replace": false, "keepTime": false}},
		{Id: "groupBy", Options: map[string]any{"fields": map[string]any{
			"column": group, "row": group,
			"value": map[string]any{"operation": "aggregate", "aggregations": []any{"mean"}}}}},
		{Id: "groupingToMatrix", Options: map[string]any{"columnField": "column", "rowField": "row", "valueField": "value (mean)", "emptyValue": "null"}},
	}
}

// corner is the name of a matrix' column of row names.
const corner = `row\column`

// yearOverYear has a line for each year and a column for each month.
func (b build) yearOverYear(title, about, row, needs string) panel {
	asked := b.series(row)
	scale, unit := asked.bare()
	asked.scale = scale
	title += ", " + unit
	p := columns("", panel{title: title, about: about, w: columnsOfBoard, h: 8, needs: needs, daily: true, decimals: new(1.0),
		mappings: []dashboard.ValueMapping{empty()}, colors: dashboard.FieldColorModeIdContinuousBlYlRd,
		asks: []ask{{series: asked, name: "value", text: b.language.daily(asked)}}})
	if unit == "mmHg" {
		p.decimals = new(0.0)
	}
	p = coloured(p)
	order, names := map[string]any{corner: 0}, map[string]any{corner: "Year"}
	for i, month := range months {
		number := fmt.Sprintf("%02d", i+1)
		order[number], names[number] = i+1, month
	}
	p.transforms = append(matrix("MM", "YYYY"), organized(nil, order, names))
	p.overrides = []override{{name: "Year", properties: map[string]any{
		"unit": "string", "custom.cellOptions": map[string]any{"type": "auto"}, "color": dashboard.FieldColor{Mode: dashboard.FieldColorModeIdFixed, FixedColor: new("text")}}}}
	return p
}

// empty leaves cells without a value blank.
func empty() dashboard.ValueMapping {
	return dashboard.ValueMapping{SpecialValueMap: &dashboard.SpecialValueMap{Type: "special", Options: dashboard.DashboardSpecialValueMapOptions{
		Match: dashboard.SpecialValueMatchNull, Result: dashboard.ValueMappingResult{Text: new(" "), Color: new("transparent")}}}}
}

var months = []string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// calendar has a square for each day.
func (b build) calendar(title, about, row, scheme, needs string) panel {
	p := panel{title: title, about: about, kind: "heatmap", w: columnsOfBoard, h: 7, needs: needs, daily: true, asks: []ask{b.measured("value", row)}}
	const week = "gggg-ww" // of the board's first day of week
	names, order := map[string]any{}, map[string]any{corner: 0}
	for i, day := range b.weekdays() {
		names[day.number], order[day.number] = day.name, len(b.weekdays())-i // the first on top
	}
	p.transforms = append(matrix("E", week),
		converted(conversion{column: corner, to: "time", format: week}), organized(nil, order, names))
	p.custom = heatmap.FieldConfig{}
	p.options = heatmap.Options{
		Calculate: new(false), Color: heatmap.HeatmapColorOptions{Mode: new(heatmap.HeatmapColorModeScheme), Scheme: scheme, Fill: "dark-orange",
			Scale: new(heatmap.HeatmapColorScaleExponential), Exponent: 0.5, Steps: 64},
		RowsFrame: &heatmap.RowsHeatmapOptions{Layout: new(common.HeatmapCellLayoutAuto), Value: new(title)},
		CellGap:   new(uint8(1)), CellValues: &heatmap.CellValues{Unit: new(p.shownUnit())},
		YAxis:   heatmap.YAxisConfig{AxisPlacement: new(common.AxisPlacementLeft), Reverse: new(false)},
		Legend:  heatmap.HeatmapLegend{Show: true},
		Tooltip: heatmap.HeatmapTooltip{Mode: common.TooltipDisplayModeSingle}, Exemplars: heatmap.ExemplarConfig{Color: "rgba(255,0,255,0.7)"},
		ShowValue: common.VisibilityModeNever,
	}
	return p
}

// weekday is a day by ISO 8601.
type weekday struct{ number, name string }

// weekdays are the days of a week in the order of the options.
func (b build) weekdays() []weekday {
	all := []weekday{{"1", "Mon"}, {"2", "Tue"}, {"3", "Wed"}, {"4", "Thu"}, {"5", "Fri"}, {"6", "Sat"}, {"7", "Sun"}}
	if b.WeekStart == sunday {
		return append(all[6:], all[:6]...)
	}
	return all
}
