package exporter

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Relayed separates date and source in the id of a day that came through another
// maker's app: the person's own tracker may have a row for the same day.
const Relayed = " relayed-"

// relayed reports whether r is a day that came through another maker's app.
func (r *Record) relayed() bool { return strings.Contains(r.ID, Relayed) }

// dayOf picks the row that counts for a date: a tracker's own before a relayed
// one, then the one changed last. Two rows are never mixed.
func dayOf(rows []*Record) *Record {
	if len(rows) == 0 {
		return nil
	}
	return slices.MaxFunc(rows, func(a, b *Record) int {
		own := cmp.Compare(rank(!a.relayed()), rank(!b.relayed()))
		return cmp.Or(own, a.Modified.Compare(b.Modified), strings.Compare(a.ID, b.ID))
	})
}

// oneRow is the row that counts for a day. Its time of change is the latest of all
// rows, so that it replaces a row which no longer counts.
func oneRow(rows []*Record) []Record {
	day := *dayOf(rows)
	day.ID = day.Date
	for _, r := range rows {
		day.Modified = Later(day.Modified, r.Modified)
	}
	return []Record{day}
}

// appendDays shows today and yesterday by the person's calendar; a day without a
// row is absent.
func appendDays(samples []Sample, records []Record, local time.Time) []Sample {
	for _, day := range []struct {
		label Labels
		back  int
	}{{"today", 0}, {"yesterday", -1}} {
		date := time.Date(local.Year(), local.Month(), local.Day()+day.back, 12, 0, 0, 0, time.UTC).Format(time.DateOnly)
		if row := dayOf(ofDate(records, date)); row != nil {
			samples = appendRecord(samples, row, day.label)
		}
	}
	return samples
}

// endOfDay is the midnight after a day, which may be 23 or 25 hours long where
// clocks change. It goes by the time zone of the row, or else by that of the
// profile; if the day began at midnight in neither, it has 24 hours.
func endOfDay(r *Record, profile *time.Location) time.Time {
	if date, err := time.Parse(time.DateOnly, r.Date); err == nil {
		for _, zone := range []*time.Location{r.Start.Location(), profile} {
			if start := startOfDay(date.Year(), date.Month(), date.Day(), zone); start.Equal(r.Start) {
				return startOfDay(date.Year(), date.Month(), date.Day()+1, zone)
			}
		}
	}
	return r.Start.Add(24 * time.Hour)
}
