package proof

import (
	"slices"
	"sort"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// The devices that tell minutes. The second watch only has a heart rate, by day.
const (
	mat         = "Sleep Analyzer"
	watch       = "ScanWatch 2"
	secondWatch = "Pulse HR"
	phone       = "Android step tracker"
)

// minutes are those of two nights and two days: a mat and a watch see the nights, with a
// gap, and watches and a phone the days. Devices tell Withings now and then.
func (h *history) minutes() {
	for day := -1; day <= 0; day++ {
		h.nightMinutes(day, mat, h.day(day-1, 22, 41), h.day(day, 6, 17))
		h.nightMinutes(day, watch, h.day(day-1, 23, 20).Add(20*time.Second), h.day(day, 5, 50))
	}
	h.dayMinutes()
}

// nightMinutes are what a device saw of a night that ends on a day. At ten past two
// somebody gets up, and half an hour is missing.
func (h *history) nightMinutes(day int, model string, from, to time.Time) {
	codes := []float64{0, 1, 2, 3, 1, 2, 15, 4, 5, 3}
	n := len(model)
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		n++
		if !at.Before(h.day(day, 2, 14)) && at.Before(h.day(day, 2, 44)) {
			continue
		}
		values := []value{{row: "sleep_minute_state", number: codes[n/7%len(codes)]}}
		put := func(row string, number float64) {
			values = append(values, value{row: "sleep_minute_" + row, number: number})
		}
		if n%9 != 4 {
			put("heart_rate_beats_per_minute", float64(50+n*7%23))
		}
		put("respiratory_rate_breaths_per_minute", float64(11+n%6))
		if n%4 == 0 {
			put("rmssd_seconds", float64(30+n%31)/1000)
			put("sdnn_seconds", float64(40+n%37)/1000)
			put("heart_rate_variability_quality", float64(n%90))
		}
		arrives := h.day(day, 6, 26)
		if model == mat {
			put("movement_score", float64(n*31%512/2*(n%3/2)))
			put("chest_movement_rate_events_per_minute", float64(5+n%20))
			put("withings_index_events_per_hour", float64(n%40))
			if n%50 < 20 || n%50 > 30 { // it does not always listen; mostly there is nothing to hear
				put("snoring_seconds", float64(n%13/12*40))
				put("breathing_sounds_seconds", float64(n%17/16*60))
			}
		} else {
			arrives = h.synced(at, 40)
		}
		h.sample(exporter.Night, at, arrives, model, values)
		if n%40 == 5 { // twice in a minute
			h.sample(exporter.Night, at.Add(30*time.Second), arrives, model, []value{{row: "sleep_minute_state", number: codes[n%3]}})
		}
	}
}

// dayMinutes are those since yesterday's midnight.
func (h *history) dayMinutes() {
	for n := 0; ; n++ {
		at := h.day(-1, 0, n)
		if !at.Before(h.now) {
			return
		}
		var values []value
		put := func(row string, number float64) {
			values = append(values, value{row: "activity_intraday_" + row, number: number})
		}
		if n*7%11 < 4 {
			put("steps", float64(n%5/2*(n*13%120)))
			put("distance_meters", float64(n%50))
			put("elevation_meters", float64(n%3))
			put("energy_joules", float64(n%9)*4184)
			put("duration_seconds", 60)
		}
		if n%10 == 0 || n%10 == 3 {
			put("heart_rate_beats_per_minute", float64(60+n*3%71))
		}
		if n%30 == 7 {
			put("spo2_ratio", float64(93+n%6)/100)
			put("core_body_temperature_celsius", float64(364+n%11)/10)
		}
		if n%15 == 2 {
			put("rmssd_seconds", float64(30+n%29)/1000)
			put("sdnn_seconds", float64(40+n%31)/1000)
			put("heart_rate_variability_quality", float64(n%80))
			put("respiratory_rate_breaths_per_minute", float64(12+n%5))
			put("chest_movement_rate_events_per_minute", float64(10+n%7))
		}
		if n%90 == 0 {
			put("strokes", float64(n%40))
			put("pool_laps", float64(n%4))
		}
		h.sample(exporter.Intraday, at.Add(10*time.Second), h.synced(at, 40), watch, values)
		every := 20 // of the second watch, which tells at once: for an hour more often, for some so that a gauge just stays long enough
		switch {
		case n%1440 >= 450 && n%1440 < 490:
			every = 3
		case n%1440 >= 490 && n%1440 < 620:
			every = 12
		}
		if n%every == 2 {
			h.sample(exporter.Intraday, at, at.Add(100*time.Second), secondWatch, []value{{row: "activity_intraday_heart_rate_beats_per_minute", number: float64(70 + n%50)}})
		}
		if n%6 == 1 {
			h.sample(exporter.Intraday, at.Add(30*time.Second), h.synced(at, 15), phone, []value{{row: "activity_intraday_steps", number: float64(n % 8 / 3 * 41)}})
		}
	}
}

