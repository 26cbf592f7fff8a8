package proof

import (
	"cmp"
	"slices"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/grafana/boards"
)

// value is a number of one row of the catalogue.
type value struct {
	row    string
	number float64
	labels map[string]string // besides the person; nil for most
}

// record is what was measured together: a weigh-in, a night, a workout, a day.
type record struct {
	service    exporter.Service
	date       string // of a day, and of the day on which a night ended
	start, end time.Time
	values     []value
	grows      []step    // of a day: what was known of it before it was over
	running    bool      // it is not over yet, as far as is known
	arrives    time.Time // when Withings knows it; zero: at its end
}

// step is how much of a day's totals is known from a time on.
type step struct {
	at    time.Time
	share float64
}

// of is a value of the record; false if there is none.
func (r *record) of(row string) (float64, bool) {
	for _, v := range r.values {
		if v.row == row && len(v.labels) == 0 {
			return v.number, true
		}
	}
	return 0, false
}

// history is what there is of a person, in the order of time.
type history struct {
	person  string
	zone    *time.Location
	now     time.Time
	records []record

	imported  time.Time // everything until then was imported; zero: nothing was
	exporters []scraped // that were scraped

	nights map[string]*record    // the one that counts of each date, once it was asked for
	traced map[traceKey][]moment // minutes, once they were asked for
}

// scraped is an exporter as Prometheus saw it.
type scraped struct {
	job, instance string
	from, to      time.Time // scraped
	known         time.Time // Withings answered until then; zero: all the time
}

// add adds a record.
func (h *history) add(r record) { h.records = append(h.records, r) }

// measured adds a reading of one moment.
func (h *history) measured(at time.Time, values ...value) {
	h.add(record{service: exporter.Measure, start: at, end: at, values: values})
}

// known is what a data source knows of the person: InfluxDB everything, Prometheus what
// was imported, and what an exporter showed while it was scraped.
func (h *history) known(kind boards.Source) *history {
	if kind == boards.InfluxDB {
		return h
	}
	const lateness = 3 * time.Hour
	last, live := h.imported.Add(-lateness), false
	for _, e := range h.exporters {
		if e.known.IsZero() && e.to.After(last) {
			last, live = e.to, true
		}
	}
	seen := *h
	seen.records, seen.nights, seen.traced = nil, nil, nil
	for _, r := range h.records {
		current := r.service == exporter.Goal || r.service == exporter.Device
		switch {
		case r.service.Row().Minutes: // depends on when it was seen
		case r.service == exporter.Presence && !h.seen(&r):
			continue
		case current && !live, r.service != exporter.Activity && r.end.After(last):
			continue
		case r.service == exporter.Activity && h.midnightAfter(r.date).After(last):
			values, measured := h.totals(r.date, last)
			if values == nil || !live {
				continue
			}
			r.values, r.end, r.running = values, measured, true
		}
		seen.records = append(seen.records, r)
	}
	seen.sorted()
	return &seen
}

// knownSince is when Withings knows a record.
func (r *record) knownSince() time.Time {
	if r.arrives.IsZero() {
		return r.end
	}
	return r.arrives
}

// sorted puts the records in the order in which they ended.
func (h *history) sorted() {
	slices.SortStableFunc(h.records, func(a, b record) int { return cmp.Or(a.end.Compare(b.end), a.start.Compare(b.start)) })
}

// day is a moment of a day so many days from today, by the clocks of the person.
func (h *history) day(offset, hour, minute int) time.Time {
	return time.Date(h.now.Year(), h.now.Month(), h.now.Day()+offset, hour, minute, 0, 0, h.zone)
}

// date is that day.
func (h *history) date(offset int) string { return h.day(offset, 12, 0).Format(time.DateOnly) }

// dateOf is the day of a moment where the person is.
func (h *history) dateOf(at time.Time) string { return at.In(h.zone).Format(time.DateOnly) }

// days are dates from one to another, both included.
func days(from, to string) []string {
	var all []string
	for d := from; d <= to; d = after(d, 1) {
		all = append(all, d)
	}
	return all
}

// after is the date so many days later.
func after(date string, days int) string {
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(err)
	}
	return d.AddDate(0, 0, days).Format(time.DateOnly)
}
