package boards

import (
	"fmt"
	"strconv"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// Lines of the chart of bedtimes.
const (
	offset  = "Offset" // how far above the axis, which begins at noon, the bar of a night is
	inBed   = "In bed"
	toBed   = "To bed"
	gotUp   = "Up"
	inSleep = "Asleep"
	halfDay = noon * secondsInHour * millisInSecond
)

// bedtimes are nights as bars between two times of the clock, from noon to noon, so
// that a bar does not break at midnight: bars that stand on invisible ones. Only
// Grafana knows when clocks were changed where the browser is, so the time of
// the clock is what it writes of the moment, read back as if that were UTC. The two
// times themselves are lines that cannot be seen; they are in the tooltip.
func (b build) bedtimes(needs string) panel {
	start, end := b.series(nightStart), b.series(nightEnd)
	early := start
	early.plus = -halfDay
	length := series{row: end.row, less: start.row, scale: hours}
	p := stacked(bars, panel{title: "Bedtimes", needs: needs, daily: true, unit: hours.unit, mappings: clockFace(),
		about: "From going to bed to getting up, a bar for each night, on the day of waking up. A straight row of bars is a regular sleeper.",
		asks: []ask{
			{series: early, name: offset, text: b.language.daily(early)},
			{series: length, name: inBed, text: b.language.daily(length), color: deepColor},
			{series: start, name: toBed, text: b.language.daily(start), color: deepColor},
			{series: end, name: gotUp, text: b.language.daily(end), color: deepColor},
		}})
	p.transforms = []dashboard.DataTransformerConfig{
		converted(conversion{column: offset, to: "time"},
			conversion{column: offset, to: "string", format: "[1970-01-01T]HH:mm:ss[Z]"},
			conversion{column: offset, to: "time"},
			conversion{column: offset, to: "number"}),
		{Id: "calculateField", Options: map[string]any{"mode": "binary", "alias": clockHours,
			"binary": map[string]any{"left": offset, "operator": "/", "right": strconv.Itoa(secondsInHour * millisInSecond)}}},
		organized(map[string]any{offset: true}, map[string]any{"Time": 0, clockHours: 1, inBed: 2, toBed: 3, gotUp: 4}, nil),
	}
	unseen := map[string]any{"custom.hideFrom": map[string]any{"legend": true, "tooltip": true, "viz": false}, "custom.fillOpacity": 0,
		"color": dashboard.FieldColor{Mode: dashboard.FieldColorModeIdFixed, FixedColor: new("transparent")}}
	p.overrides = append(p.overrides, override{name: clockHours, properties: unseen},
		override{name: inBed, properties: map[string]any{"mappings": []any{}, "decimals": 1}})
	for _, name := range []string{toBed, gotUp} {
		p.overrides = append(p.overrides, override{name: name, properties: map[string]any{
			"unit": clockTime, "mappings": []any{}, "custom.axisPlacement": "hidden", "custom.lineWidth": 0, "custom.drawStyle": common.GraphDrawStyleLine,
			"custom.fillOpacity": 0, "custom.stacking": map[string]any{"mode": "none", "group": "B"},
			"custom.hideFrom": map[string]any{"legend": true, "tooltip": false, "viz": false}}})
	}
	return p
}

// nightsByWeekday compares nights before a working day with those before a day off: one line
// of a table for each. A mean of times of the clock is one of what a clock would
// show, read back on a day on which no clocks are changed; bedtimes are half a day
// early until then, since they are around midnight.
func (b build) nightsByWeekday(needs string) panel {
	start, end, total := b.series(nightStart), b.series(nightEnd), b.series("sleep_total_seconds")
	start.plus = -halfDay
	const kind, early, mean = "Woke up", "Early", " (mean)"
	p := columns("", panel{title: "Weekdays and weekends", needs: needs, daily: true, unit: "none",
		about: "Means of the nights from which one wakes up on a weekday, and on Saturday or Sunday, and how many they are.",
		asks: []ask{
			{series: series{row: end.row}, name: "Weekend", text: b.weekend()},
			{series: total, name: "Time asleep", text: b.language.daily(total)},
			{series: start, name: "Bedtime", text: b.language.daily(start)},
			{series: end, name: "Time of getting up", text: b.language.daily(end)},
		}})
	const aDay, readBack = "[2001-01-15 ]HH:mm", "YYYY-MM-DD HH:mm"
	clockOf := func(name string) []conversion {
		return []conversion{{column: name, to: "time"}, {column: name, to: "string", format: aDay}, {column: name, to: "time", format: readBack}, {column: name, to: "number"}}
	}
	means := map[string]any{"operation": "aggregate", "aggregations": []any{"mean"}}
	p.transforms = []dashboard.DataTransformerConfig{
		converted(append(clockOf("Bedtime"), clockOf("Time of getting up")...)...),
		joined(),
		// Grafana groups by names that were given here, not by those of the queries.
		organized(nil, nil, map[string]any{"Weekend": kind, "Time asleep": inSleep, "Bedtime": early, "Time of getting up": gotUp}),
		{Id: "groupBy", Options: map[string]any{"fields": map[string]any{
			kind: map[string]any{"operation": "groupby", "aggregations": []any{}}, early: means, gotUp: means,
			inSleep: map[string]any{"operation": "aggregate", "aggregations": []any{"mean", "count"}}}}},
		sortedBy(kind, false),
		{Id: "calculateField", Options: map[string]any{"mode": "binary", "alias": toBed, "timeSeries": false,
			"binary": map[string]any{"left": early + mean, "operator": "+", "right": strconv.Itoa(halfDay)}}},
		organized(map[string]any{early + mean: true},
			map[string]any{kind: 0, inSleep + " (count)": 1, inSleep + mean: 2, toBed: 3, gotUp + mean: 4},
			map[string]any{inSleep + " (count)": "Nights", inSleep + mean: inSleep, gotUp + mean: gotUp}),
	}
	names := map[string]dashboard.ValueMappingResult{"0": {Text: new("Weekdays")}, "1": {Text: new("Weekends")}}
	p.overrides = append(p.overrides,
		override{matcher: "byRegexp", name: "/.*/", properties: map[string]any{"custom.minWidth": 60}},
		override{name: kind, properties: map[string]any{"custom.align": "left", "custom.width": 85, "mappings": []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: "value", Options: names}}}}},
		override{name: inSleep, properties: map[string]any{"unit": total.unit, "decimals": 1}},
		override{name: toBed, properties: map[string]any{"unit": clockTime}},
		override{name: gotUp, properties: map[string]any{"unit": clockTime}})
	return p
}

