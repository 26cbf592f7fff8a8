package withings

import (
	"strconv"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// device reads one linked device.
func (d *decoder) device(v *fastjson.Value) (exporter.Record, bool) {
	id := text(v.Get("deviceid"))
	if id == "" {
		id = text(v.Get("hash_deviceid"))
	}
	if id == "" {
		return d.malformed()
	}
	// It begins at the epoch, and ends when it was last seen if that is known.
	r := exporter.Record{ID: id, Start: time.Unix(0, 0).UTC()}
	model, _ := integer(v.Get("model_id"))
	name := text(v.Get("model"))
	if name == "" {
		name = models[model]
	}
	d.put(&r, exporter.ByOrigin(exporter.Device, "info"), exporter.Integer(1), exporter.LabelValues(
		id, text(v.Get("type")), name, strconv.FormatInt(model, 10), text(v.Get("timezone"))))
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
// from when it was first seen.
func (d *decoder) goals(v *fastjson.Value) []exporter.Record {
	if object(v) == nil {
		d.unlessEmpty(v) // without any goal it is []
		return nil
	}
	var all []exporter.Record
	for _, m := range dataRows[exporter.Goal] {
		r := exporter.Record{Service: exporter.Goal, ID: m.Key, Start: d.now, End: d.now}
		goal := v.Get(m.Key)
		if goal == nil {
			continue
		}
		if parts := object(goal); parts != nil {
			value, okValue := number(parts.Get("value"))
			unit, okUnit := integer(parts.Get("unit"))
			value, err := shift(value, unit)
			if !okValue || !okUnit || err != nil {
				d.skip(ReasonMalformed)
				continue
			}
			d.put(&r, m, value, "")
		} else {
			d.add(&r, m, goal, "")
		}
		all = append(all, r)
	}
	return all
}
