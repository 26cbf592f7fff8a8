package exporter

import (
	"cmp"
	"slices"
	"time"
)

// nightOf picks the session that counts as the night of a date, and its naps.
// Sessions that overlap the longest, or are at least half as long, are the same
// sleep seen by several devices. Of these one with stages is preferred, then the
// longest.
func nightOf(sessions []*Record) (night *Record, naps []*Record) {
	if len(sessions) == 0 {
		return nil, nil
	}
	longest := slices.MinFunc(sessions, longestFirst)
	var same []*Record
	for _, r := range sessions {
		if r.overlaps(longest) || r == longest || 2*r.length() >= longest.length() {
			same = append(same, r)
		}
	}
	night = slices.MinFunc(same, bestFirst)
	apart := []*Record{night}
	for _, r := range slices.SortedFunc(slices.Values(sessions), bestFirst) {
		if r != night && !slices.ContainsFunc(apart, r.overlaps) {
			apart = append(apart, r)
		}
	}
	return night, apart[1:]
}

// mainSleep is the night of nightOf.
func mainSleep(sessions []*Record) *Record {
	night, _ := nightOf(sessions)
	return night
}

func bestFirst(a, b *Record) int {
	return cmp.Or(cmp.Compare(rank(b.staged()), rank(a.staged())), longestFirst(a, b))
}

func longestFirst(a, b *Record) int {
	return cmp.Or(cmp.Compare(b.length(), a.length()), b.compare(a))
}

func rank(is bool) int {
	if is {
		return 1
	}
	return 0
}

// stages are the fields that only a device which tells light from deep sleep fills.
var stages = []string{"lightsleepduration", "deepsleepduration", "remsleepduration"}

// staged reports whether a session has stages.
func (r *Record) staged() bool {
	return slices.ContainsFunc(r.Readings, func(is Reading) bool {
		return is.Value.Sign() > 0 && slices.Contains(stages, is.Metric.Key)
	})
}

func (r *Record) length() time.Duration { return r.End.Sub(r.Start) }

func (r *Record) overlaps(other *Record) bool {
	return r.Start.Before(other.End) && other.Start.Before(r.End)
}

// appendNight shows one session of the newest date and counts its naps.
func appendNight(samples []Sample, records []Record, _ time.Time) []Sample {
	date := ""
	for i := range records {
		date = max(date, records[i].Date)
	}
	night, naps := nightOf(ofDate(records, date))
	if night == nil {
		return samples
	}
	samples = appendRecord(samples, night, "")
	for _, reading := range napReadings(naps) {
		samples = append(samples, Sample{Metric: reading.Metric, Value: reading.Value, Measured: night.End})
	}
	return samples
}

// sessionsAndNaps are the sessions of a date and the record of its naps.
func sessionsAndNaps(rows []*Record) []Record {
	all := make([]Record, 0, len(rows)+1)
	for _, r := range rows {
		all = append(all, *r)
	}
	return append(all, napsOf(rows))
}

// napsOf is the record of the naps of a date. Its time is the midnight at which the
// date begins where the person was, whichever session is the night: when that
// changes, no sink has to delete anything.
func napsOf(sessions []*Record) Record {
	_, naps := nightOf(sessions)
	r := Record{Service: Sleep, Date: sessions[0].Date, ID: "naps-" + sessions[0].Date, Readings: napReadings(naps)}
	first := slices.MinFunc(sessions, func(a, b *Record) int { return a.Start.Compare(b.Start) })
	r.Start, _ = DayStart(r.Date, first.Start.Location())
	for _, session := range sessions {
		r.End, r.Modified = Later(r.End, session.End), Later(r.Modified, session.Modified)
	}
	return r
}

// napReadings are the number of naps and their length.
func napReadings(naps []*Record) []Reading {
	var asleep time.Duration
	for _, r := range naps {
		asleep += r.length()
	}
	return []Reading{
		{Metric: ByOrigin(Sleep, "naps"), Value: Integer(int64(len(naps)))},
		{Metric: ByOrigin(Sleep, "naps_duration"), Value: Integer(int64(asleep / time.Second))},
	}
}

// OfNaps reports whether r is a record of naps made by a Completer.
func (r *Record) OfNaps() bool {
	return r.Service == Sleep && len(r.Readings) > 0 && r.Readings[0].Metric.Key == "naps"
}
