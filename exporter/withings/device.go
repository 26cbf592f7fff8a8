package withings

import (
	"strconv"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// devices are those of getdevice.
var devices = endpoint{path: "/v2/user", action: "getdevice", list: "devices", row: (*decoder).device}

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
	r := exporter.Record{ID: id, Start: time.Unix(0, 0).UTC(), Maker: d.made(v)}
	model, _ := integer(v.Get("model_id"))
	name := modelName(d.label(text(v.Get("model"))), model)
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
