package withings

import (
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/redact"
)

// Why a reading was left out: the reason label of withings_skipped_readings_total.
const (
	ReasonAmbiguous    = "ambiguous"     // may be another person's (attrib 1)
	ReasonInconclusive = "inconclusive"  // as Withings itself says
	ReasonCategory     = "category"      // an objective among measures, or the reverse
	ReasonNotAvailable = "not_available" // -1, a heart rate of 0, null
	ReasonMalformed    = "malformed"     // not what the reference describes
	ReasonOutOfRange   = "out_of_range"  // more digits than a number has
	ReasonFuture       = exporter.Future // dated after tomorrow; a bed event: not yet
	ReasonTooOld       = exporter.TooOld // a bed event that is older than a week
	ReasonUnknown      = "unknown"       // of a kind without a row; a measure is still shown, as it was sent
	ReasonTooMany      = "too_many"      // beyond the limit of unknown kinds or of devices
)

// Reasons lists every reason, for counters that begin at zero.
func Reasons() []string {
	return []string{ReasonAmbiguous, ReasonInconclusive, ReasonCategory, ReasonNotAvailable,
		ReasonMalformed, ReasonOutOfRange, ReasonFuture, ReasonTooOld, ReasonUnknown, ReasonTooMany}
}

// decoder turns one body into records.
type decoder struct {
	now       time.Time
	ambiguous bool
	skip      func(reason string)
	unknown   func(service exporter.Service, kind string)
	unread    func(service exporter.Service, why string) // called for every row that cannot be read; may be nil
	exceeded  func(what string)                          // called for what is beyond a limit; may be nil
	each      func(*fastjson.Value, *exporter.Record)    // called for every row that could be read; may be nil
	split     *envelope.Split                            // may have the rows of the answer; may be nil
	kinds     *kinds
	token     string // of the request, which an answer may repeat anywhere

	service exporter.Service // of the answer

	server  time.Time // Withings' time of the answer; zero if unknown
	newest  time.Time // the latest change of its records; zero if unknown
	rows    rows      // of the answer, and what was wrong with them
	devices int       // of the answer
	spoilt  int       // values of the current row that cannot be read

	zoneName string // the time zone used last, since rows mostly share one
	zone     *time.Location
}

func (a *Account) decoder(now time.Time) *decoder {
	return &decoder{
		now:       now,
		ambiguous: a.client.Ambiguous,
		skip:      a.client.Observe.Skipped,
		unknown: func(service exporter.Service, kind string) {
			kind = redact.Text(kind, a.trust.asked)
			a.client.once(string(service)+kind, "Withings sends a kind of value this exporter does not know; please report it",
				"service", string(service), "type", kind, "profile", a.profile)
		},
		unread: func(service exporter.Service, why string) {
			a.client.once("row "+string(service)+why+a.profile, "Withings sends rows that cannot be read; they are skipped, please report it",
				"service", string(service), "rows", why, "profile", a.profile)
		},
		exceeded: func(what string) {
			a.client.once("too many "+what+a.profile, "Withings sends more than this exporter accepts; the rest is skipped and counted, please report it",
				"what", what, "limit", mostKinds, "profile", a.profile)
		},
		kinds: &a.kinds,
		token: a.trust.asked,
	}
}

// decode reads the records of a service. Rows that cannot be read, and an answer
// without a list of rows, are counted in d.rows.
func (d *decoder) decode(service exporter.Service, body *fastjson.Value) exporter.Batch {
	batch := exporter.Batch{Service: service}
	d.service = service
	if body != nil && body.Type() == fastjson.TypeArray && empty(body) { // PHP's {}
		batch.Listless = true
		d.rows.listless = true
		return batch
	}
	if object(body) == nil {
		d.skip(ReasonMalformed)
		d.rows.none("has no body")
		return batch
	}
	batch.Timezone = text(body.Get("timezone"))
	d.server, _ = epoch(body.Get("updatetime"))
	at := endpoints[service]
	rows := body.Get(at.list)
	switch {
	case d.split.Has():
		batch.Records = d.list(at, d.split.Rows(), d.split.Len(), &batch.Timezone)
	case rows == nil:
		batch.Listless = true
		d.rows.listless = true
	case empty(rows):
	case at.object != nil && object(rows) != nil:
		batch.Records = at.object(d, rows)
	case at.object != nil || rows.Type() != fastjson.TypeArray && object(rows) == nil:
		d.skip(ReasonMalformed)
		d.rows.none("has no list of " + at.list)
	case at.all != nil:
		batch.Records = at.all(d, list(rows))
	default:
		all := list(rows)
		batch.Records = d.list(at, slices.Values(all), len(all), &batch.Timezone)
	}
	return batch
}

