package withings

import (
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// minutes are those of nights, from sleep get: segments of one state, each with an
// object of values by moment for every field. The summary of a night is in sleep.go.
var minutes = endpoint{path: "/v2/sleep", action: "get", list: "series", fields: true, all: (*decoder).segments}

// longestSegment is how long a state lasts at most. A window has 24 hours, and its
// first segment may have begun before it.
const longestSegment = 48 * time.Hour

// segments reads all segments of an answer together, since a minute may be in two of
// them: its values in one, its state in the next.
func (d *decoder) segments(rows []*fastjson.Value) []exporter.Record {
	all := d.sampling()
	for _, v := range rows {
		d.rows.all++
		d.spoilt = 0
		if object(v) == nil {
			d.malformed("that are not objects", "")
			continue
		}
		s, ok := d.session(v)
		switch {
		case !ok:
		case s.End.Sub(s.Start) > longestSegment:
			d.malformed("that last more than two days", "")
		default:
			d.segment(all, v, exporter.Span{From: s.Start, To: s.End})
		}
	}
	return all.records()
}

// segment reads one segment. Its state is that of each of its minutes; its values count
// at their own times, wherever they are.
func (d *decoder) segment(all *sampling, v *fastjson.Value, span exporter.Span) {
	who, read := d.maker(v), 0
	if state, ok := d.state(v.Get("state")); ok {
		read++
		of := exporter.ByOrigin(exporter.Night, "state")
		for at := span.From; at.Before(span.To); at = at.Add(time.Minute) {
			if i, ok := all.of(who, at); ok {
				d.put(&all.all[i], of, state, who.labels)
			}
		}
	}
	for _, m := range dataRows[d.service] {
		values := v.Get(m.Key)
		if object(values) == nil {
			if !empty(values) {
				d.spoil(ReasonMalformed)
			}
			continue
		}
		values.GetObject().Visit(func(key []byte, v *fastjson.Value) {
			at, ok := keyMoment(key)
			switch {
			case !ok:
				d.spoil(ReasonMalformed)
			case d.past(at):
				read++
				all.add(who, at, m.Metric, v)
			}
		})
	}
	if d.spoilt > 0 && d.spoilt >= read {
		d.bad("without a value that can be read")
	}
}

// state reads the state of a segment; false if it has none. One without a name counts,
// too.
func (d *decoder) state(v *fastjson.Value) (exporter.Decimal, bool) {
	code, ok := number(v)
	switch {
	case v == nil:
		return code, false
	case !ok && empty(v):
		d.skip(ReasonNotAvailable)
		return code, false
	case !ok:
		d.spoil(reasonFor(v))
		return code, false
	case code.Sign() < 0:
		d.skip(ReasonNotAvailable)
		return code, false
	}
	return code, true
}
