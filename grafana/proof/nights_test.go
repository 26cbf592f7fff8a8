package proof

import (
	"slices"
	"time"

	"withings-exporter/exporter"
)

// nightOf picks, of the sessions that ended on a date, the one that counts as its
// night, and its naps: of those that overlap the longest, one with stages, then the
// longest. Sessions that overlap none of these are naps.
func (h *history) nightOf(date string, known time.Time) (night *record, naps []*record) {
	var all []*record
	for i := range h.records {
		if r := &h.records[i]; r.service == exporter.Sleep && r.date == date && !r.end.After(known) {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(all, func(a, b *record) int { return int(b.end.Sub(b.start) - a.end.Sub(a.start)) })
	longest := all[0]
	night = longest
	for _, r := range all {
		if overlap(r, longest) && staged(r) && !staged(night) {
			night = r
		}
	}
	for _, r := range all {
		if r != night && !overlap(r, night) {
			naps = append(naps, r)
		}
	}
	return night, naps
}

// isNight tells whether a session is the night of its date.
func (h *history) isNight(r *record) bool {
	if h.nights == nil {
		h.nights = map[string]*record{}
		for i := range h.records {
			if date := h.records[i].date; h.records[i].service == exporter.Sleep && h.nights[date] == nil {
				h.nights[date], _ = h.nightOf(date, h.now)
			}
		}
	}
	return h.nights[r.date] == r
}

func overlap(a, b *record) bool { return a.start.Before(b.end) && b.start.Before(a.end) }

func staged(r *record) bool { light, _ := r.of("sleep_light_seconds"); return light > 0 }

// newestNight is the last date with a session.
func (h *history) newestNight(known time.Time) string {
	date := ""
	for i := range h.records {
		if r := &h.records[i]; r.service == exporter.Sleep && !r.end.After(known) {
			date = max(date, r.date)
		}
	}
	return date
}

// napValues are the number of naps and their length.
func napValues(naps []*record) []value {
	var length time.Duration
	for _, r := range naps {
		length += r.end.Sub(r.start)
	}
	return []value{{row: "sleep_naps", number: float64(len(naps))}, {row: "sleep_naps_seconds", number: length.Seconds()}}
}
