package exporter

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Reading is one value of one metric, in the metric's unit.
type Reading struct {
	Metric *Metric
	Labels Labels
	Value  Decimal
}

// Labels are the values of a metric's own labels in the order of its row, joined so
// that readings can be compared; "" if there are none.
type Labels string

const labelSeparator = "\x1f"

// LabelValues joins label values given in the order of the row.
func LabelValues(values ...string) Labels {
	var joined strings.Builder
	for i, v := range values {
		if i > 0 {
			joined.WriteString(labelSeparator)
		}
		joined.WriteString(strings.ReplaceAll(strings.ToValidUTF8(v, "�"), labelSeparator, " "))
	}
	return Labels(joined.String())
}

// Values are the label values that were joined.
func (l Labels) Values() []string {
	if l == "" {
		return nil
	}
	return strings.Split(string(l), labelSeparator)
}

// Record is what Withings has under one id, with all its readings: a measure group,
// a day, a night, a workout, a device. It comes, changes and goes as a whole.
type Record struct {
	Service  Service
	ID       string    // unique within service and profile
	Date     string    // YYYY-MM-DD in the person's time zone: the day of an activity, the wake-up day of a night; else ""
	Start    time.Time // when it was taken, or began
	End      time.Time // when it ended, or was last added to; Start for a single moment
	Modified time.Time // when Withings last changed it; zero if unknown
	Readings []Reading
	Damaged  bool  // some values could not be read; their earlier values stay
	Maker    Maker // what made it, as far as an answer tells; not saved
}

// Batch is one answer of Withings about one profile.
type Batch struct {
	Service  Service
	Records  []Record
	Timezone string // the profile's time zone; "" if unknown
	Whole    *Span  // if not nil, Records are everything in this span, and other known records in it are gone
	Listless bool   // the answer had no list of records, not even an empty one, as it may be for an empty account
}

// ids are the records in an answer. A row of a day also confirms the one that an
// earlier version of the exporter had for it, see restored.
func (b *Batch) ids() map[string]bool {
	told, relayed := make(map[string]bool, len(b.Records)), b.Service.Row().relayed
	for i := range b.Records {
		r := &b.Records[i]
		told[r.ID] = true
		if relayed && r.Date != "" {
			told[r.Date+Relayed] = true
		}
	}
	return told
}

// Join adds another answer about the same service.
func (b *Batch) Join(more Batch) {
	b.Service = more.Service
	b.Records = append(b.Records, more.Records...)
	b.Listless = b.Listless || more.Listless
	if more.Timezone != "" {
		b.Timezone = more.Timezone
	}
}

// Page is one answer of a call with several pages.
type Page struct {
	Batch
	More bool  // there is another page …
	Next int64 // … at this offset
}

// compare is positive when r is later than other: measured later, or at the same
// moment and changed later. The id decides the rest, so that the order of arrival
// never does.
func (r *Record) compare(other *Record) int {
	return cmp.Or(
		r.End.Compare(other.End),
		r.Modified.Compare(other.Modified),
		cmp.Compare(len(r.ID), len(other.ID)), // ids are numbers: the longer is the higher
		strings.Compare(r.ID, other.ID),
	)
}

// InOrder sorts records from earlier to later.
func InOrder(records []Record) []*Record {
	all := make([]*Record, len(records))
	for i := range records {
		all[i] = &records[i]
	}
	slices.SortStableFunc(all, func(a, b *Record) int { return a.compare(b) })
	return all
}

// equal reports whether both say the same.
func (r *Record) equal(other *Record) bool {
	if r.ID != other.ID || r.Date != other.Date || !r.Start.Equal(other.Start) || !r.End.Equal(other.End) ||
		!r.Modified.Equal(other.Modified) {
		return false
	}
	return slices.Equal(r.Readings, other.Readings)
}
