package withings

import (
	"strconv"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// device reads one linked device.
func (d *decoder) device(v *fastjson.Value) (exporter.Record, bool) {
	id := d.label(text(v.Get("deviceid")))
	if id == "" {
		id = d.label(text(v.Get("hash_deviceid")))
	}
	if id == "" {
		return d.malformed("without deviceid", "")
	}
	if d.devices++; d.devices > mostDevices {
		d.tooMany("devices")
		return left(id)
	}
	// It begins at the epoch, and ends when it was last seen if that is known.
	r := exporter.Record{ID: id, Start: time.Unix(0, 0).UTC()}
	model, _ := integer(v.Get("model_id"))
	name := d.label(text(v.Get("model")))
	if name == "" {
		name = models[model]
	}
	d.put(&r, exporter.ByOrigin(exporter.Device, "info"), exporter.Integer(1), exporter.LabelValues(
		id, d.label(text(v.Get("type"))), name, strconv.FormatInt(model, 10), d.label(text(v.Get("timezone")))))
	d.states(&r, exporter.ByOrigin(exporter.Device, "battery"), text(v.Get("battery")), id)
	for _, key := range []string{"first_session_date", "last_session_date"} {
		if t, ok := epoch(v.Get(key)); ok {
			d.put(&r, exporter.ByOrigin(exporter.Device, key), exporter.Integer(t.Unix()), exporter.LabelValues(id))
			r.End = t
		}
	}
	return r, true
}

// goals reads what the person wants to reach. Nothing dates a goal: it counts
// from when it was first seen. One that is null or 0 is not set, as if it were
// not listed; whether it is gone is judged like everything that is left out.
func (d *decoder) goals(v *fastjson.Value) []exporter.Record {
	var all []exporter.Record
	for _, m := range dataRows[exporter.Goal] {
		goal := v.Get(m.Key)
		if goal == nil {
			continue
		}
		d.rows.all++
		d.spoilt = 0
		r := exporter.Record{Service: exporter.Goal, ID: m.Key, Start: d.now, End: d.now}
		if parts := object(goal); parts != nil {
			d.goal(&r, m, parts)
		} else {
			d.add(&r, m, goal, "")
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

// goal reads a goal that has its power of ten beside it.
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
