package withings

import (
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// sessions are the nights and naps of the sleep service's getsummary.
var sessions = endpoint{path: "/v2/sleep", action: "getsummary", list: "series", days: true, fields: true, row: (*decoder).night,
	odd: map[string]reader{"night_events": (*decoder).nightEvents}}

// night reads one sleep session, night or nap: only their length tells them apart.
func (d *decoder) night(v *fastjson.Value) (exporter.Record, bool) {
	r, ok := d.session(v)
	if !ok {
		return r, r.ID != ""
	}
	start, end := r.Start, r.End
	r.Start = start.In(d.location(v)) // for the midnight of its date
	r.Date = d.wakeUpDay(v, end)
	d.frame(&r, "startdate", start.Unix())
	d.frame(&r, "enddate", end.Unix())
	d.fields(&r, v.Get("data"))
	return r, true
}

// wakeUpDay is the date of a night: the day on which it ended where the person was. A
// date that cannot be right is not used, since a night dated far ahead would be shown
// until then.
func (d *decoder) wakeUpDay(v *fastjson.Value, end time.Time) string {
	ended := end.In(d.location(v)).Format(time.DateOnly)
	told, err := time.Parse(time.DateOnly, text(v.Get("date")))
	if err != nil {
		return ended
	}
	// A row that names no time zone, or another than the person's, may be a day off.
	if day := end.Truncate(24 * time.Hour); told.Sub(day).Abs() > 24*time.Hour {
		d.skip(ReasonMalformed)
		return ended
	}
	return told.Format(time.DateOnly)
}

// rowID is the id of a sleep or workout row. A row without one is known by its start;
// without that, the id is "".
func rowID(v *fastjson.Value, start time.Time) string {
	if id, ok := integer(v.Get("id")); ok {
		return strconv.FormatInt(id, 10)
	}
	if start.IsZero() {
		return ""
	}
	return "start-" + strconv.FormatInt(start.Unix(), 10)
}

// nightEventNames are Withings' numbers for what happens in a night.
var nightEventNames = map[string]string{
	"1": "got_in_bed", "2": "fell_asleep", "3": "woke_up", "4": "got_out_of_bed",
	"5": "manual_sleep_start", "6": "manual_awake_start",
}

// nightEvents counts the events of a night by kind. They are a JSON object, or one
// inside a string.
func (d *decoder) nightEvents(r *exporter.Record, m *exporter.Metric, v *fastjson.Value) {
	if v.Type() == fastjson.TypeString {
		text := v.GetStringBytes()
		if len(text) == 0 {
			return
		}
		inner, err := fastjson.ParseBytes(text)
		if err != nil {
			d.spoil(ReasonMalformed)
			return
		}
		v = inner
	}
	if object(v) == nil {
		if !empty(v) {
			d.spoil(ReasonMalformed)
		}
		return // nothing happened, or nobody watched
	}
	v.GetObject().Visit(func(key []byte, moments *fastjson.Value) {
		d.nightEvent(r, m, strings.ToValidUTF8(string(key), "�"), moments)
	})
}

func (d *decoder) nightEvent(r *exporter.Record, m *exporter.Metric, key string, moments *fastjson.Value) {
	if moments.Type() != fastjson.TypeArray && object(moments) == nil {
		d.spoil(ReasonMalformed)
		return
	}
	name, known := nightEventNames[key]
	if !known {
		name = "event_" + d.label(key)
		if !d.admits("events of a night", name) {
			return
		}
		d.unknown(d.service, name)
	}
	d.put(r, m, exporter.Integer(int64(len(list(moments)))), exporter.LabelValues(name))
}