// list reads the rows of a list. If zone is empty, it is that of the first row with
// one.
func (d *decoder) list(at *endpoint, elements iter.Seq[*fastjson.Value], count int, zone *string) []exporter.Record {
	records := make([]exporter.Record, 0, count)
	for v := range elements {
		d.rows.all++
		d.spoilt = 0
		if object(v) == nil {
			d.malformed("that are not objects", "")
			continue
		}
		r, ok := at.row(d, v)
		if !ok {
			continue
		}
		r.Service = d.service
		d.newest = exporter.Later(d.newest, r.Modified)
		if *zone == "" {
			*zone = text(v.Get("timezone"))
		}
		if d.each != nil {
			d.each(v, &r)
		}
		records = append(records, r)
	}
	return records
}

// malformed skips a whole row, for a reason that follows the word "rows". If its id
// can be read, at least the record is known to exist still.
func (d *decoder) malformed(why, id string) (exporter.Record, bool) {
	d.skip(ReasonMalformed)
	d.bad(why)
	return exporter.Record{ID: id, Damaged: true}, id != ""
}

// bad counts a row that cannot be read.
func (d *decoder) bad(why string) {
	d.rows.add(why)
	if d.unread != nil {
		d.unread(d.service, why)
	}
}

// admits reports whether an unknown kind may have a series.
func (d *decoder) admits(what, kind string) bool {
	if d.kinds.admits(what, kind) {
		return true
	}
	d.tooMany(what)
	return false
}

func (d *decoder) tooMany(what string) {
	d.skip(ReasonTooMany)
	if d.exceeded != nil {
		d.exceeded(what)
	}
}

// left is a row that exists but is not read. Its earlier values stay, since the clock
// of this machine may be wrong.
func left(id string) (exporter.Record, bool) { return exporter.Record{ID: id, Damaged: true}, true }

// spoil counts a value that cannot be read.
func (d *decoder) spoil(reason string) {
	d.skip(reason)
	d.spoilt++
}

// sound judges a row by how many of its values could be read. A row without values
// removes nothing; it counts as bad if it had some that cannot be read.
func (d *decoder) sound(r *exporter.Record, read int) {
	r.Damaged = d.spoilt > 0 || read == 0
	if d.spoilt > 0 && read == 0 {
		d.bad("without a value that can be read")
	}
}

// modified is when a row was last changed, or else created. A time in the future is
// not used, since it would block every correction until then.
func (d *decoder) modified(v *fastjson.Value) time.Time {
	t, ok := epoch(v.Get("modified"))
	if !ok {
		t, _ = epoch(v.Get("created"))
	}
	if t.After(d.now.Add(ahead)) {
		d.skip(ReasonFuture)
		return time.Time{}
	}
	return t
}

// made is which device made a row, by its id.
func (d *decoder) made(v *fastjson.Value) exporter.Maker {
	for _, key := range []string{"deviceid", "hash_deviceid"} {
		if id := v.GetStringBytes(key); len(id) > 0 {
			return exporter.MakerOf(string(id))
		}
	}
	return exporter.Unnamed
}

