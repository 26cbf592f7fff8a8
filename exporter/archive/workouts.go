package archive

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"withings-exporter/exporter"
)

// category is a workout category of the API: its number and its label.
type category struct {
	code  int64
	label string
}

// categories are the types of activities.csv, by folded name. They are English in
// every language. A type that is not here has no number, so its workout has no
// category.
var categories = map[string]category{
	"walking": {1, "walk"}, "walk": {1, "walk"}, "running": {2, "run"}, "run": {2, "run"}, "hiking": {3, "hiking"},
	"skating": {4, "skating"}, "bmx": {5, "bmx"}, "cycling": {6, "bicycling"}, "bicycling": {6, "bicycling"},
	"swimming": {7, "swimming"}, "surfing": {8, "surfing"}, "kitesurfing": {9, "kitesurfing"},
	"windsurfing": {10, "windsurfing"}, "bodyboard": {11, "bodyboard"}, "tennis": {12, "tennis"},
	"table tennis": {13, "table_tennis"}, "ping pong": {13, "table_tennis"}, "squash": {14, "squash"},
	"badminton": {15, "badminton"}, "weights": {16, "lift_weights"}, "lift weights": {16, "lift_weights"},
	"fitness": {17, "fitness"}, "elliptical": {18, "elliptical"}, "pilates": {19, "pilates"},
	"basketball": {20, "basket_ball"}, "soccer": {21, "soccer"}, "football": {22, "football"}, "rugby": {23, "rugby"},
	"volleyball": {24, "volley_ball"}, "waterpolo": {25, "waterpolo"}, "horse riding": {26, "horse_riding"},
	"golf": {27, "golf"}, "yoga": {28, "yoga"}, "dancing": {29, "dancing"}, "boxing": {30, "boxing"},
	"fencing": {31, "fencing"}, "wrestling": {32, "wrestling"}, "martial arts": {33, "martial_arts"},
	"ski": {34, "skiing"}, "skiing": {34, "skiing"}, "snowboarding": {35, "snowboarding"}, "other": {36, "other"},
	"rowing": {187, "rowing"}, "zumba": {188, "zumba"}, "baseball": {191, "baseball"}, "handball": {192, "handball"},
	"hockey": {193, "hockey"}, "ice hockey": {194, "ice_hockey"}, "climbing": {195, "climbing"},
	"ice skating": {196, "ice_skating"}, "multi sport": {272, "multi_sport"}, "indoor walking": {306, "indoor_walk"},
	"indoor running": {307, "indoor_running"}, "indoor cycling": {308, "indoor_cycling"}, "hiit": {550, "hiit"},
}

// dataNames are what the archive calls fields of the API.
var dataNames = map[string]string{"pool_laps": "laps", "strokes": "mvts"}

// quietData are fields of a workout's data that hold no reading. startdate_auto and
// enddate_auto are when the device took the workout to begin and end, or 0; the
// row itself says when it did, as the person may have corrected it.
var quietData = nameSet("device_startdate", "device_enddate", "startdate_auto", "enddate_auto", "metcumul", "version", "type", "subcategory", "attrib")

// workoutData reads the JSON object of a workout, whose fields are those of the API.
// swum tells that it was in a pool.
func (r *rowReader) workoutData(record *exporter.Record, text string, swum bool) {
	if absent(text) {
		return
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		r.file.leave(valueMalformed)
		return
	}
	for _, m := range workoutMetrics {
		raw, ok := fields[m.Key]
		delete(fields, m.Key)
		if other := dataNames[m.Key]; other != "" {
			if !ok {
				raw, ok = fields[other]
			}
			delete(fields, other)
			ok = ok && (swum || string(raw) != "0") // no other sport has laps and strokes
		}
		value := strings.Trim(string(raw), `"`)
		if !ok || absent(value) {
			continue
		}
		d, err := exporter.ParseDecimal(value)
		if err != nil {
			r.file.leave(valueMalformed)
			continue
		}
		r.set(record, m, "", d)
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if !quietData[key] {
			r.file.unknown("Data: " + key)
		}
	}
}

// workoutMetrics are the rows of the catalogue that are plain numbers of a
// workout's data.
var workoutMetrics = func() []*exporter.Metric {
	var all []*exporter.Metric
	for _, m := range exporter.Catalog() {
		if m.Service == exporter.Workout && !m.Frame && m.States == nil {
			all = append(all, m)
		}
	}
	return all
}()
