package exporter

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"time"
)

// Sample is one series of a snapshot.
type Sample struct {
	Metric   *Metric
	Labels   Labels // in the order of the row; an activity's day is filled in
	Value    Decimal
	Measured time.Time // when the value was measured; zero if unknown
}

// Snapshot is what is shown of one profile, sorted by metric and labels.
type Snapshot struct {
	Profile string
	Version uint64
	Samples []Sample
	Until   time.Time // from then on something else is shown: the person's next midnight, or when a value is too old
}

// Snapshot returns what is shown at a moment.
func (s *State) Snapshot(now time.Time) Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	local := now.In(s.location())
	samples, until := []Sample(nil), nextMidnight(local)
	for i := range services {
		w, before := &services[i], len(samples)
		if slices.Contains(s.hidden, w.Name) {
			continue
		}
		samples = w.show(samples, s.all(w.Name), local)
		samples, until = w.dropStale(samples, before, now, until)
	}
	sort.Slice(samples, func(i, j int) bool {
		a, b := &samples[i], &samples[j]
		return cmp.Or(strings.Compare(a.Metric.Name, b.Metric.Name), strings.Compare(string(a.Labels), string(b.Labels))) < 0
	})
	return Snapshot{Profile: s.profile, Version: s.version, Samples: samples, Until: until}
}

// dropStale drops the service's samples, those from first on, that are too old to be
// shown. The others are shown until the returned moment at most.
func (w *ServiceRow) dropStale(samples []Sample, first int, now, until time.Time) ([]Sample, time.Time) {
	if w.fresh == 0 {
		return samples, until
	}
	kept := samples[:first]
	for _, sample := range samples[first:] {
		if w.Minutes && !sample.Metric.GaugeOnly { // the latest is shown, however old
			kept = append(kept, sample)
			continue
		}
		if end := sample.Measured.Add(w.fresh); now.Before(end) {
			kept, until = append(kept, sample), Earlier(until, end)
		}
	}
	return kept, until
}

// newest is the latest of some records; nil if there are none.
func newest(records []Record) *Record {
	var latest *Record
	for i := range records {
		if r := &records[i]; latest == nil || r.compare(latest) > 0 {
			latest = r
		}
	}
	return latest
}

// appendRecord shows a record, with its own labels unless a label is given.
func appendRecord(samples []Sample, r *Record, label Labels) []Sample {
	for _, reading := range r.Readings {
		labels := reading.Labels
		if label != "" {
			labels = label
		}
		samples = append(samples, Sample{Metric: reading.Metric, Labels: labels, Value: reading.Value, Measured: r.End})
	}
	return samples
}

// appendEach shows every record.
func appendEach(samples []Sample, records []Record, _ time.Time) []Sample {
	for i := range records {
		samples = appendRecord(samples, &records[i], "")
	}
	return samples
}

// ofDate are the records of a date, without records of naps.
func ofDate(records []Record, date string) []*Record {
	var all []*Record
	for i := range records {
		if records[i].Date == date && !records[i].OfNaps() {
			all = append(all, &records[i])
		}
	}
	return all
}

// appendNewest shows the latest record.
func appendNewest(samples []Sample, records []Record, _ time.Time) []Sample {
	if r := newest(records); r != nil {
		samples = appendRecord(samples, r, "")
	}
	return samples
}

// nextMidnight is when the next calendar day begins, even where clocks change at
// midnight.
func nextMidnight(now time.Time) time.Time {
	return startOfDay(now.Year(), now.Month(), now.Day()+1, now.Location())
}

// startOfDay is the first moment of a date. Where midnight is skipped by a
// clock change, time.Date lands an hour off and the search corrects that.
func startOfDay(year int, month time.Month, day int, zone *time.Location) time.Time {
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	want := time.Date(year, month, day, 12, 0, 0, 0, zone).Day()
	for t.Day() != want {
		t = t.Add(30 * time.Minute)
	}
	for prev := t.Add(-time.Minute); prev.Day() == want; prev = t.Add(-time.Minute) {
		t = prev
	}
	return t
}

// DayStart is the first moment of a date (YYYY-MM-DD) in a time zone; false if the
// date is not valid.
func DayStart(date string, zone *time.Location) (time.Time, bool) {
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return time.Time{}, false
	}
	return startOfDay(d.Year(), d.Month(), d.Day(), zone), true
}