// synced is when Withings has what a device measured that sends every so many minutes:
// never at the moment of a scrape.
func (h *history) synced(at time.Time, every int) time.Time {
	length := time.Duration(every) * time.Minute
	return at.Truncate(length).Add(length + 2*time.Minute + 13*time.Second)
}

// sample adds what a device measured at a moment and Withings knew later.
func (h *history) sample(s exporter.Service, at, arrives time.Time, model string, values []value) {
	if len(values) == 0 || !at.Before(h.now) {
		return
	}
	for i := range values {
		values[i].labels = map[string]string{"model": model}
	}
	h.add(record{service: s, start: at, end: at, arrives: arrives, values: values})
}

// traceKey is a row of a device.
type traceKey struct{ row, model string }

// moment is a value of one, and since when Withings knows it.
type moment struct {
	at, arrives time.Time
	number      float64
}

// traces are all that there are, in the order of time, which is that of arriving, too.
func (h *history) traces() map[traceKey][]moment {
	if h.traced != nil {
		return h.traced
	}
	h.traced = map[traceKey][]moment{}
	for _, r := range h.records {
		if !r.service.Row().Minutes {
			continue
		}
		for _, v := range r.values {
			key := traceKey{v.row, v.labels["model"]}
			h.traced[key] = append(h.traced[key], moment{r.end, r.arrives, v.number})
		}
	}
	for key, all := range h.traced {
		if !slices.IsSortedFunc(all, func(a, b moment) int { return a.arrives.Compare(b.arrives) }) {
			panic("a late sample of " + key.row)
		}
	}
	return h.traced
}

// newestOf is the newest value that Withings knows of a device.
func newestOf(all []moment, known time.Time) (moment, bool) {
	after := sort.Search(len(all), func(i int) bool { return all[i].arrives.After(known) })
	if after == 0 {
		return moment{}, false
	}
	return all[after-1], true
}

// newestMinutes is what an exporter shows of minutes that knows what Withings had at a time.
func (h *history) newestMinutes(known time.Time) []showing {
	var all []showing
	for key, moments := range h.traces() {
		if m, has := newestOf(moments, known); has {
			all = append(all, showing{value{row: key.row, number: m.number, labels: map[string]string{"model": key.model}}, m.at})
		}
	}
	return all
}

// counting is how the values of a step become one.
type counting struct {
	of   func([]float64) float64
	live bool // also of the few that gauges show
}

// Statistics of the values of a step.
var (
	meanOf = counting{of: func(all []float64) float64 {
		sum := 0.0
		for _, n := range all {
			sum += n
		}
		return sum / float64(len(all))
	}, live: true}
	lowestOf  = counting{of: slices.Min[[]float64], live: true}
	highestOf = counting{of: slices.Max[[]float64], live: true}
	sumOf     = counting{of: func(all []float64) float64 { return meanOf.of(all) * float64(len(all)) }}
	lastOf    = counting{of: func(all []float64) float64 { return all[len(all)-1] }}
)

// stepOf is a statistic of what a device measured within a step. Prometheus has what was
// imported, else the newest value of the step that is on a gauge at its end, or ten,
// twenty or thirty minutes later.
func (a asked) stepOf(c counting, key traceKey, step time.Time, length time.Duration) (float64, bool) {
	all := a.traces()[key]
	var counted []float64
	for _, m := range all[sort.Search(len(all), func(i int) bool { return !all[i].at.Before(step) }):] {
		if !m.at.Before(step.Add(length)) {
			break
		}
		if a.source == "influxdb" && m.at.Before(a.from) || a.source == "prometheus" && m.at.After(a.imported.Add(-3*time.Hour)) {
			continue
		}
		counted = append(counted, m.number)
	}
	if len(counted) > 0 {
		return c.of(counted), true
	}
	if a.source == "influxdb" || !c.live {
		return 0, false
	}
	for _, later := range []time.Duration{30, 20, 10, 0} {
		number, seen := 0.0, false
		for _, e := range a.exporters {
			m, has := a.onGauge(all, e, step.Add(length+later*time.Minute-time.Millisecond))
			if has && !m.at.Before(step) && m.at.Before(step.Add(length)) {
				number, seen = max(number, m.number), true
			}
		}
		if seen {
			return number, true
		}
	}
	return 0, false
}

