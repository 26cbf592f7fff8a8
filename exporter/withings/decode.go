package withings

import (
	"slices"
	"strconv"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// Why a reading was left out: the reason label of withings_skipped_readings_total.
const (
	ReasonAmbiguous    = "ambiguous"     // may be another person's (attrib 1)
	ReasonInconclusive = "inconclusive"  // Withings says so itself
	ReasonCategory     = "category"      // an objective among measures, or the reverse
	ReasonNotAvailable = "not_available" // -1, a heart rate of 0, null
	ReasonMalformed    = "malformed"     // not what the reference describes
	ReasonOutOfRange   = "out_of_range"  // more digits than a number has
	ReasonFuture       = "future"        // dated after tomorrow
	ReasonUnknown      = "unknown"       // of a kind without a row; a measure is shown all the same, as it was sent
)

// Reasons lists every reason, for counters that begin at zero.
func Reasons() []string {
	return []string{ReasonAmbiguous, ReasonInconclusive, ReasonCategory, ReasonNotAvailable,
		ReasonMalformed, ReasonOutOfRange, ReasonFuture, ReasonUnknown}
}

// decoder turns one body into records.
type decoder struct {
	now       time.Time
	ambiguous bool
	skip      func(reason string)
	unknown   func(service exporter.Service, kind string)

	server time.Time // Withings' time of the answer; zero when it does not tell
	newest time.Time // when the newest of its records was changed; zero when none tells
	broken bool      // a record was left out for being malformed

	zoneName string // the time zone used last, since rows mostly share one
	zone     *time.Location
}

func (a *Account) decoder(now time.Time) *decoder {
	return &decoder{
		now:       now,
		ambiguous: a.client.Ambiguous,
		skip:      a.client.Observe.Skipped,
		unknown: func(service exporter.Service, kind string) {
			a.client.once(string(service)+kind, "Withings sends a kind of value this exporter does not know; please report it",
				"service", string(service), "type", kind, "profile", a.profile)
		},
	}
}

// decode reads the records of a service. A body that is not what it should be
// has none.
func (d *decoder) decode(service exporter.Service, body *fastjson.Value) exporter.Batch {
	batch := exporter.Batch{Service: service}
	if object(body) == nil {
		d.unlessEmpty(body)
		d.broken = true // it tells nothing, so nothing is known to be gone either
		return batch
	}
	batch.Timezone = text(body.Get("timezone"))
	d.server, _ = epoch(body.Get("updatetime"))
	rows := body.Get(endpoints[service].list)
	d.broken = d.broken || rows == nil
	if service == exporter.Goal {
		batch.Records = d.goals(rows)
		return batch
	}
	elements := list(rows)
	if len(elements) == 0 {
		d.unlessEmpty(rows)
	}
	batch.Records = make([]exporter.Record, 0, len(elements))
	for _, v := range elements {
		r, ok := d.record(service, v)
		if !ok {
			continue
		}
		r.Service = service
		d.newest = later(d.newest, r.Modified)
		if batch.Timezone == "" {
			batch.Timezone = text(v.Get("timezone"))
		}
		batch.Records = append(batch.Records, r)
	}
	return batch
}

// record reads one row of a service; false when nothing can be made of it.
func (d *decoder) record(service exporter.Service, v *fastjson.Value) (exporter.Record, bool) {
	if object(v) == nil {
		return d.malformed()
	}
	switch service {
	case exporter.Measure:
		return d.group(v, exporter.Measure, categoryMeasure)
	case exporter.Objective:
		return d.group(v, exporter.Objective, categoryObjective)
	case exporter.Activity:
		return d.day(v)
	case exporter.Sleep:
		return d.night(v)
	case exporter.Workout:
		return d.workout(v)
	case exporter.Device:
		return d.device(v)
	}
	return exporter.Record{}, false
}

// malformed leaves out a whole record. Whoever judges by this answer what is
// gone must know of it: the record may be one that is held.
func (d *decoder) malformed() (exporter.Record, bool) {
	d.skip(ReasonMalformed)
	d.broken = true
	return exporter.Record{}, false
}

// unlessEmpty takes what stands where records should be for malformed, unless
// it is one of the many ways in which Withings says that there are none.
func (d *decoder) unlessEmpty(v *fastjson.Value) {
	if !empty(v) {
		d.malformed()
	}
}

// modified is when a row was last changed, or at least stored.
func modified(v *fastjson.Value) time.Time {
	if t, ok := epoch(v.Get("modified")); ok {
		return t
	}
	t, _ := epoch(v.Get("created"))
	return t
}

// span reads startdate and enddate of a row; false when they are none or lie
// in the future.
func (d *decoder) span(v *fastjson.Value) (start, end time.Time, ok bool) {
	start, okStart := epoch(v.Get("startdate"))
	end, okEnd := epoch(v.Get("enddate"))
	if !okStart || !okEnd || end.Before(start) {
		d.malformed()
		return start, end, false
	}
	return start, end, d.past(end)
}

// past refuses what is dated after tomorrow: it would stay the latest for ever.
func (d *decoder) past(t time.Time) bool {
	if t.After(d.now.Add(48 * time.Hour)) {
		d.skip(ReasonFuture)
		return false
	}
	return true
}

// location is the time zone a row names, UTC when it names none. Looking one up
// reads a file.
func (d *decoder) location(v *fastjson.Value) *time.Location {
	name := text(v.Get("timezone"))
	if d.zone != nil && name == d.zoneName {
		return d.zone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		zone = time.UTC
	}
	d.zoneName, d.zone = name, zone
	return zone
}

// date reads a YYYY-MM-DD; "" when it is none.
func date(v *fastjson.Value) string {
	s := text(v)
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return ""
	}
	return s
}

