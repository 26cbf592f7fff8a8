package boards

import (
	"maps"
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// headed makes columns as wide as their headings, however narrow the window: Grafana cuts
// what does not fit, and lets a table that is wider than its panel be moved.
func (p panel) headed() panel {
	p.overrides = slices.Clone(p.overrides)
	for i, o := range p.overrides {
		least, is := o.properties["custom.minWidth"].(int)
		if p.kind != "table" || !is || o.matcher != "" {
			continue
		}
		name := o.name
		if shown, is := o.properties["displayName"].(string); is {
			name = strings.Replace(shown, sinceWhen, "29 Sep 2026", 1)
		}
		p.overrides[i].properties = maps.Clone(o.properties)
		p.overrides[i].properties["custom.minWidth"] = max(least, letterWidth*len(name)+cellMargin)
	}
	return p
}

// What a heading needs, in pixels, as seen in Grafana 10.
const (
	letterWidth = 8
	cellMargin  = 20
)

// organized hides, sorts and renames columns.
func organized(hidden, order, names map[string]any) dashboard.DataTransformerConfig {
	some := func(m map[string]any) map[string]any {
		if m == nil {
			return map[string]any{}
		}
		return m
	}
	return dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{
		"excludeByName": some(hidden), "indexByName": some(order), "renameByName": some(names)}}
}

// conversion makes another kind of value of a column; format is how moment.js
// writes or reads a time as words.
type conversion struct {
	column, to string
	format     string // of a date; "" where there is none
}

// converted makes conversions, one after the other.
func converted(all ...conversion) dashboard.DataTransformerConfig {
	var list []any
	for _, c := range all {
		one := map[string]any{"targetField": c.column, "destinationType": c.to}
		if c.format != "" {
			one["dateFormat"] = c.format
		}
		list = append(list, one)
	}
	return dashboard.DataTransformerConfig{Id: "convertFieldType", Options: map[string]any{"fields": map[string]any{}, "conversions": list}}
}

// joined puts the columns of all queries side by side, by their times.
func joined() dashboard.DataTransformerConfig { return joinedBy("Time") }

// joinedBy puts the columns of all queries side by side, by those of one name.
func joinedBy(column string) dashboard.DataTransformerConfig {
	return dashboard.DataTransformerConfig{Id: "joinByField", Options: map[string]any{"byField": column, "mode": "outer"}}
}

// merged puts the lines of all queries one below the other.
func merged() dashboard.DataTransformerConfig {
	return dashboard.DataTransformerConfig{Id: "merge", Options: map[string]any{}}
}

// sortedBy sorts lines by a column.
func sortedBy(column string, largestFirst bool) dashboard.DataTransformerConfig {
	return dashboard.DataTransformerConfig{Id: "sortBy", Options: map[string]any{"fields": map[string]any{}, "sort": []any{map[string]any{"field": column, "desc": largestFirst}}}}
}

// limited leaves the first lines.
func limited(lines int) dashboard.DataTransformerConfig {
	return dashboard.DataTransformerConfig{Id: "limit", Options: map[string]any{"limitField": lines}}
}

// noonColumn is the column that noons adds.
const noonColumn = "Noon"

// noons adds a column with the noon of each day. The midnights with which days begin
// are an hour early or late in the half of the year that has other clocks than the end
// of the time shown, so that their date may be that of the day before.
func noons() dashboard.DataTransformerConfig {
	return dashboard.DataTransformerConfig{Id: "calculateField", Options: map[string]any{
		"mode": "binary", "alias": noonColumn, "timeSeries": false, "replaceFields": false,
		"binary": map[string]any{"left": "Time", "operator": "+", "right": number(halfDay)}}}
}

// added is the sum of all columns but that of the time, under a name.
func added(name string) dashboard.DataTransformerConfig {
	return dashboard.DataTransformerConfig{Id: "calculateField", Options: map[string]any{
		"mode": "reduceRow", "reduce": map[string]any{"reducer": "sum"}, "replaceFields": true, "alias": name}}
}
