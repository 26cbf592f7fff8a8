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
	Beside
}

// Beside is the value of another metric that was measured at the same moment, as one blood pressure is with the other.
type Beside struct {
	Other Decimal
	Both  bool // false: there is none
}

// Days are the values of a metric on the last n days by the person's calendar, from
// the earliest to today: of a measure the last of a day, of activity and sleep that of
// the row that counts, with another metric that was measured then. Days without one are among them.
func (s *State) Days(m, other *Metric, now time.Time, n int) []Day {
	s.mu.Lock()
	defer s.mu.Unlock()
	zone, of := s.location(), map[string][]*Record{}
	for _, r := range InOrder(s.all(m.Service)) {
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
			d.Beside = together(of[d.Date], r, other)
		}
	}
	return days
}

// Beside is what was measured of another metric together with the latest value of m.
func (s *State) Beside(m, other *Metric) (is Beside) {
	s.mu.Lock()
	defer s.mu.Unlock()
	records := InOrder(s.all(m.Service))
	if r := latestWith(m)(records); r != nil {
		is = together(records, r, other)
	}
	return is
}

// together is the value of a metric in a record, or in another of the same moment.
func together(records []*Record, r *Record, other *Metric) (is Beside) {
	if is.Other, is.Both = r.whole(other); is.Both {
		return is
	}
	for _, same := range records {
		if is.Other, is.Both = same.whole(other); is.Both && same.End.Equal(r.End) {
			return is
		}
	}
	return Beside{}
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