// clockTime is Grafana's unit for a time of day where the browser is.
const clockTime = "time:HH:mm"

// indebted is how much sleep two weeks lack.
func (b build) indebted() panel {
	s := b.series("sleep_total_seconds")
	return tile(panel{title: "Sleep debt", needs: "No goal, or no nights here", decimals: new(1.0),
		thresholds: bands(good, from(2, warning), from(7, bad)),
		about:      "What the nights of the last 14 days lack to the goal, added up. Nights without data do not count. Below zero is more sleep than the goal.",
		asks:       []ask{{series: s, name: "Debt", text: b.debt(s, b.series("goal_sleep_seconds"), nightsOfDebt), once: true}}})
}

// clockHours is the name of the invisible bars once they are hours.
const clockHours = "Clock"

// clockFace writes hours after noon as times of the clock. An axis has full hours or
// halves of them.
func clockFace() []dashboard.ValueMapping {
	const halves = 48
	texts := map[string]dashboard.ValueMappingResult{}
	for i := range halves + 1 {
		text := fmt.Sprintf("%02d:%02d", (12+i/2)%24, i%2*30)
		texts[strconv.FormatFloat(float64(i)/2, 'f', -1, 64)] = dashboard.ValueMappingResult{Text: new(text)}
	}
	return []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: "value", Options: texts}}}
}
