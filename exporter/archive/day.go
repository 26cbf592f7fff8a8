package archive

import (
	"maps"
	"slices"
	"strings"

	"withings-exporter/exporter"
)

// day is what several files have told of one day.
type day struct {
	values  map[*exporter.Metric]exporter.Decimal // in the metrics' units
	active  *exporter.Decimal                     // energy in kcal, when told
	passive *exporter.Decimal
}

// day adds the values of a row to those of its day.
func (r *rowReader) day(fields []string) (why string, err error) {
	s, why, err := r.stamp(cell(fields, r.start))
	if why != "" || err != nil {
		return why, err
	}
	if r.Zone == nil { // a day is from midnight to midnight of a place
		return "", ErrNoZone
	}
	date := s.date()
	start, ok := exporter.DayStart(date, r.Zone)
	switch {
	case !ok || start.Unix() <= 0:
		return timeMalformed, nil
	case start.After(r.Now.Add(ahead)):
		return timeFuture, nil
	}
	told := 0
	if err := r.values(fields, func(b *bound, value exporter.Decimal) { told += r.tell(date, b, value) }); err != nil {
		return "", err
	}
	if told == 0 {
		return rowNoValues, nil
	}
	return "", nil
}

// tell adds one value to a day and returns how many it added.
func (r *rowReader) tell(date string, b *bound, value exporter.Decimal) int {
	d := r.days[date]
	if d == nil {
		d = &day{values: map[*exporter.Metric]exporter.Decimal{}}
	}
	switch b.key {
	case passiveKey:
		if value.Sign() < 0 {
			r.file.leave(valueNotAvailable)
			return 0
		}
		d.passive = &value
	default:
		var record exporter.Record
		r.set(&record, b.metric, "", value)
		if len(record.Readings) == 0 {
			return 0
		}
		d.values[b.metric] = record.Readings[0].Value
		if b.key == "calories" {
			d.active = &value
		}
	}
	r.days[date] = d
	return 1
}

// dayRecords are the days that were collected, the oldest first. The energy of
// the whole day is that of its two parts, as in the API.
func (im *importer) dayRecords() []exporter.Record {
	var records []exporter.Record
	for _, date := range slices.Sorted(maps.Keys(im.days)) {
		d := im.days[date]
		if d.active != nil && d.passive != nil {
			total := exporter.ByOrigin(exporter.Activity, "totalcalories")
			if kcal, err := sum(*d.active, *d.passive); err == nil {
				if joules, err := total.Scaled(kcal); err == nil {
					d.values[total] = joules
				}
			}
		}
		if len(d.values) == 0 {
			continue // energy at rest alone has no metric
		}
		start, _ := exporter.DayStart(date, im.Zone)
		record := exporter.Record{Service: exporter.Activity, ID: date, Date: date, Start: start, End: start.AddDate(0, 0, 1)}
		if im.Now.After(start) && im.Now.Before(record.End) {
			record.End = im.Now
		}
		for m, value := range d.values {
			record.Readings = append(record.Readings, exporter.Reading{Metric: m, Value: value})
		}
		slices.SortFunc(record.Readings, func(a, b exporter.Reading) int {
			return strings.Compare(a.Metric.Name, b.Metric.Name)
		})
		records = append(records, record)
	}
	return records
}
