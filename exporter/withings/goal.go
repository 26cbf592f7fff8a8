package withings

import (
	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// goals are those of getgoals, fields of one object.
var goals = endpoint{path: "/v2/user", action: "getgoals", list: "goals", object: (*decoder).goals}

// goals reads what the person wants to reach. A goal has no date: it counts from when
// it was first seen. One that is null or 0 is not set, as if it were not listed.
func (d *decoder) goals(v *fastjson.Value) []exporter.Record {
	var all []exporter.Record
	for _, m := range dataRows[d.service] {
		goal := v.Get(m.Key)
		if goal == nil {
			continue
		}
		d.rows.all++
		d.spoilt = 0
		r := exporter.Record{Service: d.service, ID: m.Key, Start: d.now, End: d.now}
		if parts := object(goal); parts != nil {
			d.goal(&r, m.Metric, parts)
		} else {
			d.add(&r, m.Metric, goal, "")
		}
		if d.spoilt > 0 {
			d.bad("without a value that can be read")
			r.Damaged = true
		}
		if len(r.Readings) > 0 || r.Damaged {
			all = append(all, r)
		}
	}
	return all
}

// goal reads a goal that comes with a power of ten.
func (d *decoder) goal(r *exporter.Record, m *exporter.Metric, parts *fastjson.Value) {
	value, okValue := number(parts.Get("value"))
	unit, okUnit := integer(parts.Get("unit"))
	value, err := shift(value, unit)
	if !okValue || !okUnit || err != nil {
		d.spoil(ReasonMalformed)
		return
	}
	d.put(r, m, value, "")
}
