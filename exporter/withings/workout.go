package withings

import (
	"strconv"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// workout reads one workout.
func (d *decoder) workout(v *fastjson.Value) (exporter.Record, bool) {
	start, end, ok := d.span(v)
	if !ok {
		return exporter.Record{}, false
	}
	r := exporter.Record{ID: rowID(v, start), Start: start, End: end, Modified: modified(v)}
	attrib, _ := integer(v.Get("attrib"))
	if attrib == attribAmbiguous && !d.ambiguous {
		d.skip(ReasonAmbiguous)
		return r, true
	}
	if category, ok := integer(v.Get("category")); ok {
		d.put(&r, exporter.ByOrigin(exporter.Workout, "info"), exporter.Integer(1), exporter.LabelValues(d.category(category)))
		d.frame(&r, exporter.Workout, "category", category)
	}
	d.frame(&r, exporter.Workout, "startdate", start.Unix())
	d.frame(&r, exporter.Workout, "enddate", end.Unix())
	d.frame(&r, exporter.Workout, "duration", int64(end.Sub(start)/time.Second))
	d.fields(&r, exporter.Workout, v.Get("data"))
	return r, true
}

// category names a workout category; one that is not in the reference is
// unknown_ and its number.
func (d *decoder) category(code int64) string {
	if name := categories[code]; name != "" {
		return name
	}
	d.unknown(exporter.Workout, "category "+strconv.FormatInt(code, 10))
	return "unknown_" + strconv.FormatInt(code, 10)
}
