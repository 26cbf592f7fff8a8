package exporter

import (
	"slices"
	"time"
)

// Day is what a metric was on one day.
type Day struct {
	Date  string  // YYYY-MM-DD by the person's calendar
	Value Decimal // in the metric's unit
	Known bool    // false: nothing is known of that day
}

// Days are the values of a metric on the last n days by the person's calendar, from
// the earliest to today: of a measure the last of a day, of activity and sleep that of
// the row that counts. Days without one are among them.
func (s *State) Days(m *Metric, now time.Time, n int) []Day {
	s.mu.Lock()
	defer s.mu.Unlock()
	zone, of := s.location(), map[string][]*Record{}
	records := s.all(m.Service)
	for i := range records {
		r := &records[i]
		date := r.Date
		if date == "" {
			date = r.End.In(zone).Format(time.DateOnly)
		}
		of[date] = append(of[date], r)
	}
	counts := m.Service.Row().day
	if counts == nil {
		counts = latestWith(m)
	}
	local, days := now.In(zone), make([]Day, n)
	for i := range days {
		// Noon of UTC exists on every date.
		d := &days[i]
		d.Date = time.Date(local.Year(), local.Month(), local.Day()+i-n+1, 12, 0, 0, 0, time.UTC).Format(time.DateOnly)
		if r := counts(of[d.Date]); r != nil {
			d.Value, d.Known = r.whole(m)
		}
	}
	return days
}

// latestWith picks the latest record that has a value of a metric; nil without one.
func latestWith(m *Metric) func([]*Record) *Record {
	return func(records []*Record) *Record {
		var latest *Record
		for _, r := range records {
			if _, has := r.whole(m); has && (latest == nil || r.compare(latest) > 0) {
				latest = r
			}
		}
		return latest
	}
}

// whole is the record's value of a metric for the whole body, or without any label.
func (r *Record) whole(m *Metric) (Decimal, bool) {
	i := slices.IndexFunc(r.Readings, func(is Reading) bool { return is.Metric == m && is.Labels == "" })
	if i < 0 {
		return Decimal{}, false
	}
	return r.Readings[i].Value, true
}
