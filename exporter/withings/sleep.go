package withings

import (
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// night reads one sleep session, be it a night or a nap: nothing tells them
// apart but their length.
func (d *decoder) night(v *fastjson.Value) (exporter.Record, bool) {
	start, end, ok := d.span(v)
	if !ok {
		return exporter.Record{}, false
	}
	r := exporter.Record{ID: rowID(v, start), Date: date(v.Get("date")), Start: start, End: end, Modified: modified(v)}
	if r.Date == "" {
		r.Date = end.In(d.location(v)).Format(time.DateOnly)
	}
	d.frame(&r, exporter.Sleep, "startdate", start.Unix())
	d.frame(&r, exporter.Sleep, "enddate", end.Unix())
	d.fields(&r, exporter.Sleep, v.Get("data"))
	return r, true
}

// rowID is the id of a sleep or workout row. A row without one is known by its
// start.
func rowID(v *fastjson.Value, start time.Time) string {
	if id, ok := integer(v.Get("id")); ok {
		return strconv.FormatInt(id, 10)
	}
	return "start-" + strconv.FormatInt(start.Unix(), 10)
}

// nightEventNames are Withings' numbers for what happens in a night.
var nightEventNames = map[string]string{
	"1": "got_in_bed", "2": "fell_asleep", "3": "woke_up", "4": "got_out_of_bed",
	"5": "manual_sleep_start", "6": "manual_awake_start",
}

// nightEvents counts the events of a night by kind. They come as a JSON object
// inside a string, or as an object.
func (d *decoder) nightEvents(r *exporter.Record, m *exporter.Metric, v *fastjson.Value) {
	if v.Type() == fastjson.TypeString {
		text := v.GetStringBytes()
		if len(text) == 0 {
			return
		}
		inner, err := fastjson.ParseBytes(text)
		if err != nil {
			d.skip(ReasonMalformed)
			return
		}
		v = inner
	}
	if object(v) == nil {
		if !empty(v) {
			d.skip(ReasonMalformed)
		}
		return // nothing happened, or nobody watched
	}
	v.GetObject().Visit(func(key []byte, moments *fastjson.Value) {
		d.nightEvent(r, m, strings.ToValidUTF8(string(key), "�"), moments)
	})
}

func (d *decoder) nightEvent(r *exporter.Record, m *exporter.Metric, key string, moments *fastjson.Value) {
	if moments.Type() != fastjson.TypeArray && object(moments) == nil {
		d.skip(ReasonMalformed)
		return
	}
	name, known := nightEventNames[key]
	if !known {
		name = "event_" + key
		d.unknown(exporter.Sleep, name)
	}
	d.put(r, m, exporter.Integer(int64(len(list(moments)))), exporter.LabelValues(name))
}
