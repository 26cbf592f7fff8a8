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
	rowTooLong   = "more fields than the header"
)

// ahead is how far from now a date may lie: a time zone is at most a day away.
const ahead = 48 * time.Hour

// rowReader makes records of the rows of one file.
type rowReader struct {
	*binding
	*importer
	file   *FileReport
	dates  dateOrder
	habits *habits // nil until one is needed
	look   func() (*habits, error)
}

// known are the habits of the file. The error ends the file.
func (r *rowReader) known() (*habits, error) {
	var err error
	if r.habits == nil {
		r.habits, err = r.look()
	}
	return r.habits, err
}

// read makes a record of a row; why says for what it was left out. A part of a
// day makes no record yet. The error ends the file.
func (r *rowReader) read(fields []string) (record *exporter.Record, why string, err error) {
	switch {
	case r.tooLong(fields):
		return nil, rowTooLong, nil
	case r.shape == days:
		why, err = r.day(fields)
		return nil, why, err
	case r.shape == nights, r.shape == workouts:
		return r.session(fields)
	}
	t, why, err := r.moment(cell(fields, r.start))
	if why != "" || err != nil {
		return nil, why, err
	}
	record = &exporter.Record{Service: r.service, Start: t, End: t}
	if r.shape == typed {
		if why, err := r.typedValue(record, fields); why != "" || err != nil {
			return nil, why, err
		}
	} else {
		record.ID = "csv-" + r.name + "-" + unix(t)
		if err := r.values(fields, func(b *bound, d exporter.Decimal) { r.set(record, b.metric, "", d) }); err != nil {
			return nil, "", err
		}
	}
	if len(record.Readings) == 0 {
		return nil, rowNoValues, nil
	}
	return record, "", nil
}

// values reads the cells of a row that hold a value, in the units of the API.
func (r *rowReader) values(fields []string, use func(*bound, exporter.Decimal)) error {
	for i := range r.cells {
		b := &r.cells[i]
		switch d, ok, err := r.value(b, cell(fields, b.index)); {
		case err != nil:
			return err
		case ok:
			use(b, d)
		}
	}
	return nil
}

// value reads one value in the unit of the API; false when there is none or it was left
// out.
func (r *rowReader) value(b *bound, text string) (d exporter.Decimal, ok bool, err error) {
	if absent(text) {
		return d, false, nil
	}
	if b.named == "in" {
		d, ok = feet(text)
	}
	if !ok {
		var why string
		if d, why, err = r.number(b, text); why != "" || err != nil {
			if why != "" {
				r.file.leave(why)
			}
			return d, false, err
		}
	}
	if d, err = b.unit.apply(d); err != nil {
		r.file.leave(valueOutOfRange)
		return d, false, nil
	}
	return d, true, nil
}

// number reads a number. Which of two readings it is depends on what the column counts,
// then on how its other numbers are written, then on those of the file; a point that
// nothing speaks against is that of a fraction, as Withings writes it.
func (r *rowReader) number(b *bound, text string) (d exporter.Decimal, why string, err error) {
	all, why := numbers(text)
	if why != "" {
		return d, why, nil
	}
	if all = b.likely(all); len(all) == 1 {
		return all[0].value, "", nil
	}
	h, err := r.known()
	if err != nil {
		return d, "", err
	}
	in, torn := h.of(b.key)
	if in == notationUnknown && !torn && (all[0].in == pointDecimal || !r.commas) {
		in = all[0].in
	}
	for _, one := range all {
		if one.in == in {
			return one.value, "", nil
		}
	}
	return d, valueTwoWays, nil
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
func (r *rowReader) typedValue(record *exporter.Record, fields []string) (why string, err error) {
	b, why := r.typed(fields)
	if why == valueNoRow {
		r.file.unknown("type " + cell(fields, r.kind))
	}
	if why != "" {
		return why, nil
	}
	record.ID = "csv-other-" + b.key + "-" + unix(record.Start)
	labels := exporter.Labels("")
	if bySegment(b.metric) {
		position := positions[fold(cell(fields, r.position))]
		if position == "" {
			return valueNoPosition, nil
		}
		record.ID, labels = record.ID+"-"+position, exporter.LabelValues(position)
	}
	d, ok, err := r.value(&b, cell(fields, r.amount))
	if ok {
		r.set(record, b.metric, labels, d)
	}
	return "", err
}

// stamp reads a date and time as this file writes them.
func (r *rowReader) stamp(text string) (s stamp, why string, err error) {
	s, ok := parseStamp(text, r.dates)
	if ok && s.twoWays && r.dates == orderUnknown {
		h, err := r.known()
		if err == nil {
			r.dates, err = h.order()
		}
		if err != nil {
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
	if s.offset == nil && r.Zone == nil {
		return t, "", ErrNoZone
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
