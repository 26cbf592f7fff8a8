package withings

import (
	"strconv"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// hearts are the ECGs of the heart service's list, and sounds the recordings of the
// stethoscope's.
var (
	hearts = endpoint{path: "/v2/heart", action: "list", list: "series", ranged: true, row: (*decoder).heart}
	sounds = endpoint{path: "/v2/stetho", action: "list", list: "series", ranged: true, row: (*decoder).stetho}
)

// heart reads one ECG. Of one that failed there is only its moment: neither ecg nor
// heart_rate. The other objects depend on the device.
func (d *decoder) heart(v *fastjson.Value) (exporter.Record, bool) {
	return d.recording(v, "deviceid", "ecg", "bloodpressure", "stetho")
}

// stetho reads one recording of a stethoscope.
func (d *decoder) stetho(v *fastjson.Value) (exporter.Record, bool) {
	return d.recording(v, "hash_deviceid")
}

// recording reads a row with the names of its device and of its objects. It is known
// by device and moment instead of by a signal: a row may get one later, and may have
// two.
func (d *decoder) recording(v *fastjson.Value, device string, objects ...string) (exporter.Record, bool) {
	at, ok := epoch(v.Get("timestamp"))
	if !ok {
		return d.malformed("without timestamp", "")
	}
	id := recordingID(d.label(text(v.Get(device))), at)
	if !d.past(at) {
		return left(id)
	}
	r := exporter.Record{ID: id, Start: at, End: at, Modified: d.modified(v), Maker: d.made(v)}
	for _, name := range objects {
		if o := v.Get(name); object(o) == nil && !empty(o) {
			d.spoil(ReasonMalformed)
		}
	}
	d.fields(&r, v)
	r.Damaged = d.spoilt > 0 // a failed recording is whole without a value
	d.frame(&r, "timestamp", at.Unix())
	return r, true
}

// recordingID is the id of a recording; one without a device has only its moment.
func recordingID(device string, at time.Time) string {
	id := strconv.FormatInt(at.Unix(), 10)
	if device != "" {
		id += "-" + device
	}
	return id
}
