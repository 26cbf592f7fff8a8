package exporter

import (
	"slices"
	"time"
)

// serviceState is what is held of one service; the State it belongs to guards it.
type serviceState struct {
	records  []Record
	progress Progress
}

// apply takes in what an answer said and reports whether what is held changed.
func (h *serviceState) apply(b Batch) (changed bool) {
	before := slices.Clone(h.records)
	at := make(map[string]int, len(h.records)+len(b.Records)) // where in h.records an id is
	for i := range h.records {
		at[h.records[i].ID] = i
	}
	if b.Whole != nil {
		h.forget(b)
	}
	for i := range b.Records {
		r := &b.Records[i]
		j, known := at[r.ID]
		switch {
		case !known:
			at[r.ID] = len(h.records)
			h.records = append(h.records, *r)
		case r.replaces(&h.records[j]):
			h.records[j] = *r
		}
	}
	uncovered := slices.ContainsFunc(before, func(was Record) bool {
		return h.records[at[was.ID]].uncovers(&was)
	})
	if uncovered {
		h.readAgain()
	}
	h.records = retain(b.Service, slices.DeleteFunc(h.records, func(r Record) bool { return r.void() }))
	return !slices.EqualFunc(before, h.records, func(was, is Record) bool { return was.equal(&is) })
}

// forget empties the records that the span of a whole answer no longer has.
func (h *serviceState) forget(b Batch) {
	told := make(map[string]bool, len(b.Records))
	for i := range b.Records {
		told[b.Records[i].ID] = true
	}
	for i := range h.records {
		if r := &h.records[i]; b.Whole.Has(r.Start) && !told[r.ID] {
			r.Readings = nil
		}
	}
}

// readAgain lets the past be read once more: a record that covered older ones
// is gone, and those were not kept.
func (h *serviceState) readAgain() {
	h.progress.Back, h.progress.Done = time.Time{}, false
	h.progress.resets++
}

// void reports whether r says nothing, which is how a record is taken back.
func (r *Record) void() bool { return len(r.Readings) == 0 }

// replaces reports whether r takes the place of the version of it that is held.
// A goal nobody changed stays as old as it is.
func (r *Record) replaces(held *Record) bool {
	if r.Service == Goal && slices.Equal(r.Readings, held.Readings) {
		return false
	}
	return !r.Modified.Before(held.Modified)
}

// uncovers reports whether r, in place of the earlier version, leaves a series
// without it or with an older moment: what came before it may show again.
func (r *Record) uncovers(earlier *Record) bool {
	if r.End.Before(earlier.End) {
		return true
	}
	return slices.ContainsFunc(earlier.Readings, func(was Reading) bool {
		return !slices.ContainsFunc(r.Readings, func(is Reading) bool {
			return is.Metric == was.Metric && is.Labels == was.Labels
		})
	})
}
