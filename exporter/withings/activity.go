package withings

import (
	"strconv"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// days are the totals of getactivity.
var days = endpoint{path: "/v2/measure", action: "getactivity", list: "activities", days: true, fields: true, row: (*decoder).day}

// day reads the totals of one day, which begins at the person's midnight. Until it is
// over, it ends when the row was last added to.
func (d *decoder) day(v *fastjson.Value) (exporter.Record, bool) {
	day := date(v.Get("date"))
	start, ok := exporter.DayStart(day, d.location(v))
	if !ok || start.Unix() <= 0 {
		return d.malformed("without date", "")
	}
	if !d.past(start) {
		return left(dayID(day, v))
	}
	r := exporter.Record{ID: dayID(day, v), Date: day, Start: start, End: start.AddDate(0, 0, 1), Modified: d.modified(v), Maker: d.made(v)}
	if model, told := integer(v.Get("modelid")); told && model <= 0 && r.Maker == exporter.Unnamed {
		r.Maker = exporter.ByHand // nothing was worn: Withings fills the day when it is over
	}
	if r.Modified.After(start) && r.Modified.Before(r.End) {
		r.End = r.Modified
	}
	if d.now.After(start) && d.now.Before(r.End) {
		r.End = d.now
	}
	d.fields(&r, v)
	return r, true
}

// brandWithings is the brand of a day counted by a Withings device; a day from
// another maker's app has another, mostly 18.
const brandWithings = 1

// dayID is the id of a day: its date and, if it came from another maker's app, the
// source, since the person's own tracker may have a row for the same day. The field
// is_tracker alone does not tell: rows of brand 18 have it, too.
func dayID(day string, v *fastjson.Value) string {
	brand, told := integer(v.Get("brand"))
	if !told {
		brand = brandWithings
		if relayed := v.Get("is_tracker"); relayed != nil && relayed.Type() == fastjson.TypeFalse {
			brand = 0
		}
	}
	if brand == brandWithings {
		return day
	}
	id := day + exporter.Relayed + strconv.FormatInt(brand, 10)
	if model, ok := integer(v.Get("modelid")); ok && model > 0 {
		id += "-" + strconv.FormatInt(model, 10)
	}
	return id
}
