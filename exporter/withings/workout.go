package withings

import (
	"slices"
	"strconv"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// workouts are those of getworkouts.
var workouts = endpoint{path: "/v2/measure", action: "getworkouts", list: "series", days: true, fields: true, row: (*decoder).workout}

// workout reads one workout.
func (d *decoder) workout(v *fastjson.Value) (exporter.Record, bool) {
	r, ok := d.session(v)
	if !ok {
		return r, r.ID != ""
	}
	start, end := r.Start, r.End
	attrib, _ := integer(v.Get("attrib"))
	if r.Maker == exporter.Unnamed || slices.Contains(entered, attrib) {
		r.Maker = exporter.ByHand
	}
	if attrib == attribAmbiguous && !d.ambiguous {
		d.skip(ReasonAmbiguous)
		return r, true
	}
	if category, ok := integer(v.Get("category")); ok {
		d.put(&r, exporter.ByOrigin(exporter.Workout, "info"), exporter.Integer(1), exporter.LabelValues(d.category(category)))
		d.frame(&r, "category", category)
	}
	d.frame(&r, "startdate", start.Unix())
	d.frame(&r, "enddate", end.Unix())
	d.frame(&r, "duration", int64(end.Sub(start)/time.Second))
	d.fields(&r, v.Get("data"))
	return r, true
}

// category names a workout category. An unknown one becomes "unknown_" and its number
// or, if there are too many, "unknown".
func (d *decoder) category(code int64) string {
	if name := categories[code]; name != "" {
		return name
	}
	if !d.admits("categories of workouts", strconv.FormatInt(code, 10)) {
		return "unknown"
	}
	d.unknown(d.service, "category "+strconv.FormatInt(code, 10))
	return "unknown_" + strconv.FormatInt(code, 10)
}
