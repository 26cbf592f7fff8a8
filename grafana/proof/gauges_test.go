package proof

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"withings-exporter/exporter"
)

// scrapes is how far they are apart; Prometheus shows a value for five minutes.
const scrapes = 5 * time.Minute

// gauge is one series of a scrape, or of an imported history.
type gauge struct {
	name, labels string // labels in braces
	value        float64
}

// sample is the value of a series at a time.
type sample struct {
	at    int64 // seconds
	value float64
}

// store has the samples of all series, by metric and labels.
type store map[string]map[string][]sample

func (s store) put(at time.Time, g gauge) {
	if s[g.name] == nil {
		s[g.name] = map[string][]sample{}
	}
	s[g.name][g.labels] = append(s[g.name][g.labels], sample{at.Unix(), g.value})
}

// write writes everything as OpenMetrics text, which promtool makes blocks of.
func (s store) write(to io.Writer) error {
	w := bufio.NewWriterSize(to, 1<<20)
	var line []byte
	for _, name := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(w, "# TYPE %s gauge\n", name)
		for _, labels := range slices.Sorted(maps.Keys(s[name])) {
			var last int64
			for _, one := range s[name][labels] {
				if one.at == last { // measured twice in a second
					continue
				}
				last = one.at
				line = append(append(append(line[:0], name...), labels...), ' ')
				line = append(strconv.AppendFloat(line, one.value, 'f', -1, 64), ' ')
				line = append(strconv.AppendInt(line, one.at, 10), '\n')
				if _, err := w.Write(line); err != nil {
					return err
				}
			}
		}
	}
	fmt.Fprintln(w, "# EOF")
	return w.Flush()
}

// braces writes labels as Prometheus does, sorted by name.
func braces(labels map[string]string) string {
	if len(labels) == 0 {
		return "{}"
	}
	names := make([]string, 0, len(labels))
	for name := range labels {
		names = append(names, name)
	}
	slices.Sort(names)
	text := make([]byte, 0, 128)
	for i, name := range names {
		between := byte(',')
		if i == 0 {
			between = '{'
		}
		text = append(append(append(text, between), name...), '=')
		text = strconv.AppendQuote(text, labels[name])
	}
	return string(append(text, '}'))
}

// join is the labels of a series of a person.
func join(person string, all ...map[string]string) map[string]string {
	labels := map[string]string{"profile": person}
	for _, more := range all {
		maps.Copy(labels, more)
	}
	return labels
}

// fill puts everything that Prometheus has of a person into the store.
func (h *history) fill(s store) {
	h.importInto(s)
	for _, e := range h.exporters {
		h.scrapeInto(s, e)
	}
}

// importInto puts the imported past there: each reading once, at its time, without
// the labels of a scrape.
func (h *history) importInto(s store) {
	const lateness = 3 * time.Hour // is left to Prometheus' head
	until := h.imported.Add(-lateness)
	put := func(at time.Time, values []value, more map[string]string) {
		for _, v := range values {
			s.put(at, gauge{name: "withings_" + v.row, labels: braces(join(h.person, v.labels, more)), value: v.number})
		}
	}
	nights := map[string]bool{}
	for i := range h.records {
		switch r := &h.records[i]; {
		case r.service == exporter.Goal || r.service == exporter.Device || r.service == exporter.Presence: // have no past
		case r.service == exporter.Sleep:
			night, naps := h.nightOf(r.date, h.now)
			if nights[r.date] || night.end.After(until) {
				continue
			}
			nights[r.date] = true
			put(night.end, append(slices.Clone(night.values), napValues(naps)...), nil)
		case r.service == exporter.Activity:
			if end := h.midnightAfter(r.date); !end.After(until) {
				put(end, r.values, map[string]string{"day": "yesterday"})
			}
		case !r.end.After(until):
			put(r.end, r.values, nil)
		}
	}
}

// scrapeInto puts the scrapes of an exporter there.
func (h *history) scrapeInto(s store, e scraped) {
	own := map[string]string{"job": e.job, "instance": e.instance}
	var gauges []gauge
	var since time.Time // they are what is shown since then
	for at := e.from; !at.After(e.to); at = at.Add(scrapes) {
		if h.changed(since, at) {
			gauges = gauges[:0]
			for _, shown := range h.shown(at, e.knows(at)) {
				gauges = append(gauges, gauge{name: "withings_" + shown.row, labels: braces(join(h.person, shown.labels, own)), value: shown.number},
					gauge{name: "withings_measured_timestamp_seconds", labels: braces(join(h.person, shown.labels, own, map[string]string{"metric": shown.row})),
						value: float64(shown.measured.Unix())})
			}
			since = at
		}
		for _, g := range gauges {
			s.put(at, g)
		}
	}
	h.statusInto(s, e)
}

// changed tells whether there was something new between two times.
func (h *history) changed(since, until time.Time) bool {
	if since.IsZero() || h.dateOf(since) != h.dateOf(until) || h.vanishes(since, until) {
		return true
	}
	between := func(t time.Time) bool { return t.After(since) && !t.After(until) }
	return slices.ContainsFunc(h.records, func(r record) bool {
		return between(r.knownSince()) || slices.ContainsFunc(r.grows, func(s step) bool { return between(s.at) })
	})
}

// counter is one series of an exporter: how many there are in a second, or how many it began with
// when the first came.
type counter struct {
	name   string
	labels map[string]string
	rate   float64
	begins time.Duration // before now; 0: with the exporter, at 0
	first  float64
}

// at is what it has counted from the start of its exporter until a time, once it has begun.
func (c counter) at(from, now, at time.Time) (float64, bool) {
	if c.begins == 0 {
		return c.rate * at.Sub(from).Seconds(), true
	}
	if at.Before(now.Add(-c.begins)) {
		return 0, false
	}
	return c.first, true
}