// add appends the reading of a metric when the value is one. An absent field is
// nothing to count; null, -1 and a zero that means "none" are.
func (d *decoder) add(r *exporter.Record, m *exporter.Metric, v *fastjson.Value, labels exporter.Labels) {
	if v == nil {
		return
	}
	value, ok := number(v)
	if !ok {
		d.skip(d.reasonFor(v))
		return
	}
	d.put(r, m, value, labels)
}

func (d *decoder) reasonFor(v *fastjson.Value) string {
	switch v.Type() {
	case fastjson.TypeNull, fastjson.TypeFalse:
		return ReasonNotAvailable
	case fastjson.TypeNumber:
		return ReasonOutOfRange
	}
	return ReasonMalformed
}

// put gives a record a reading, brought into the metric's unit. No value of the
// catalogue can be negative: where Withings sends one, it means "none".
func (d *decoder) put(r *exporter.Record, m *exporter.Metric, value exporter.Decimal, labels exporter.Labels) {
	if value.Sign() < 0 || m.Present && value.Sign() == 0 {
		d.skip(ReasonNotAvailable)
		return
	}
	value, err := m.Scaled(value)
	if err != nil {
		d.skip(ReasonOutOfRange)
		return
	}
	d.set(r, exporter.Reading{Metric: m, Labels: labels, Value: value})
}

// maxReadings bounds a record; a full Body Scan weigh-in has under fifty.
const maxReadings = 1000

// set gives a record a reading; a second one of the same series takes the place
// of the first.
func (d *decoder) set(r *exporter.Record, reading exporter.Reading) {
	for i := range r.Readings {
		if r.Readings[i].Metric == reading.Metric && r.Readings[i].Labels == reading.Labels {
			r.Readings[i].Value = reading.Value
			return
		}
	}
	if len(r.Readings) == maxReadings {
		d.skip(ReasonMalformed)
		return
	}
	r.Readings = append(r.Readings, reading)
}

// fields adds every field of a data object that has a row.
func (d *decoder) fields(r *exporter.Record, service exporter.Service, data *fastjson.Value) {
	if data = object(data); data == nil {
		return
	}
	for _, m := range dataRows[service] {
		v := data.Get(m.Key)
		switch {
		case v == nil:
		case m.States != nil:
			d.states(r, m, text(v))
		case m.Key == "night_events":
			d.nightEvents(r, m, v)
		default:
			d.add(r, m, v, "")
		}
	}
}

// dataRows are the rows that are plain fields of a data object.
var dataRows = func() map[exporter.Service][]*exporter.Metric {
	all := map[exporter.Service][]*exporter.Metric{}
	for _, m := range exporter.Catalog() {
		if !m.Frame {
			all[m.Service] = append(all[m.Service], m)
		}
	}
	return all
}()

// states sets the series of the state that holds to 1 and the others to 0. A
// state that is not in the row, such as "unknown", sets none. Labels before the
// state are those given.
func (d *decoder) states(r *exporter.Record, m *exporter.Metric, state string, labels ...string) {
	if !slices.Contains(m.States, state) {
		if state != "" && state != "unknown" {
			d.skip(ReasonUnknown)
			d.unknown(m.Service, m.Key+" "+strconv.Quote(state))
		}
		return
	}
	for _, s := range m.States {
		holds := exporter.Integer(0)
		if s == state {
			holds = exporter.Integer(1)
		}
		d.put(r, m, holds, exporter.LabelValues(append(slices.Clone(labels), s)...))
	}
}

// frame adds a reading from the row around the data.
func (d *decoder) frame(r *exporter.Record, service exporter.Service, key string, value int64) {
	d.put(r, exporter.ByOrigin(service, key), exporter.Integer(value), "")
}
