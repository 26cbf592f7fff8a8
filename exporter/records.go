package exporter

import (
	"slices"
	"time"
)

// serviceState is what is known of one service; its State guards it.
type serviceState struct {
	held     *pack
	progress Progress
	added    int // how many records were new since the start …
	changes  int // … and how many answers changed anything
}

// apply takes in an answer and reports whether any record changed.
func (h *serviceState) apply(b Batch) (changed bool) {
	row, before := b.Service.Row(), h.held.unpack(b.Service)
	records := slices.Clone(before)
	at := make(map[string]int, len(records)+len(b.Records)) // where in records an id is
	for i := range records {
		at[records[i].ID] = i
	}
	if b.Whole != nil {
		told := b.ids()
		for i := range records {
			if r := &records[i]; b.Whole.Has(r.Start) && !told[r.ID] {
				r.Readings = nil
			}
		}
	}
	for i := range b.Records {
		r := &b.Records[i]
		j, known := at[r.ID]
		if row.Told && !known {
			arrived := h.arrived(*r)
			r = &arrived
		}
		switch {
		case !known && r.void():
		case !known:
			at[r.ID] = len(records)
			records = append(records, *r)
		case r.Replaces(&records[j]):
			records[j] = r.Over(&records[j])
		}
		if row.Told {
			h.progress.Success = Later(h.progress.Success, r.Modified)
		}
		if row.relayed && !r.void() {
			if j, unsure := at[r.Date+Relayed]; unsure {
				records[j].Readings = nil
			}
		}
	}
	uncovered := slices.ContainsFunc(before, func(was Record) bool {
		return records[at[was.ID]].uncovers(&was)
	})
	if uncovered {
		h.readAgain()
	}
	records = row.keep(slices.DeleteFunc(records, func(r Record) bool { return r.void() }))
	for i := range records {
		if at[records[i].ID] >= len(before) {
			h.added++
		}
	}
	if changed = !slices.EqualFunc(before, records, func(was, is Record) bool { return was.equal(&is) }); changed {
		h.changes++
	}
	h.held = packed(records)
	return changed
}

// arrived is an event of which a notification tells, with the moment of its arrival: later than that of every event before, also
// after the clock was set back, so that a sink misses none.
func (h *serviceState) arrived(r Record) Record {
	if last := h.progress.Success; !r.Modified.After(last) {
		r.Modified = last.Add(time.Nanosecond)
	}
	return r
}

// vanishing counts the known records in the span of a complete answer, and how many
// of them are missing from it.
func vanishing(known []Record, b Batch) (held, gone int) {
	told := b.ids()
	for i := range known {
		if r := &known[i]; b.Whole.Has(r.Start) {
			held++
			if !told[r.ID] {
				gone++
			}
		}
	}
	return held, gone
}

// readAgain has the past read again: a record that hid older ones is gone, and those
// were not kept.
func (h *serviceState) readAgain() {
	h.progress.Back, h.progress.Done = time.Time{}, false
	h.progress.resets++
}

// Value is the reading of a row, if the record has one.
func (r *Record) Value(row *Metric) (Decimal, bool) {
	for i := range r.Readings {
		if r.Readings[i].Metric == row {
			return r.Readings[i].Value, true
		}
	}
	return Decimal{}, false
}

// void reports whether r has no readings, which means that it was taken back.
func (r *Record) void() bool { return len(r.Readings) == 0 }

// Over is r in place of the known version. Of a damaged record, values that cannot
// be read stay as they were; if none can, the whole record does.
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

// has reports whether r has a value for the series of a reading.
func (r *Record) has(reading Reading) bool {
	return slices.ContainsFunc(r.Readings, func(is Reading) bool {
		return is.Metric == reading.Metric && is.Labels == reading.Labels
	})
}

// Replaces reports whether r replaces the known version: if it was changed later, or
// does not say when. A record without a date keeps its time while its values stay
// the same; an event that a notification told stays as it was told first.
func (r *Record) Replaces(held *Record) bool {
	if row := r.Service.Row(); row.Told || row.Undated && slices.Equal(r.Readings, held.Readings) {
		return false
	}
	return r.Modified.IsZero() || !r.Modified.Before(held.Modified)
}

// uncovers reports whether r, compared with the earlier version, lacks a series or
// is older: then an older record may be the latest again.
func (r *Record) uncovers(earlier *Record) bool {
	if r.End.Before(earlier.End) {
		return true
	}
	return slices.ContainsFunc(earlier.Readings, func(was Reading) bool { return !r.has(was) })
}