var counters = []counter{
	{"withings_api_requests_total", map[string]string{"service": "measure", "status": "0"}, 0.01, 0, 0},
	{"withings_api_requests_total", map[string]string{"service": "sleep", "status": "0"}, 0.005, 0, 0},
	{"withings_api_requests_total", map[string]string{"service": "sleep", "status": "601"}, 0.001, 0, 0},
	{"withings_api_requests_total", map[string]string{"service": "heart", "status": "timeout"}, 0, 7 * time.Hour, 3},
	{"withings_rate_limited_total", nil, 0.0001, 0, 0},
	{"withings_skipped_readings_total", map[string]string{"reason": "ambiguous"}, 0.002, 0, 0},
	{"withings_influx_points_total", map[string]string{"result": "written"}, 0.2, 0, 0},
}

// memory is what each exporter uses, in bytes.
const memory = 24_000_000

// statusInto puts what an exporter says of itself there, of the last two days; that is
// scraped each minute.
func (h *history) statusInto(s store, e scraped) {
	own := map[string]string{"job": e.job, "instance": e.instance}
	put := func(at time.Time, name string, number float64, labels ...map[string]string) {
		all := map[string]string{}
		for _, more := range append(labels, own) {
			maps.Copy(all, more)
		}
		s.put(at, gauge{name: name, labels: braces(all), value: number})
	}
	at := e.from
	for at.Before(h.now.AddDate(0, 0, -2)) {
		at = at.Add(time.Minute)
	}
	for ; !at.After(e.to); at = at.Add(time.Minute) {
		known, good := e.knows(at), 1.0
		if known.Before(at) {
			good = 0
		}
		person := map[string]string{"profile": h.person}
		put(at, "withings_up", good, person)
		put(at, "withings_authorized", good, person)
		put(at, "withings_token_expiry_timestamp_seconds", float64(known.Add(2*time.Hour).Unix()), person)
		put(at, "withings_influx_lag_seconds", at.Sub(known).Seconds(), person)
		for _, service := range exporter.Services() {
			put(at, "withings_last_success_timestamp_seconds", float64(known.Unix()), person, map[string]string{"service": string(service)})
		}
		put(at, "withings_exporter_build_info", 1, map[string]string{"version": "1.2.3", "revision": "abc"})
		put(at, "process_resident_memory_bytes", memory)
		put(at, "process_start_time_seconds", float64(e.from.Unix()))
		for _, c := range counters {
			if count, has := c.at(e.from, h.now, at); has {
				put(at, c.name, count, c.labels)
			}
		}
	}
}

// knows is when Withings last answered, at a time.
func (e scraped) knows(at time.Time) time.Time {
	if !e.known.IsZero() && e.known.Before(at) {
		return e.known
	}
	return at
}

// showing is a gauge with the time at which it was measured.
type showing struct {
	value
	measured time.Time
}

// shown is what an exporter shows at a time that knows what Withings had at another.
func (h *history) shown(at, known time.Time) []showing {
	var all []showing
	newest := map[string]int{} // index in all, by row and labels
	for i := range h.records {
		r := &h.records[i]
		if r.end.After(known) || r.service == exporter.Sleep || r.service == exporter.Activity || r.service == exporter.Presence || r.service.Row().Minutes || slices.Contains(wholes, r.service) {
			continue
		}
		for _, v := range r.values {
			key := v.row + braces(v.labels)
			if there, ok := newest[key]; ok {
				all[there] = showing{v, r.end}
				continue
			}
			newest[key] = len(all)
			all = append(all, showing{v, r.end})
		}
	}
	add := func(values []value, measured time.Time, more map[string]string) {
		for _, v := range values {
			if more != nil {
				v.labels = more
			}
			all = append(all, showing{v, measured})
		}
	}
	for back, label := range map[int]string{0: "today", 1: "yesterday"} {
		day := map[string]string{"day": label}
		if values, measured := h.totals(after(h.dateOf(at), -back), known); values != nil {
			add(values, measured, day)
		}
	}
	if night, naps := h.nightOf(h.newestNight(known), known); night != nil {
		add(append(slices.Clone(night.values), napValues(naps)...), night.end, nil)
	}
	all = append(append(all, h.presence(at, known)...), h.newestMinutes(known)...)
	for _, service := range wholes {
		var newest *record
		for i := range h.records {
			if r := &h.records[i]; r.service == service && !r.end.After(known) {
				newest = r
			}
		}
		if newest != nil {
			add(newest.values, newest.end, nil)
		}
	}
	return all
}

// wholes are the services of which the newest record is shown, all of it.
var wholes = []exporter.Service{exporter.Workout, exporter.Heart, exporter.Stetho}

// totals are those of a day as far as they were known at a time, and when they were
// last added to.
func (h *history) totals(date string, known time.Time) (values []value, measured time.Time) {
	for i := range h.records {
		r := &h.records[i]
		if r.service != exporter.Activity || r.date != date {
			continue
		}
		share := 0.0
		for _, step := range r.grows {
			if !step.at.After(known) {
				share, measured = step.share, step.at
			}
		}
		if share == 0 {
			return nil, measured
		}
		if !h.midnightAfter(date).After(known) {
			measured = h.midnightAfter(date)
		}
		for _, v := range r.values {
			v.number *= share
			values = append(values, v)
		}
	}
	return values, measured
}

// midnightAfter is the end of a day.
func (h *history) midnightAfter(date string) time.Time {
	d, err := time.ParseInLocation(time.DateOnly, after(date, 1), h.zone)
	if err != nil {
		panic(err)
	}
	return d
}