// session reads id and times of a night or a workout; false if the rest is not to be
// read: then the record is passed on as it is, if it has an id.
func (d *decoder) session(v *fastjson.Value) (r exporter.Record, ok bool) {
	start, okStart := epoch(v.Get("startdate"))
	end, okEnd := epoch(v.Get("enddate"))
	r = exporter.Record{ID: rowID(v, start), Start: start, End: end, Modified: d.modified(v), Maker: d.made(v)}
	switch {
	case !okStart:
		r, _ = d.malformed("without startdate", r.ID)
	case !okEnd:
		r, _ = d.malformed("without enddate", r.ID)
	case end.Before(start):
		r, _ = d.malformed("that end before they begin", r.ID)
	case !d.past(end):
		r, _ = left(r.ID)
	default:
		return r, true
	}
	return r, false
}

// ahead is how far in the future a row may be dated: days begin earlier in the east,
// and clocks differ.
const ahead = 48 * time.Hour

// past rejects times after tomorrow: such a value would stay the latest for ever.
func (d *decoder) past(t time.Time) bool {
	if t.After(d.now.Add(ahead)) {
		d.skip(ReasonFuture)
		return false
	}
	return true
}

// location is the time zone that a row names, UTC without one. The last one is kept,
// since looking one up reads a file.
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

// date reads a date, YYYY-MM-DD; "" for anything else.
func date(v *fastjson.Value) string {
	s := text(v)
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return ""
	}
	return s
}

// add adds a reading if the value is a number. Null, -1 and a zero that means "none"
// are counted as not available; an absent field is not counted.
func (d *decoder) add(r *exporter.Record, m *exporter.Metric, v *fastjson.Value, labels exporter.Labels) {
	if v == nil {
		return
	}
	value, ok := number(v)
	switch {
	case ok:
		d.put(r, m, value, labels)
	case empty(v) && v.Type() != fastjson.TypeArray && v.Type() != fastjson.TypeObject:
		d.skip(ReasonNotAvailable)
	default:
		d.spoil(reasonFor(v))
	}
}

// reasonFor is why a value is not a usable number.
func reasonFor(v *fastjson.Value) string {
	switch v.Type() {
	case fastjson.TypeNull, fastjson.TypeFalse:
		return ReasonNotAvailable
	case fastjson.TypeNumber:
		return ReasonOutOfRange
	}
	return ReasonMalformed
}

// put adds a reading to a record, converted to the metric's unit. No metric can be
// negative: from Withings that means "none".
func (d *decoder) put(r *exporter.Record, m *exporter.Metric, value exporter.Decimal, labels exporter.Labels) {
	if value.Sign() < 0 || m.Present && value.Sign() == 0 {
		d.skip(ReasonNotAvailable)
		return
	}
	value, err := m.Scaled(value)
	if err != nil {
		d.spoil(ReasonOutOfRange)
		return
	}
	d.set(r, exporter.Reading{Metric: m, Labels: labels, Value: value})
}

// maxReadings bounds a record; a full Body Scan weigh-in has under fifty.
const maxReadings = 1000

// set adds a reading to a record, in place of an earlier one of the same series.
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

// fields adds every field of a data object that has a row in the catalogue, and
// judges the record by them.
func (d *decoder) fields(r *exporter.Record, data *fastjson.Value) {
	before := len(r.Readings)
	defer func() { d.sound(r, len(r.Readings)-before) }()
	if object(data) == nil {
		if !empty(data) {
			d.spoil(ReasonMalformed)
		}
		return
	}
	for _, m := range dataRows[d.service] {
		if v := data.Get(m.path...); v != nil {
			m.read(d, r, m.Metric, v)
		}
	}
}

// states sets the series of the current state to 1 and the others to 0. A state that
// is not in the row, such as "unknown", sets none. The given labels come before the
// state.
func (d *decoder) states(r *exporter.Record, m *exporter.Metric, state string, labels ...string) {
	if !slices.Contains(m.States, state) {
		if state != "" && state != "unknown" {
			d.skip(ReasonUnknown)
			d.unknown(m.Service, m.Key+" "+strconv.Quote(short(redact.Text(state, d.token))))
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
func (d *decoder) frame(r *exporter.Record, key string, value int64) {
	d.put(r, exporter.ByOrigin(d.service, key), exporter.Integer(value), "")
}
