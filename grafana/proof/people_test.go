package proof

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// zones are where the people live. None changes its clocks in the last 130 days.
var zones = []string{"Europe/Vienna", "UTC", "Europe/London", "America/New_York", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland"}

// people are somebody in each zone, whose exporter moved and has a twin, and a few
// with something else.
func people(t testing.TB) []*history {
	t.Helper()
	var all []*history
	for i, zone := range zones {
		_, city, _ := strings.Cut(zone, "/")
		h := newHistory(t, cmp.Or(city, zone), zone)
		h.live()
		if i == 0 { // for the rows with everything; it is enough to look at them once
			h.everything()
		}
		h.moved()
		h.sorted()
		all = append(all, h)
	}
	down := newHistory(t, "Down", "Europe/Vienna")
	down.live()
	down.imported = down.day(-3, 12, 0)
	down.exporters = []scraped{{job: "withings", instance: "down:10054", from: down.imported, to: down.day(-1, 21, 0)}}
	imported := newHistory(t, "Imported", "America/New_York")
	imported.live()
	imported.imported = imported.now
	little := newHistory(t, "Little", "Pacific/Auckland")
	little.few()
	little.imported = little.day(0, 5, 0) // and scraped before
	little.exporters = []scraped{{job: "withings", instance: "little:10054", from: little.day(-40, 0, 2), to: little.now}}
	for _, h := range []*history{down, imported, little} {
		h.sorted()
		all = append(all, h)
	}
	return all
}

// newHistory is a person without readings, on a morning in August.
func newHistory(t testing.TB, person, zone string) *history {
	t.Helper()
	where, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return &history{person: person, zone: where, now: time.Date(2026, 8, 20, 10, 30, 0, 0, where)}
}

// moved imports what there is until three days ago and scrapes the rest: first on
// one host, then on another, and for two days also a twin, which has not been let in
// by Withings since yesterday.
func (h *history) moved() {
	h.imported = h.day(-3, 12, 0)
	move := h.day(-2, 15, 0)
	h.exporters = []scraped{
		{job: "withings", instance: "old-" + h.person + ":10054", from: h.imported, to: move},
		{job: "withings", instance: "new-" + h.person + ":10054", from: move.Add(10 * time.Minute), to: h.now},
		{job: "twin", instance: "twin-" + h.person + ":10054", from: h.day(-2, 0, 1), to: h.now, known: h.day(-1, 9, 0)},
	}
}

// live fills the last hundred days, and a day now and then in the years before.
func (h *history) live() {
	const dense = 100
	for back := 5 * 365; back > dense; back -= 9 {
		h.weighIn(-back, 12, 0, 0)
		h.pressure(-back, 13, 30) // before noon or after it in summer and winter
		h.active(-back)
		h.night(-back, false)
	}
	for back := dense; back >= 0; back-- {
		h.weighIns(-back)
		h.pressures(-back)
		if back%11 != 3 {
			h.active(-back)
		}
		if back%8 != 5 {
			h.night(-back, back%7 == 2)
		}
		if back%6 == 1 && back%8 != 5 {
			h.nap(-back)
		}
		h.workouts(-back)
	}
	h.rare()
	h.recordings()
	h.urineTests()
	h.bedEvents()
	h.minutes()
	h.goals()
	h.devices()
}

// few is a scale and a phone for forty days.
func (h *history) few() {
	for back := 40; back >= 0; back-- {
		if back%3 != 1 {
			h.measured(h.day(-back, 7, 10), value{row: "weight_grams", number: 61_000 + float64(back*back%700)})
		}
		if back%5 != 2 {
			h.day1(-back, value{row: "activity_steps", number: float64(4000 + back*310%2600)})
		}
	}
	h.minutes()
	h.add(record{service: exporter.Goal, start: h.day(-40, 0, 0), end: h.day(-40, 0, 0), values: []value{{row: "goal_steps", number: 6000}}})
}

// weighIns are those of a day: mostly one in the morning; on some days a second one
// late, on others only one just before or just after midnight, on some none.
func (h *history) weighIns(day int) {
	back := -day
	switch {
	case back == 1 || back%9 == 4 || back >= 37 && back <= 41: // a silent day
	case back == 2 || back%13 == 3:
		h.weighIn(day, 23, 30, 130)
	case back%13 == 7:
		h.weighIn(day, 0, 30, -170)
	default:
		h.weighIn(day, 7, 10, 0)
		if back%10 == 6 {
			h.weighIn(day, 23, 30, 410)
		}
	}
}

// weighIn is a ramp with some noise: 25 g less each day.
func (h *history) weighIn(day, hour, minute, more int) {
	back := -day
	grams := 78_000 + 25*(back%2000) + back*back*37%500 + more
	h.measured(h.day(day, hour, minute),
		value{row: "weight_grams", number: float64(grams)},
		value{row: "fat_ratio", number: float64(2100+back*13%170) / 10_000},
		value{row: "fat_mass_grams", number: float64(17_000 + back*29%900)},
		value{row: "muscle_mass_grams", number: float64(57_000 + back*31%800)},
		value{row: "bone_mass_grams", number: float64(3000 + back*7%90)},
		value{row: "fat_free_mass_grams", number: float64(60_000 + back*41%700)},
		value{row: "hydration_grams", number: float64(44_000 + back*43%600)},
		value{row: "intracellular_water_grams", number: float64(26_000 + back*47%500)},
		value{row: "extracellular_water_grams", number: float64(18_000 + back*53%400)},
		value{row: "visceral_fat", number: float64(30+back*3%11) / 10})
}

// pressures are readings of a morning and an evening, sometimes three in a row.
func (h *history) pressures(day int) {
	back := -day
	if back%5 == 3 {
		return
	}
	h.pressure(day, 7, 30)
	if back%6 == 0 {
		h.pressure(day, 7, 40)
		h.pressure(day, 7, 50)
	}
	if back > 0 && back%2 == 0 {
		h.pressure(day, 20, 0)
	}
	if back > 0 && back%14 == 5 {
		h.pressure(day, 23, 40)
	}
}

// pressure is a reading of a blood-pressure monitor; now and then high.
func (h *history) pressure(day, hour, minute int) {
	n := -day*7 + hour*5 + minute
	h.measured(h.day(day, hour, minute),
		value{row: "systolic_blood_pressure_mmhg", number: float64(112 + n*11%34)},
		value{row: "diastolic_blood_pressure_mmhg", number: float64(64 + n*5%27)},
		value{row: "heart_pulse_beats_per_minute", number: float64(55 + n*3%19)})
}

// active are the totals of a day.
func (h *history) active(day int) {
	back := -day
	f := func(base, factor, span int) float64 { return float64(base + back*factor%span*2) }
	h.day1(day,
		value{row: "activity_steps", number: f(5000, 977, 3000)},
		value{row: "activity_distance_meters", number: f(3000, 577, 2000)},
		value{row: "activity_elevation_meters", number: f(10, 7, 30)},
		value{row: "activity_soft_seconds", number: f(3600, 607, 1800)},
		value{row: "activity_moderate_seconds", number: f(600, 173, 900)},
		value{row: "activity_intense_seconds", number: f(60, 97, 600)},
		value{row: "activity_active_seconds", number: f(600, 173, 900) + f(60, 97, 600)},
		value{row: "activity_energy_joules", number: f(200, 37, 150) * 4184},
		value{row: "activity_total_energy_joules", number: (f(200, 37, 150) + f(1700, 3, 20)) * 4184},
		value{row: "activity_heart_rate_average_beats_per_minute", number: f(70, 3, 9)},
		value{row: "activity_heart_rate_min_beats_per_minute", number: f(48, 5, 6)},
		value{row: "activity_heart_rate_max_beats_per_minute", number: f(120, 7, 25)},
		value{row: "activity_heart_rate_zone_light_seconds", number: f(40_000, 701, 9000)},
		value{row: "activity_heart_rate_zone_moderate_seconds", number: f(900, 311, 900)},
		value{row: "activity_heart_rate_zone_intense_seconds", number: f(120, 67, 300)},
		value{row: "activity_heart_rate_zone_maximal_seconds", number: f(10, 23, 60)})
}

// day1 is a day of totals: half of it is known at noon, all late in the evening. Of
// today there is a quarter.
func (h *history) day1(day int, values ...value) {
	start := h.day(day, 0, 0)
	r := record{service: exporter.Activity, date: h.date(day), start: start, end: h.day(day+1, 0, 0),
		grows: []step{{h.day(day, 8, 0), 0.25}, {h.day(day, 12, 0), 0.5}, {h.day(day, 23, 50), 1}}}
	if day == 0 {
		for i := range values {
			values[i].number /= 4
		}
		r.end, r.running = h.day(0, 8, 0), true
		r.grows = []step{{r.end, 1}}
	}
	r.values = values
	h.add(r)
}

// night is the night that ends on a day, also as a second device saw it.
func (h *history) night(day int, twice bool) {
	back := -day
	start, end := h.day(day-1, 22, 50+back*17%130), h.day(day, 6, 5+back*13%50)
	f := func(base, factor, span int) float64 { return float64(base + back*factor%span) }
	length := end.Sub(start).Seconds()
	deep, light, rem := f(4000, 631, 1800), f(9000, 811, 2400), f(4500, 401, 1500)
	stages := []value{
		{row: "sleep_deep_seconds", number: deep}, {row: "sleep_light_seconds", number: light}, {row: "sleep_rem_seconds", number: rem},
		{row: "sleep_total_seconds", number: deep + light + rem}, {row: "sleep_wakeup_seconds", number: length - deep - light - rem},
		{row: "sleep_time_in_bed_seconds", number: length}, {row: "sleep_score", number: f(60, 17, 35)},
		{row: "sleep_efficiency_ratio", number: f(800, 37, 170) / 1000},
		{row: "sleep_latency_seconds", number: f(300, 191, 1500)}, {row: "sleep_wakeup_latency_seconds", number: f(120, 83, 900)},
		{row: "sleep_awake_after_onset_seconds", number: f(200, 71, 800)},
		{row: "sleep_heart_rate_average_beats_per_minute", number: f(56, 3, 8)},
		{row: "sleep_heart_rate_min_beats_per_minute", number: f(46, 5, 7)},
		{row: "sleep_heart_rate_max_beats_per_minute", number: f(75, 7, 20)},
		{row: "sleep_respiratory_rate_average_breaths_per_minute", number: f(13, 1, 4)},
		{row: "sleep_respiratory_rate_min_breaths_per_minute", number: f(9, 1, 3)},
		{row: "sleep_respiratory_rate_max_breaths_per_minute", number: f(19, 1, 5)},
		{row: "sleep_rmssd_start_average_seconds", number: f(30, 7, 25) / 1000},
		{row: "sleep_rmssd_end_average_seconds", number: f(35, 11, 25) / 1000},
		{row: "sleep_rmssd_seconds", number: f(33, 5, 25) / 1000},
		{row: "sleep_core_body_temperature_average_celsius", number: f(363, 1, 9) / 10},
		{row: "sleep_skin_temperature_celsius", number: f(330, 3, 14) / 10},
		{row: "sleep_snoring_seconds", number: f(100, 257, 3000)}, {row: "sleep_breathing_sounds_seconds", number: f(90, 241, 2500)},
		{row: "sleep_breathing_disturbances_intensity", number: f(5, 7, 40)},
		{row: "sleep_apnea_hypopnea_index_events_per_hour", number: f(1, 3, 12)},
		{row: "sleep_wakeups", number: f(0, 3, 5)}, {row: "sleep_out_of_bed", number: f(0, 1, 3)},
	}
	h.session(day, start, end, stages...)
	if twice { // it lay in bed longer, knows no stages and has other numbers
		start, end = start.Add(-20*time.Minute), end.Add(15*time.Minute)
		h.session(day, start, end,
			value{row: "sleep_time_in_bed_seconds", number: end.Sub(start).Seconds()},
			value{row: "sleep_asleep_seconds", number: end.Sub(start).Seconds() - 1200},
			value{row: "sleep_total_seconds", number: end.Sub(start).Seconds() - 1200},
			value{row: "sleep_heart_rate_average_beats_per_minute", number: 80},
			value{row: "sleep_heart_rate_min_beats_per_minute", number: 44},
			value{row: "sleep_heart_rate_max_beats_per_minute", number: 99})
	}
}

// nap is half an hour after lunch.
func (h *history) nap(day int) {
	start := h.day(day, 13, 30)
	if !start.Before(h.now) {
		return
	}
	end := start.Add(time.Duration(25+-day%20) * time.Minute)
	h.session(day, start, end,
		value{row: "sleep_time_in_bed_seconds", number: end.Sub(start).Seconds()},
		value{row: "sleep_light_seconds", number: 900}, value{row: "sleep_total_seconds", number: 900},
		value{row: "sleep_heart_rate_average_beats_per_minute", number: 61}, value{row: "sleep_heart_rate_min_beats_per_minute", number: 58},
		value{row: "sleep_heart_rate_max_beats_per_minute", number: 70}, value{row: "sleep_score", number: 20})
}

// session is a night or a nap.
func (h *history) session(day int, start, end time.Time, values ...value) {
	values = append(values, value{row: "sleep_start_timestamp_seconds", number: float64(start.Unix())},
		value{row: "sleep_end_timestamp_seconds", number: float64(end.Unix())})
	h.add(record{service: exporter.Sleep, date: h.date(day), start: start, end: end, values: values})
}

// kinds are those of workouts, by Withings' numbers.
var kinds = map[float64]string{1: "walk", 2: "run", 7: "swimming"}

// workouts are a walk and a swim on some days, a run on others.
func (h *history) workouts(day int) {
	back := -day
	switch back % 4 {
	case 0:
		h.workout(h.day(day, 8, 0), 31*time.Minute, 1)
		h.workout(h.day(day, 18, 0), 45*time.Minute, 7)
	case 2:
		h.workout(h.day(day, 17, 15), 52*time.Minute, 2)
	}
}

func (h *history) workout(start time.Time, length time.Duration, kind float64) {
	end := start.Add(length)
	if end.After(h.now) {
		return
	}
	n := start.YearDay()
	f := func(base, factor, span int) float64 { return float64(base + (n*factor+int(kind)*50)%span) }
	h.add(record{service: exporter.Workout, start: start, end: end, values: []value{
		{row: "workout_info", number: 1, labels: map[string]string{"category": kinds[kind]}},
		{row: "workout_category", number: kind},
		{row: "workout_start_timestamp_seconds", number: float64(start.Unix())},
		{row: "workout_end_timestamp_seconds", number: float64(end.Unix())},
		{row: "workout_duration_seconds", number: length.Seconds()},
		{row: "workout_distance_meters", number: f(900, 37, 5000)},
		{row: "workout_elevation_meters", number: f(0, 3, 80)},
		{row: "workout_energy_joules", number: f(90, 7, 300) * 4184},
		{row: "workout_steps", number: f(1000, 67, 6000)},
		{row: "workout_heart_rate_average_beats_per_minute", number: f(95, 3, 40)},
		{row: "workout_heart_rate_max_beats_per_minute", number: f(130, 5, 40)},
		{row: "workout_intensity", number: f(20, 3, 60)},
	}})
}

// rare is what is not measured every day. An ECG found fibrillation before the
// import, and a sinus rhythm after it.
func (h *history) rare() {
	const fibrillation, sinus, noise = 1, 0, 5
	for back, class := range map[int]float64{60: sinus, 33: noise, 10: fibrillation, 2: sinus, 1: sinus} {
		h.measured(h.day(-back, 19, 30), value{row: "ecg_atrial_fibrillation_class", number: class},
			value{row: "ecg_qrs_interval_seconds", number: float64(90+back) / 1000}, value{row: "ecg_pr_interval_seconds", number: float64(150+back) / 1000},
			value{row: "ecg_qt_interval_seconds", number: float64(380+back) / 1000}, value{row: "ecg_corrected_qt_interval_seconds", number: float64(400+back) / 1000})
	}
	for back, class := range map[int]float64{25: sinus, 12: fibrillation, 1: sinus} {
		h.measured(h.day(-back, 15, 0), value{row: "ppg_atrial_fibrillation_class", number: class})
	}
	for back := 96; back >= 0; back -= 8 {
		h.measured(h.day(-back, 7, 20), value{row: "pulse_wave_velocity_meters_per_second", number: float64(60+back%23) / 10},
			value{row: "vascular_age_years", number: float64(40 + back%6)}, value{row: "metabolic_age_years", number: float64(38 + back%5)})
		h.measured(h.day(-back, 9, 0), value{row: "spo2_ratio", number: float64(94+back%5) / 100})
		for i, part := range []string{"torso", "left_arm", "right_arm", "left_leg", "right_leg"} {
			labels := map[string]string{"position": part}
			h.measured(h.day(-back, 7, 10).Add(time.Second),
				value{row: "segment_muscle_mass_grams", number: float64(3000 + i*900 + back), labels: labels},
				value{row: "segment_fat_mass_grams", number: float64(1000 + i*700 + 2*back), labels: labels})
		}
	}
	for back := 90; back >= 0; back -= 10 {
		h.measured(h.day(-back, 9, 10), value{row: "body_temperature_celsius", number: float64(364+back%19) / 10},
			value{row: "skin_temperature_celsius", number: float64(331+back%17) / 10}, value{row: "temperature_celsius", number: float64(362+back%13) / 10})
	}
}

// everything gives each row of the catalogue that has no reading so far a few.
func (h *history) everything() {
	has := map[string]bool{}
	for _, r := range h.records {
		for _, v := range r.values {
			has[v.row] = true
		}
	}
	for i, m := range exporter.Catalog() {
		if has[m.Name] || m.Frame || slices.Contains(m.Labels, "state") {
			continue
		}
		switch m.Service {
		case exporter.Measure:
			var part map[string]string
			if strings.HasPrefix(m.Name, "segment_") {
				part = map[string]string{"position": "torso"}
			}
			for _, back := range []int{15, 3} {
				h.measured(h.day(-back, 8, 10), value{row: m.Name, number: float64(100 + i + back), labels: part})
			}
		case exporter.Sleep, exporter.Workout:
			h.addTo(m, float64(i))
		}
	}
}

// addTo gives a row a value in each night or workout.
func (h *history) addTo(m *exporter.Metric, number float64) {
	var labels map[string]string
	if len(m.Labels) > 0 {
		labels = map[string]string{m.Labels[0]: "woke_up"}
	}
	for i := range h.records {
		r := &h.records[i]
		if r.service == m.Service {
			r.values = append(r.values, value{row: m.Name, number: number + float64(r.start.YearDay()), labels: labels})
		}
	}
}

// goals are goals, of which one changed four days ago, and an objective.
func (h *history) goals() {
	set := func(s exporter.Service, day int, row string, number float64) {
		h.add(record{service: s, start: h.day(day, 6, 0), end: h.day(day, 6, 0), values: []value{{row: row, number: number}}})
	}
	set(exporter.Goal, -95, "goal_steps", 7000)
	set(exporter.Goal, -2, "goal_steps", 6500)
	set(exporter.Goal, -55, "goal_sleep_seconds", 25_200)
	set(exporter.Goal, -95, "goal_weight_grams", 76_000)
	for i, row := range []string{"objective_weight_grams", "objective_fat_free_mass_grams", "objective_fat_ratio", "objective_fat_mass_grams"} {
		set(exporter.Objective, -50, row, []float64{77_000, 61_000, 0.2, 15_000}[i])
		set(exporter.Objective, -1, row, []float64{76_000, 60_500, 0.19, 14_500}[i])
	}
}

// devices are a scale with a low battery and a watch.
func (h *history) devices() {
	for i, d := range []struct{ id, kind, model, level string }{
		{"aa11", "Scale", "Body Scan", "low"}, {"bb22", "Activity Tracker", "ScanWatch", "high"},
	} {
		seen := h.day(-2+i, 7, 10)
		values := []value{{row: "device_info", number: 1, labels: map[string]string{
			"device": d.id, "type": d.kind, "model": d.model, "model_id": fmt.Sprint(10 + i), "timezone": h.zone.String()}}}
		for _, state := range []string{"low", "medium", "high"} {
			is := 0.0
			if state == d.level {
				is = 1
			}
			values = append(values, value{row: "device_battery_state", number: is, labels: map[string]string{"device": d.id, "state": state}})
		}
		values = append(values, value{row: "device_first_session_timestamp_seconds", number: float64(h.day(-90, 9, i).Unix()), labels: map[string]string{"device": d.id}},
			value{row: "device_last_session_timestamp_seconds", number: float64(seen.Unix()), labels: map[string]string{"device": d.id}})
		h.add(record{service: exporter.Device, start: time.Unix(0, 0).UTC(), end: seen, values: values})
	}
}
