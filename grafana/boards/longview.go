package boards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
)

// longView is years, a row for each subject: over each other, in a line, in months,
// and every day as a square.
func (b build) longView() board {
	const (
		resting     = "sleep_heart_rate_min_beats_per_minute"
		asleep      = "sleep_total_seconds"
		steps       = "activity_steps"
		needsBodies = "Needs a body-composition scale"
	)
	line := func(title, about, needs string, asks ...ask) panel {
		return days(panel{title: title, w: 12, h: 9, needs: needs, about: about + aboutMeansOf(asks[0].row), asks: asks})
	}
	return board{
		slug: "longview", title: "Long view", from: "now-5y", refresh: "1h",
		about: "Years over each other, months side by side, and a square for every day.",
		rows: []row{
			{title: "Weight · $profile", whose: []string{weight}, panels: []panel{
				b.years("Weight", weight, needsScale),
				line("Weight", "Mean of 30 days. ", needsScale, b.average("30-day mean", weight, 30).paint(weightColor).as(bold)),
				b.yearOverYear("Weight by month", "Mean weight of each month, a line for each year.", weight, needsScale),
			}},
			{title: "Steps · $profile", whose: []string{steps}, panels: append([]panel{
				b.years("Steps a day", steps, needsTracker),
				line("Steps", "Mean of 30 days. ", needsTracker, b.average("30-day mean", steps, 30).paint(stepColor).as(bold)),
				b.yearOverYear("Steps by month", "Mean steps a day in each month, a line for each year.", steps, needsTracker),
			}, b.calendars(calendar{of: "Steps", row: steps, least: 0, most: 15000, scheme: "Blues", needs: needsTracker})...)},
			{title: "Sleep · $profile", whose: []string{asleep}, panels: append([]panel{
				b.years("Time asleep", asleep, needsNight),
				b.years("Resting heart rate", resting, needsNight),
				sized(columnsOfBoard, 8, line("Sleep and heart rate at night", "Means of 30 days: time asleep, and the lowest heart rate on the right. ", needsNight,
					b.average("Asleep", asleep, 30).paint(deepColor).as(bold), b.average("Heart rate", resting, 30).paint(heartColor).as(bold))),
				b.yearOverYear("Sleep by month", "Mean time asleep in each month, a line for each year.", asleep, needsNight),
			}, b.calendars(calendar{of: "Sleep", row: asleep, least: 4, most: 10, scheme: "Purples", needs: needsNight})...)},
			{title: "Blood pressure · $profile", whose: []string{systolic}, panels: []panel{
				b.years("Systolic pressure", systolic, needsCuff),
				line("Blood pressure", "Trends of 30 days. ", needsCuff,
					b.average("Systolic", systolic, 30).paint(upperColor).as(bold), b.average("Diastolic", diastolic, 30).paint(lowerColor).as(bold)),
				b.yearOverYear("Systolic pressure by month", "Mean systolic pressure of each month, a line for each year.", systolic, needsCuff),
			}},
			{title: "Body fat · $profile", whose: []string{"fat_ratio"}, panels: []panel{
				b.years("Body fat", "fat_ratio", needsBodies),
				line("Body fat", "Mean of 30 days. ", needsBodies, b.average("30-day mean", "fat_ratio", 30).paint(fatColor).as(bold)),
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
		noons(), converted(conversion{column: noonColumn, to: "time"}, conversion{column: noonColumn, to: "string", format: `[{"column":"]` + column + `[","row":"]` + row + `["}]`}),
		{Id: "extractFields", Options: map[string]any{"source": noonColumn, "format": "json", "replace": false, "keepTime": false}},
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
	p := columns("", panel{title: title, about: about, w: columnsOfBoard, h: 9, needs: needs, daily: true, decimals: new(1.0),
		mappings: []dashboard.ValueMapping{empty()}, colors: dashboard.FieldColorModeIdContinuousBlues,
		asks: []ask{{series: asked, name: "value", text: b.whole(asked)}}})
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

// plain keeps what is said instead of a value from looking like a good or a bad one.
func plain() dashboard.ValueMapping {
	return dashboard.ValueMapping{SpecialValueMap: &dashboard.SpecialValueMap{Type: "special", Options: dashboard.DashboardSpecialValueMapOptions{
		Match: dashboard.SpecialValueMatchNull, Result: dashboard.ValueMappingResult{Color: new("text")}}}}
}

// empty leaves cells without a value blank.
func empty() dashboard.ValueMapping {
	return dashboard.ValueMapping{SpecialValueMap: &dashboard.SpecialValueMap{Type: "special", Options: dashboard.DashboardSpecialValueMapOptions{
		Match: dashboard.SpecialValueMatchNull, Result: dashboard.ValueMappingResult{Text: new(" "), Color: new("transparent")}}}}
}

var months = []string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// calendar is a square for each day.
type calendar struct {
	of, row     string
	least, most float32 // where the colours begin and end, in the unit shown: the same in every year
	scheme      string
	needs       string
}

// calendars are a panel for each year, two side by side.
func (b build) calendars(c calendar) []panel {
	var all []panel
	for back := range yearsShown {
		all = append(all, b.calendar(c, back))
	}
	return all
}

// calendar is a year so many years back.
func (b build) calendar(c calendar, back int) panel {
	asked := b.series(c.row)
	p := panel{title: c.of + ", " + yearsAgo(back), kind: "heatmap", w: 12, h: 6, needs: c.needs, daily: true, span: calendarYear(back),
		about: "A square for each day, a column for each week. A day without a square has no value. A colour means the same in every year; days above the end of the scale have its last colour. A year without any value says “No data”, in the words of Grafana.",
		asks:  []ask{{series: asked, name: "value", text: b.wholeYear(asked, back)}}}
	const week = "gggg-ww"   // of the dashboard's first day of week
	const ends = week + " e" // a square is drawn to the left of its time
	names, order := map[string]any{}, map[string]any{corner: 0}
	for i, day := range b.weekdays() {
		names[day.number], order[day.number] = day.name, len(b.weekdays())-i // the first on top
	}
	p.transforms = append(matrix("E", week+" [6]"),
		converted(conversion{column: corner, to: "time", format: ends}), organized(nil, order, names))
	p.custom = heatmap.FieldConfig{}
	p.options = heatmap.Options{
		Calculate: new(false), Color: heatmap.HeatmapColorOptions{Mode: new(heatmap.HeatmapColorModeScheme), Scheme: c.scheme, Fill: "dark-orange",
			Scale: new(heatmap.HeatmapColorScaleExponential), Exponent: 0.5, Steps: 64, Min: new(c.least), Max: new(c.most)},
		RowsFrame: &heatmap.RowsHeatmapOptions{Layout: new(common.HeatmapCellLayoutAuto), Value: new(c.of)},
		CellGap:   new(uint8(1)), CellValues: &heatmap.CellValues{Unit: new(p.shownUnit())},
		FilterValues: &heatmap.FilterValueRange{Le: new(float32(1e-9))}, // a missing day is not the lowest value
		YAxis:        heatmap.YAxisConfig{AxisPlacement: new(common.AxisPlacementLeft), Reverse: new(false)},
		Legend:       heatmap.HeatmapLegend{Show: true},
		Tooltip:      heatmap.HeatmapTooltip{Mode: common.TooltipDisplayModeSingle}, Exemplars: heatmap.ExemplarConfig{Color: "rgba(255,0,255,0.7)"},
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
