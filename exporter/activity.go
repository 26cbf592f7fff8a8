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

// oneRow is the row of a day that counts. It was changed when any of the rows
// was: one that counts no longer is replaced by it, whichever came first.
func oneRow(rows []*Record) []Record {
	day := *dayOf(rows)
	day.ID = day.Date
	for _, r := range rows {
		day.Modified = Later(day.Modified, r.Modified)
	}
	return []Record{day}
}

// appendDays shows the row of today and that of yesterday, by the calendar of
// the person; a day without a row is absent.
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

// endOfDay is the midnight after a day, which is 23 or 25 hours long where the
// clocks change. The zone of the row counts, it is where the person was; that of
// the profile is for a row which came without; and should neither have a midnight
// where the day began, the day has 24 hours.
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
