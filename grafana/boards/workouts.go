package boards

import (
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// tableColumn is a column of a table with a line for each record.
type tableColumn struct{ name, row string }

// workoutColumns are the columns of the table; the first is what a record must have.
var workoutColumns = []tableColumn{
	{"Workout", "workout_category"},
	{"Start", "workout_start_timestamp_seconds"},
	{"End", workoutEnd},
	{"Duration", "workout_duration_seconds"},
	{"Distance", "workout_distance_meters"},
	{"Climbed", "workout_elevation_meters"},
	{"Energy", "workout_energy_joules"},
	{"Steps", "workout_steps"},
	{"Mean heart rate", "workout_heart_rate_average_beats_per_minute"},
	{"Highest heart rate", "workout_heart_rate_max_beats_per_minute"},
	{"Intensity", "workout_intensity"},
}

// workoutTable is a table with a line for each workout and some of the columns.
func (b build) workoutTable(p panel, names ...string) panel {
	p = columns("Start", p)
	var rows []series
	for _, c := range workoutColumns {
		if len(names) > 0 && !slices.Contains(names, c.name) {
			continue
		}
		s := b.series(c.row)
		if c.name == "Duration" && len(names) > 0 {
			s.scale = hours // of sums
		}
		rows = append(rows, s)
		// A column without any value has no type; unless it is text, Grafana shows null.
		properties := map[string]any{"unit": s.unit, "noValue": "–", "custom.cellOptions": map[string]any{"type": "color-text"}}
		if meaning := meaningOf(s.row); meaning != nil {
			properties["mappings"] = meaning
		}
		switch c.name {
		case "Workout":
			properties["custom.align"] = "left"
		case "Start":
			properties["custom.width"] = 140
		case "End":
			properties["custom.hidden"] = true
		}
		p.overrides = append(p.overrides, override{name: c.name, properties: properties})
	}
	return b.ofRecords(p, rows, func(row string) string {
		for _, c := range workoutColumns {
			if c.row == row {
				return c.name
			}
		}
		return row
	})
}

// ofRecords asks for records, and gives the columns of the answers names.
func (b build) ofRecords(p panel, rows []series, name func(row string) string) panel {
	queries := b.records(rows)
	kept, order, renamed := []any{}, map[string]any{}, map[string]any{}
	for i, s := range rows {
		column := s.row.Field()
		if b.source == Prometheus {
			column = "Value #" + refID(i)
		}
		kept = append(kept, column)
		order[column], renamed[column] = i, name(s.row.Name)
	}
	for i, query := range queries {
		p.asks = append(p.asks, ask{series: rows[i], table: true, once: true, text: query})
	}
	if len(queries) > 1 {
		p.transforms = append(p.transforms, joinedBy(recordTime))
	}
	p.transforms = append(p.transforms,
		dashboard.DataTransformerConfig{Id: "filterFieldsByName", Options: map[string]any{"include": map[string]any{"names": kept}}},
		organized(nil, order, renamed))
	p.unit = "none"
	return p
}

// workouts is every workout, the newest first. A click shows what else was measured
// during it.
func (b build) workouts() panel {
	p := b.workoutTable(panel{title: "Workouts", w: columnsOfBoard, h: 12, needs: "No workouts",
		about: "Every workout of the time shown. A click on its name shows what the heart did meanwhile."})
	during := link{"Heart during this workout", b.during("heart", "${__data.fields.Start.numeric}", "${__data.fields.End.numeric}")}
	p.overrides = append(p.overrides, override{name: "Workout", properties: map[string]any{"links": []link{during}}})
	return p
}

// kinds adds up the workouts of each kind.
func (b build) kinds() panel {
	sums := []string{"Duration", "Distance", "Energy"}
	p := b.workoutTable(panel{title: "Workouts by kind", w: columnsOfBoard, h: 8, needs: "No workouts", about: "How many workouts of each kind the time shown has, and what they add up to."},
		append([]string{"Workout"}, sums...)...)
	p = columns("Time", p)
	grouped := map[string]any{"Workout": map[string]any{"operation": "groupby", "aggregations": []any{}}}
	renamed := map[string]any{"Duration (sum)": "Time", "Duration (count)": "Workouts", "Distance (sum)": "Distance", "Energy (sum)": "Energy"}
	order := map[string]any{"Workout": 0, "Duration (count)": 1, "Duration (sum)": 2, "Distance (sum)": 3, "Energy (sum)": 4}
	for _, name := range sums {
		aggregations := []any{"sum"}
		if name == "Duration" {
			aggregations = []any{"count", "sum"}
		}
		grouped[name] = map[string]any{"operation": "aggregate", "aggregations": aggregations}
	}
	p.transforms = append(p.transforms, dashboard.DataTransformerConfig{Id: "groupBy", Options: map[string]any{"fields": grouped}}, organized(nil, order, renamed))
	p.overrides = append(p.overrides,
		override{name: "Workouts", properties: map[string]any{"unit": "none"}},
		override{name: "Distance", properties: map[string]any{"mappings": []dashboard.ValueMapping{noSum()}}},
		override{name: "Time", properties: map[string]any{"unit": hours.unit, "decimals": 1}})
	return p
}

// noSum is how a sum of no values is shown.
func noSum() dashboard.ValueMapping {
	return dashboard.ValueMapping{ValueMap: &dashboard.ValueMap{Type: "value", Options: map[string]dashboard.ValueMappingResult{"0": {Text: new("–")}}}}
}
