package archive

import (
	"strconv"
	"time"

	"withings-exporter/exporter"
)

// session reads a night or a workout, with the readings of the frame that the
// API puts around both.
func (r *rowReader) session(fields []string) (record *exporter.Record, why string, err error) {
	start, why, err := r.moment(cell(fields, r.start))
	if why != "" || err != nil {
		return nil, why, err
	}
	last, why, err := r.stamp(cell(fields, r.end))
	if why != "" || err != nil {
		return nil, why, err
	}
	end, why, err := r.at(&last)
	if why != "" || err != nil {
		return nil, why, err
	}
	if end.Before(start) {
		return nil, rowBackwards, nil
	}
	record = &exporter.Record{Service: r.service, Start: start, End: end}
	if r.shape == nights {
		return record, "", r.night(record, &last, fields)
	}
	r.workout(record, fields)
	return record, "", nil
}

// night fills in a sleep session. Its day is that of the wake-up, where the
// person was then.
func (r *rowReader) night(record *exporter.Record, last *stamp, fields []string) error {
	length := int64(record.End.Sub(record.Start) / time.Second)
	record.ID = "csv-" + unix(record.Start) + "-" + strconv.FormatInt(length, 10)
	record.Date = last.date()
	zone := last.offset // the midnight of the date is that of there
	if last.utc && r.Zone == nil {
		return ErrNoZone
	}
	if last.utc {
		record.Date = record.End.In(r.Zone).Format(time.DateOnly)
	}
	if last.utc || zone == nil {
		zone = r.Zone
	}
	record.Start = record.Start.In(zone)
	r.frame(record, "startdate", record.Start.Unix())
	r.frame(record, "enddate", record.End.Unix())
	return r.values(fields, func(b *bound, d exporter.Decimal) { r.set(record, b.metric, "", d) })
}

// workout fills in a workout.
func (r *rowReader) workout(record *exporter.Record, fields []string) {
	c, known := categories[fold(cell(fields, r.kind))]
	record.ID = "csv-" + strconv.FormatInt(c.code, 10) + "-" + unix(record.Start)
	if known {
		r.set(record, exporter.ByOrigin(exporter.Workout, "info"), exporter.LabelValues(c.label), exporter.Integer(1))
		r.frame(record, "category", c.code)
	} else {
		r.file.unknown("type " + cell(fields, r.kind))
		r.file.leave(valueNoRow)
	}
	r.frame(record, "startdate", record.Start.Unix())
	r.frame(record, "enddate", record.End.Unix())
	r.frame(record, "duration", int64(record.End.Sub(record.Start)/time.Second))
	r.workoutData(record, cell(fields, r.data), c.label == "swimming")
}

func (r *rowReader) frame(record *exporter.Record, key string, value int64) {
	r.set(record, exporter.ByOrigin(r.service, key), "", exporter.Integer(value))
}
