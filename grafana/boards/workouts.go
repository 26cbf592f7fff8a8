package boards

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// workoutColumns are the columns of the table.
var workoutColumns = []struct{ name, row string }{
	{"Workout", "workout_category"},
	{"Start", "workout_start_timestamp_seconds"},
	{"Duration", "workout_duration_seconds"},
	{"Distance", "workout_distance_meters"},
	{"Climbed", "workout_elevation_meters"},
	{"Energy", "workout_energy_joules"},
	{"Steps", "workout_steps"},
	{"Mean heart rate", "workout_heart_rate_average_beats_per_minute"},
	{"Highest heart rate", "workout_heart_rate_max_beats_per_minute"},
	{"Intensity", "workout_intensity"},
}

// workouts is a table, the newest first. Its queries give columns with a time;
// the times put them together.
func (b build) workouts() panel {
	p := columns("Start", panel{title: "Workouts", w: columnsOfBoard, h: 12, needs: "No workouts", daily: true,
		about: "Workouts in the time shown: with Prometheus the last of each day, with InfluxDB all."})
	excluded, renamed, order := map[string]any{"Time": true}, map[string]any{}, map[string]any{}
	show := func(column, name string) {
		order[column] = len(order)
		if column != name {
			renamed[column] = name
		}
	}
	var fields []string
	for i, c := range workoutColumns {
		s := b.series(c.row)
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
		}
		column := c.name
		if b.source == Prometheus {
			p.asks = append(p.asks, ask{series: s, table: true, text: "max(" + b.language.daily(s) + ")"})
			column = "Value #" + refID(i)
		}
		fields = append(fields, s.apply(field(s.row)+`::field`)+` AS "`+c.name+`"`)
		show(column, c.name)
		p.overrides = append(p.overrides, override{name: c.name, properties: properties})
	}
	if b.source == InfluxDB { // ::field, since category is a tag as well
		s := b.series(workoutColumns[0].row)
		p.asks = append(p.asks, ask{series: s, table: true, text: "SELECT " + strings.Join(fields, ", ") + " " + s.from(shown)})
	}
	p.transforms = []dashboard.DataTransformerConfig{joined(), organized(excluded, order, renamed)}
	p.unit = "none"
	return p
}
