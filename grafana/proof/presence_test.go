package proof

import (
	"math"
	"slices"
	"time"

	"withings-exporter/exporter"
)

// Rows of bed events.
const (
	isInBed = "in_bed"
	gotIn   = "got_in_bed_timestamp_seconds"
	gotOut  = "got_out_of_bed_timestamp_seconds"
)

// fresh is for how long a bed event says who is in bed.
const fresh = 36 * time.Hour

// bedEvents are the nights of three weeks but one, after which nothing arrives for 40
// hours. On some days somebody gets up at night, on others there is a nap; some are in
// bed now. Nobody gets in or out within minutes of a scrape or of another event.
func (h *history) bedEvents() {
	for back := 21; back >= 0; back-- {
		if back == 1 {
			continue
		}
		h.bedEvent(h.day(-back-1, 22, 32+back), true)
		if back%4 == 1 {
			h.bedEvent(h.day(-back, 3, 12), false)
			h.bedEvent(h.day(-back, 3, 27), true)
		}
		h.bedEvent(h.day(-back, 6, 13+back*7%40), false)
		if back%9 == 3 {
			h.bedEvent(h.day(-back, 13, 42), true)
			h.bedEvent(h.day(-back, 14, 38), false)
		}
	}
	if len(h.person)%2 == 0 {
		h.bedEvent(h.day(0, 10, 7), true)
	}
}

func (h *history) bedEvent(at time.Time, in bool) {
	row, is := gotOut, 0.0
	if in {
		row, is = gotIn, 1
	}
	at = at.Add(41 * time.Second) // never at the moment of a scrape
	h.add(record{service: exporter.Presence, start: at, end: at, values: []value{{row: isInBed, number: is}, {row: row, number: float64(at.Unix())}}})
}

// lastEvent is the newest bed event at a time, and the newest of each kind.
func (h *history) lastEvent(until time.Time) (last, in, out *record) {
	for i := range h.records {
		r := &h.records[i]
		if r.service != exporter.Presence || r.end.After(until) {
			continue
		}
		last = r
		if is, _ := r.of(isInBed); is == 1 {
			in = r
		} else {
			out = r
		}
	}
	return last, in, out
}

// presence is what an exporter shows of it at a time that knows the events until another.
func (h *history) presence(at, known time.Time) []showing {
	last, in, out := h.lastEvent(known)
	if last == nil || at.Sub(last.end) > fresh {
		return nil
	}
	var all []showing
	add := func(v value) { all = append(all, showing{v, last.end}) }
	add(last.values[0])
	for _, change := range []*record{in, out} {
		if change != nil {
			add(change.values[1])
		}
	}
	return all
}

// vanishes reports whether an event became too old between two times.
func (h *history) vanishes(since, until time.Time) bool {
	return slices.ContainsFunc(h.records, func(r record) bool {
		old := r.end.Add(fresh)
		return r.service == exporter.Presence && old.After(since) && !old.After(until)
	})
}

// seen reports whether an exporter showed a bed event while it was scraped: one that
// happened then, or the last of its kind before, unless that was too old.
func (h *history) seen(r *record) bool {
	for _, e := range h.exporters {
		if r.end.After(e.from) {
			return true
		}
		last, in, out := h.lastEvent(e.from)
		for _, change := range []*record{in, out} {
			if change != nil && change.end.Equal(r.end) && e.from.Sub(last.end) <= fresh {
				return true
			}
		}
	}
	return false
}

// bed is whether the person was in bed at each step, -1 if nothing is known. Of InfluxDB,
// a step has the last event of the five minutes that it begins; of Prometheus, that of
// the newest scrape.
func (a asked) bed() right {
	state := func(at, until time.Time) (float64, *record) {
		last, _, _ := a.lastEvent(until)
		if last == nil || at.Sub(last.end) > fresh {
			return -1, last
		}
		is, _ := last.of(isInBed)
		return is, last
	}
	if a.source == "influxdb" {
		return right{every: func(step time.Time) (float64, bool) {
			is, last := state(step, step.Add(5*time.Minute-time.Second))
			if last != nil && !step.Before(last.end.Truncate(5*time.Minute).Add(fresh)) {
				is = -1
			}
			all, _, _ := a.lastEvent(a.now)
			return is, all != nil
		}}
	}
	return right{every: func(step time.Time) (float64, bool) {
		best, newest := -1.0, time.Time{}
		for _, e := range a.exporters {
			scrape := e.from.Add(step.Sub(e.from).Truncate(scrapes))
			if step.Before(e.from) || scrape.After(e.to) {
				continue
			}
			is, last := state(scrape, e.knows(scrape))
			if last != nil && is < 0 && scrape.Add(-scrapes).Sub(last.end) <= fresh {
				return math.NaN(), true // the scrape before is still seen, or not, by the version of Prometheus
			}
			if last != nil && is >= 0 && last.end.After(newest) {
				best, newest = is, last.end
			}
		}
		return best, true
	}}
}

// bedSince is the last change, in milliseconds, if the person is in bed, or out of it.
func (a asked) bedSince(in bool) right {
	last, _, _ := a.lastEvent(a.to)
	if last == nil || a.to.Sub(last.end) > fresh || a.source == "prometheus" && !a.scrapedAt(a.to) {
		return right{}
	}
	is, _ := last.of(isInBed)
	return one(float64(last.end.UnixMilli()), in == (is == 1))
}

// scrapedAt reports whether an exporter that is let in was scraped at a time.
func (a asked) scrapedAt(at time.Time) bool {
	return slices.ContainsFunc(a.exporters, func(e scraped) bool { return e.known.IsZero() && !e.from.After(at) && !e.to.Add(scrapes).Before(at) })
}

// bedTime is the first time in bed, or the last time out of it, between one noon and the
// next, by the day of waking up, in milliseconds. Prometheus has those that an exporter
// showed before the later noon.
func (a asked) bedTime(row string) right {
	first := row == gotIn
	all := map[string]float64{}
	for i := range a.records {
		r := &a.records[i]
		n, has := r.of(row)
		if !has || r.service != exporter.Presence {
			continue
		}
		day := a.dateOf(r.end.Add(12 * time.Hour))
		noon := a.midnightAfter(after(day, -1)).Add(12 * time.Hour)
		if a.source == "prometheus" && !slices.ContainsFunc(a.exporters, func(e scraped) bool { return e.from.Before(noon) && e.to.After(r.end) }) {
			continue
		}
		if _, there := all[day]; !there || !first {
			all[day] = n * 1000
		}
	}
	return a.shown(isInBed, func(day string) (float64, bool) { n, has := all[day]; return n, has })
}

// ofPresence are the panels about who is in bed on the dashboard Sleep.
func ofPresence(h asked) []entry {
	return append([]entry{
		{"Now", "In bed since", h.bedSince(true)},
		{"Now", "Out of bed since", h.bedSince(false)},
		{"In bed, past week", "Bed", h.bed()},
	}, h.newestDays(14, []entry{
		{"Bed times", "Got in", h.bedTime(gotIn)},
		{"Bed times", "Night from", millis(h.daily("sleep_start_timestamp_seconds"))},
		{"Bed times", "Night until", millis(h.daily("sleep_end_timestamp_seconds"))},
		{"Bed times", "Got out", h.bedTime(gotOut)},
	})...)
}