// onGauge is what Prometheus sees of an exporter at a time: what the last scrape showed,
// for five minutes.
func (a asked) onGauge(all []moment, e scraped, at time.Time) (moment, bool) {
	last := at
	if last.After(e.to) {
		last = e.to
	}
	scrape := e.from.Add(last.Sub(e.from).Truncate(scrapes))
	if last.Before(e.from) || at.Sub(scrape) >= scrapes {
		return moment{}, false
	}
	return newestOf(all, e.knows(scrape))
}

// sampled is a statistic for each step of a device.
func (a asked) sampled(c counting, row, model string, minutes int) right {
	return right{every: func(step time.Time) (float64, bool) {
		return a.stepOf(c, traceKey{row, model}, step, time.Duration(minutes)*time.Minute)
	}}
}

// together is that of all devices: of the means, the mean.
func (a asked) together(c counting, row string, minutes int) right {
	return right{every: func(step time.Time) (float64, bool) {
		var all []float64
		for _, model := range []string{watch, secondWatch} {
			if n, has := a.stepOf(c, traceKey{row, model}, step, time.Duration(minutes)*time.Minute); has {
				all = append(all, n)
			}
		}
		if len(all) == 0 {
			return 0, false
		}
		return c.of(all), true
	}}
}

// depth is how high the state of each minute is drawn.
func (a asked) depth(model string) right {
	levels := map[float64]float64{15: 5, 0: 4, 3: 3, 1: 2, 2: 1, 4: 0, 5: 0}
	states := a.sampled(lastOf, "sleep_minute_state", model, 1)
	return right{every: func(step time.Time) (float64, bool) {
		code, has := states.every(step)
		return levels[code], has
	}}
}

// seenMinute is the newest minute of a device that a data source knows.
func (a asked) seenMinute(row, model string) (moment, bool) {
	all := a.traces()[traceKey{row, model}]
	if len(all) == 0 || a.source == "influxdb" {
		return newestOf(all, a.now.Add(time.Hour))
	}
	var newest moment
	for _, m := range all {
		if !m.at.After(a.imported.Add(-3 * time.Hour)) {
			newest = m
		}
	}
	for _, e := range a.exporters {
		if m, has := newestOf(all, e.knows(e.to)); has && m.at.After(newest.at) && e.to.After(a.from) {
			newest = m
		}
	}
	return newest, !newest.at.IsZero()
}

// newestState is the state in the newest minute of a device, if it is not old.
func (a asked) newestState(model string) right {
	m, has := a.seenMinute("sleep_minute_state", model)
	return one(m.number, has && a.to.Sub(m.at) <= 12*time.Hour)
}

// newestStateAt is when the newest minute of all devices was, in milliseconds.
func (a asked) newestStateAt() right {
	var newest time.Time
	for _, model := range []string{mat, watch} {
		if m, has := a.seenMinute("sleep_minute_state", model); has && m.at.After(newest) {
			newest = m.at
		}
	}
	return one(float64(newest.UnixMilli()), a.to.Sub(newest) <= 12*time.Hour)
}

// minuteByMinute is what the dashboard of minutes must show.
func minuteByMinute(h asked) []entry {
	all := []entry{
		{"Newest minute", "At", h.newestStateAt()},
		{"Heart rate", "Lowest", h.together(lowestOf, "activity_intraday_heart_rate_beats_per_minute", 5)},
		{"Heart rate", "Mean", h.together(meanOf, "activity_intraday_heart_rate_beats_per_minute", 5)},
		{"Heart rate", "Highest", h.together(highestOf, "activity_intraday_heart_rate_beats_per_minute", 5)},
		{"Snoring", mat, h.sampled(meanOf, "sleep_minute_snoring_seconds", mat, 1)},
		{"Snoring", "Breathing sounds " + mat, h.sampled(meanOf, "sleep_minute_breathing_sounds_seconds", mat, 1)},
		{"Movement", mat, h.sampled(meanOf, "sleep_minute_movement_score", mat, 1)},
		{"Blood oxygen", watch, h.sampled(meanOf, "activity_intraday_spo2_ratio", watch, 5)},
		{"Variability", "RMSSD " + watch, h.sampled(meanOf, "activity_intraday_rmssd_seconds", watch, 5)},
		{"Variability", "SDNN " + watch, h.sampled(meanOf, "activity_intraday_sdnn_seconds", watch, 5)},
		{"Temperature", watch, h.sampled(meanOf, "activity_intraday_core_body_temperature_celsius", watch, 5)},
		{"Breathing", watch, h.sampled(meanOf, "activity_intraday_respiratory_rate_breaths_per_minute", watch, 5)},
	}
	for _, model := range []string{mat, watch} {
		all = append(all,
			entry{"Stages", model, h.depth(model)},
			entry{"Newest minute", model, h.newestState(model)},
			entry{"Heart rate at night", model, h.sampled(meanOf, "sleep_minute_heart_rate_beats_per_minute", model, 1)},
			entry{"Breathing at night", model, h.sampled(meanOf, "sleep_minute_respiratory_rate_breaths_per_minute", model, 1)},
			entry{"Variability at night", "RMSSD " + model, h.sampled(meanOf, "sleep_minute_rmssd_seconds", model, 1)},
			entry{"Variability at night", "SDNN " + model, h.sampled(meanOf, "sleep_minute_sdnn_seconds", model, 1)})
	}
	for _, model := range []string{watch, phone} {
		all = append(all,
			entry{"Steps, five minutes each", model, h.sampled(sumOf, "activity_intraday_steps", model, 5)},
			entry{"Steps by the hour", model, h.sampled(sumOf, "activity_intraday_steps", model, 60)})
	}
	return all
}

