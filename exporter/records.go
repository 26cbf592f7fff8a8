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
	row, before := b.Service.Row(), slices.Clone(h.records)
	at := make(map[string]int, len(h.records)+len(b.Records)) // where in h.records an id is
	for i := range h.records {
		at[h.records[i].ID] = i
	}
	if b.Whole != nil {
		told := b.ids()
		for i := range h.records {
			if r := &h.records[i]; b.Whole.Has(r.Start) && !told[r.ID] {
				r.Readings = nil
			}
		}
	}
	for i := range b.Records {
		r := &b.Records[i]
		j, known := at[r.ID]
		switch {
		case !known && r.void():
		case !known:
			at[r.ID] = len(h.records)
			h.records = append(h.records, *r)
		case r.Replaces(&h.records[j]):
			h.records[j] = r.Over(&h.records[j])
		}
		if row.relayed && !r.void() {
			if j, unsure := at[r.Date+Relayed]; unsure {
				h.records[j].Readings = nil
			}
		}
	}
	uncovered := slices.ContainsFunc(before, func(was Record) bool {
		return h.records[at[was.ID]].uncovers(&was)
	})
	if uncovered {
		h.readAgain()
	}
	h.records = row.keep(slices.DeleteFunc(h.records, func(r Record) bool { return r.void() }))
	return !slices.EqualFunc(before, h.records, func(was, is Record) bool { return was.equal(&is) })
}

// vanishing counts the records held in the span of a whole answer, and those of
// them that it does not have.
func (h *serviceState) vanishing(b Batch) (held, gone int) {
	told := b.ids()
	for i := range h.records {
		if r := &h.records[i]; b.Whole.Has(r.Start) {
			held++
			if !told[r.ID] {
				gone++
			}
		}
	}
	return held, gone
}

// readAgain lets the past be read once more: a record that covered older ones
// is gone, and those were not kept.
func (h *serviceState) readAgain() {
	h.progress.Back, h.progress.Done = time.Time{}, false
	h.progress.resets++
}

// void reports whether r says nothing, which is how a record is taken back.
func (r *Record) void() bool { return len(r.Readings) == 0 }

// Over is r in place of the version of it that is held. What cannot be read of a
// damaged one stays as it was held, and when that is all, everything does.
func (r *Record) Over(held *Record) Record {
	if !r.Damaged {
		return *r
	}
	if r.void() {
		return *held
	}
	is := *r
	is.Readings = slices.Clone(r.Readings)
	for _, was := range held.Readings {
		if !r.has(was) {
			is.Readings = append(is.Readings, was)
		}
	}
	is.Damaged = held.Damaged
	return is
}

// has reports whether r has a value of the series that a reading is of.
func (r *Record) has(reading Reading) bool {
	return slices.ContainsFunc(r.Readings, func(is Reading) bool {
		return is.Metric == reading.Metric && is.Labels == reading.Labels
	})
}

// Replaces reports whether r takes the place of the version of it that is held:
// the one changed later does, and where r does not tell, what came last. What
// nothing dates stays as old as it is while it says the same.
func (r *Record) Replaces(held *Record) bool {
	if r.Service.Row().Undated && slices.Equal(r.Readings, held.Readings) {
		return false
	}
	return r.Modified.IsZero() || !r.Modified.Before(held.Modified)
}

// uncovers reports whether r, in place of the earlier version, leaves a series
// without it or with an older moment: what came before it may show again.
func (r *Record) uncovers(earlier *Record) bool {
	if r.End.Before(earlier.End) {
		return true
	}
	return slices.ContainsFunc(earlier.Readings, func(was Reading) bool { return !r.has(was) })
}
