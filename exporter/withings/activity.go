package withings

import (
	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// day reads the totals of one day. A day counts from the person's midnight, and
// until it is over, up to when the row was last added to.
func (d *decoder) day(v *fastjson.Value) (exporter.Record, bool) {
	day := date(v.Get("date"))
	start, ok := exporter.DayStart(day, d.location(v))
	if !ok || start.Unix() <= 0 {
		return d.malformed()
	}
	if !d.past(start) {
		return exporter.Record{}, false
	}
	r := exporter.Record{ID: day, Date: day, Start: start, End: start.AddDate(0, 0, 1), Modified: modified(v)}
	if r.Modified.After(start) && r.Modified.Before(r.End) {
		r.End = r.Modified
	}
	if d.now.After(start) && d.now.Before(r.End) {
		r.End = d.now
	}
	d.fields(&r, exporter.Activity, v)
	return r, true
}
