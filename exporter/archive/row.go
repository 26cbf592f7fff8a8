package archive

import (
	"strconv"
	"time"

	"withings-exporter/exporter"
)

// Why a row was left out, besides its time.
const (
	rowNoValues  = "no known value"
	rowBackwards = "ends before it begins"
	rowRefused   = "reading stopped here"
)

// ahead is how far from now a date may lie: a time zone is at most a day away.
const ahead = 48 * time.Hour

// rowReader makes records of the rows of one file.
type rowReader struct {
	*binding
	*importer
	file  *FileReport
	comma bool // a comma in a number is its decimal point
	dates dateOrder
	order func() (dateOrder, error) // finds out how the file writes dates
}

// read makes a record of a row; why says for what it was left out. A part of a
// day makes no record yet. The error ends the file.
func (r *rowReader) read(fields []string) (record *exporter.Record, why string, err error) {
	switch r.shape {
	case days:
		why, err = r.day(fields)
		return nil, why, err
	case nights, workouts:
		return r.session(fields)
	}
	t, why, err := r.moment(cell(fields, r.start))
	if why != "" || err != nil {
		return nil, why, err
	}
	record = &exporter.Record{Service: r.service, Start: t, End: t}
	if r.shape == typed {
		if why := r.typedValue(record, fields); why != "" {
			return nil, why, nil
		}
	} else {
		record.ID = "csv-" + r.name + "-" + unix(t)
		r.values(fields, func(b *bound, d exporter.Decimal) { r.set(record, b.metric, "", d) })
	}
	if len(record.Readings) == 0 {
		return nil, rowNoValues, nil
	}
	return record, "", nil
}

// values reads the cells of a row that hold a value, in the units of the API.
func (r *rowReader) values(fields []string, use func(*bound, exporter.Decimal)) {
	for i := range r.cells {
		b := &r.cells[i]
		text := cell(fields, b.index)
		if absent(text) {
			continue
		}
		if d, ok := r.value(text, b.named, b.unit); ok {
			use(b, d)
		}
	}
}

// value reads one value in the unit of the API; false when it was left out.
func (r *rowReader) value(text, measured string, u unit) (exporter.Decimal, bool) {
	d, ok := exporter.Decimal{}, false
	if measured == "in" {
		d, ok = feet(text)
	}
	if !ok {
		var why string
		if d, why = number(text, r.comma); why != "" {
			r.file.leave(why)
			return d, false
		}
	}
	d, err := u.apply(d)
	if err != nil {
		r.file.leave(valueOutOfRange)
		return d, false
	}
	return d, true
}

// set gives a record a reading in the metric's unit. No value of the
// catalogue is negative, and of some a zero says that nothing was measured.
func (r *rowReader) set(record *exporter.Record, m *exporter.Metric, labels exporter.Labels, d exporter.Decimal) {
	if d.Sign() < 0 || m.Present && d.Sign() == 0 {
		r.file.leave(valueNotAvailable)
		return
	}
	d, err := m.Scaled(d)
	if err != nil {
		r.file.leave(valueOutOfRange)
		return
	}
	record.Readings = append(record.Readings, exporter.Reading{Metric: m, Labels: labels, Value: d})
}

// typedValue reads a row of other.csv; why says for what it was left out.
func (r *rowReader) typedValue(record *exporter.Record, fields []string) (why string) {
	name := cell(fields, r.kind)
	if unimported(fold(name)) {
		return valueNotImported
	}
	c, ok := kinds()[fold(name)]
	if !ok {
		r.file.unknown("type " + name)
		return valueNoRow
	}
	record.ID = "csv-other-" + c.key + "-" + unix(record.Start)
	labels := exporter.Labels("")
	if bySegment(c.metric) {
		position := positions[fold(cell(fields, r.position))]
		if position == "" {
			return valueNoPosition
		}
		record.ID, labels = record.ID+"-"+position, exporter.LabelValues(position)
	}
	measured := foldUnit(cell(fields, r.unitAt))
	if measured == "" {
		measured = c.unit
	}
	u, ok := units[c.of][measured]
	if !ok {
		return valueNoUnit
	}
	if text := cell(fields, r.amount); !absent(text) {
		if d, ok := r.value(text, measured, u); ok {
			r.set(record, c.metric, labels, d)
		}
	}
	return ""
}

// stamp reads a date and time as this file writes them.
func (r *rowReader) stamp(text string) (s stamp, why string, err error) {
	s, ok := parseStamp(text, r.dates)
	if ok && s.twoWays && r.dates == orderUnknown {
		if r.dates, err = r.order(); err != nil {
			return s, "", err
		}
		s, ok = parseStamp(text, r.dates)
	}
	if !ok {
		return s, timeMalformed, nil
	}
	return s, "", nil
}

// moment reads a date and time, to the second.
func (r *rowReader) moment(text string) (t time.Time, why string, err error) {
	s, why, err := r.stamp(text)
	if why != "" || err != nil {
		return t, why, err
	}
	return r.at(&s)
}

// at is the moment of a stamp, with what is to be noted of it.
func (r *rowReader) at(s *stamp) (t time.Time, why string, err error) {
	if !s.clock {
		return t, timeNoClock, nil
	}
	t, twice, ok := s.in(r.Zone)
	switch {
	case !ok:
		return t, timeSkipped, nil
	case t.Unix() <= 0:
		return t, timeMalformed, nil
	case t.After(r.Now.Add(ahead)):
		return t, timeFuture, nil
	}
	if twice {
		r.file.note(noteTwice)
	}
	if !s.precise {
		r.file.note(noteMinute)
	}
	return t.UTC(), "", nil
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
