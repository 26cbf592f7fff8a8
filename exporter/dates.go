package exporter

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Relayed is in the id of a day that another maker's app relayed, between the
// date and from where: the person's own tracker may have a row of the same day.
const Relayed = " relayed-"

// relayed reports whether r is a day that another maker's app relayed.
func (r *Record) relayed() bool { return strings.Contains(r.ID, Relayed) }

// dayOf is the row of a date that counts: a tracker's own before a relayed one,
// then the one changed last. Two rows are never mixed.
func dayOf(rows []*Record) *Record {
	if len(rows) == 0 {
		return nil
	}
	return slices.MaxFunc(rows, func(a, b *Record) int {
		own := cmp.Compare(rank(!a.relayed()), rank(!b.relayed()))
		return cmp.Or(own, a.Modified.Compare(b.Modified), strings.Compare(a.ID, b.ID))
	})
}

// nightOf is the session of a date that counts, and the naps beside it. Sessions
// that overlap are the same sleep, seen by several devices; so are two that are
// about as long. Of these the ones with stages come first, then the longest.
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

// stages are the fields of a session that a device fills which tells light sleep
// from deep.
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

// napReadings tell of the naps beside a night.
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

// OfNaps reports whether r is the record that a Diary made of the naps of a date.
func (r *Record) OfNaps() bool {
	return r.Service == Sleep && len(r.Readings) > 0 && r.Readings[0].Metric.Key == "naps"
}