// TestMinutesAreWorkedOut has a watch whose samples of 10:01, 10:03 and 10:07 arrive at
// 10:06, 10:06 and 10:12, and an exporter that is scraped from 10:00 on.
func TestMinutesAreWorkedOut(t *testing.T) {
	const steps, state = "activity_intraday_steps", "sleep_minute_state"
	h := newHistory(t, "Small", "Europe/Vienna")
	at := func(hour, minute int) time.Time { return h.day(0, hour, minute) }
	for _, s := range []struct {
		minute, arrives int
		steps           float64
	}{{1, 6, 10}, {3, 6, 0}, {7, 12, 30}} {
		h.sample(exporter.Intraday, at(10, s.minute), at(10, s.arrives).Add(13*time.Second), watch, []value{{row: steps, number: s.steps}})
		h.sample(exporter.Night, at(10, s.minute).Add(-6*time.Hour), at(10, s.arrives), mat, []value{{row: state, number: 2}})
	}
	h.exporters = []scraped{{job: "withings", instance: "small:10054", from: at(10, 0), to: h.now}}
	h.sorted()
	imported := *h
	imported.imported, imported.traced = at(10, 5).Add(3*time.Hour), nil
	influx := asked{history: h, from: at(0, 0), to: h.now, source: "influxdb"}
	live := asked{history: h, from: at(0, 0), to: h.now, source: "prometheus"}
	both := asked{history: &imported, from: at(0, 0), to: h.now, source: "prometheus"}
	for _, c := range []struct {
		name string
		of   right
		at   time.Time
		want float64 // -1: nothing
	}{
		{"the sum", influx.sampled(sumOf, steps, watch, 5), at(10, 0), 10},
		{"the mean counts a minute without steps", influx.sampled(meanOf, steps, watch, 5), at(10, 0), 5},
		{"the lowest", influx.sampled(lowestOf, steps, watch, 5), at(10, 0), 0},
		{"none", influx.sampled(sumOf, steps, watch, 5), at(10, 10), -1},
		{"none of another device", influx.sampled(sumOf, steps, phone, 5), at(10, 0), -1},
		{"none before the time shown", influx.sampled(sumOf, steps, watch, 60), at(9, 0), -1},
		{"a gauge has the newest at 10:10, which arrived after the step", live.sampled(meanOf, steps, watch, 5), at(10, 0), 0},
		{"and at 10:15 that of the next step", live.sampled(meanOf, steps, watch, 5), at(10, 5), 30},
		{"no sums of gauges", live.sampled(sumOf, steps, watch, 5), at(10, 0), -1},
		{"an import has all of the step", both.sampled(sumOf, steps, watch, 5), at(10, 0), 10},
		{"and comes before gauges", both.sampled(meanOf, steps, watch, 5), at(10, 0), 5},
		{"deep sleep is drawn at 1", influx.depth(mat), at(4, 1), 1},
		{"not of gauges", live.depth(mat), at(4, 1), -1},
	} {
		got, has := c.of.every(c.at)
		if !has {
			got = -1
		}
		if got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := influx.newestState(mat).number; got == nil || *got != 2 {
		t.Errorf("the newest state is %v, want 2", got)
	}
	if got, want := *influx.newestStateAt().number, float64(at(4, 7).UnixMilli()); got != want {
		t.Errorf("the newest minute was at %v, want %v", got, want)
	}
	influx.to = at(16, 8)
	if got := influx.newestState(mat).number; got != nil {
		t.Errorf("after twelve hours, the newest state is %v, want nothing", *got)
	}
}
