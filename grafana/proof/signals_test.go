package proof

import "math"

// usual is the mean and the standard deviation of a row in the 60 nights before a day,
// if at least 14 of them are known.
func (a asked) usual(row, day string) (mean, deviation float64, known bool) {
	all := a.values(row)
	var before []float64
	for back := 1; back <= 60; back++ {
		if n, has := all[after(day, -back)]; has {
			before = append(before, n)
		}
	}
	mean = average(before)
	for _, n := range before {
		deviation += (n - mean) * (n - mean) / float64(len(before))
	}
	return mean, math.Sqrt(deviation), len(before) >= 14
}

// edge is the mean, and so many deviations more.
func (a asked) edge(row string, deviations float64) right {
	r := a.shown(row, func(day string) (float64, bool) {
		mean, deviation, known := a.usual(row, day)
		return mean + deviations*deviation, known
	})
	r.night = false
	return r
}

// standing is how many deviations a night lies from the mean.
func (a asked) standing(row, day string) (float64, bool) {
	n, has := a.values(row)[day]
	mean, deviation, known := a.usual(row, day)
	return (n - mean) / deviation, has && known && deviation > 0
}

func (a asked) unusual(row string) right {
	r := a.shown(row, func(day string) (float64, bool) { return a.standing(row, day) })
	r.night, r.step = false, 1e-6 // InfluxDB takes the difference of large sums
	return r
}

// odd adds up which signals are unusual in the last night: a digit of base 3 for each.
func (a asked) odd(rows ...string) right {
	sum, any, digit := 0.0, false, 1.0
	for _, row := range rows {
		standing, has := a.standing(row, a.dateOf(a.to))
		switch {
		case has && standing >= 2:
			sum += digit
		case has && standing < -2:
			sum -= digit
		}
		any = any || has
		digit *= 3
	}
	return one(sum, any)
}

// signals is what the dashboard Body signals must show.
func signals(h asked) []entry {
	const (
		rate        = "sleep_heart_rate_average_beats_per_minute"
		variability = "sleep_rmssd_end_average_seconds"
		temperature = "sleep_core_body_temperature_average_celsius"
		breathing   = "sleep_respiratory_rate_average_breaths_per_minute"
	)
	night := func(row string) right {
		r := h.daily(row)
		r.step = 1e-9
		return r
	}
	all := []entry{{"Is today unusual?", "Today", h.odd(rate, variability, temperature, breathing)}}
	for _, s := range []struct{ name, row string }{
		{"Heart rate", rate}, {"Variability", variability}, {"Temperature", temperature}, {"Breathing", breathing},
	} {
		all = append(all, entry{"Deviation from what is usual", s.name, h.unusual(s.row)},
			entry{s.name, "Usual, from", h.edge(s.row, -2)}, entry{s.name, "Usual, to", h.edge(s.row, 2)}, entry{s.name, "Night", night(s.row)})
	}
	return all
}
