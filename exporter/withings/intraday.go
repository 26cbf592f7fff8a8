package withings

import (
	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// intraday are the samples of getintradayactivity: an object with a sample for each
// moment at which there is one.
var intraday = endpoint{path: "/v2/measure", action: "getintradayactivity", list: "series", fields: true, object: (*decoder).intraday}

// intraday reads what trackers and phones counted and measured.
func (d *decoder) intraday(series *fastjson.Value) []exporter.Record {
	all := d.sampling()
	series.GetObject().Visit(func(key []byte, v *fastjson.Value) {
		d.rows.all++
		d.spoilt = 0
		at, ok := keyMoment(key)
		switch {
		case object(v) == nil:
			d.malformed("that are not objects", "")
			return
		case !ok:
			d.malformed("without a time", "")
			return
		case !d.past(at):
			return
		}
		who, spoilt := d.maker(v), true
		for _, m := range dataRows[d.service] {
			if field := v.Get(m.Key); field != nil {
				before := d.spoilt
				all.add(who, at, m.Metric, field)
				spoilt = spoilt && d.spoilt > before
			}
		}
		if spoilt && d.spoilt > 0 {
			d.bad("without a value that can be read")
		}
	})
	return all.records()
}
