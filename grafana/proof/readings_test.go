package proof

import "time"

// held is the value that held on each day, measured then or up to two months before.
func (a asked) held(row string) right {
	all := a.values(row)
	return a.shown(row, func(day string) (float64, bool) {
		for back := range 60 {
			if n, has := all[after(day, -back)]; has {
				return n, true
			}
		}
		return 0, false
	})
}

// result is the same, and -1 where there is none: a state, which lasts until the next.
// InfluxDB knows of those with a pulse only that they have no result.
func (a asked) result(row string) right {
	r := a.held(row)
	r.state = true
	if a.source == "influxdb" && len(a.values("heart_pulse_beats_per_minute")) == 0 {
		return r
	}
	for _, day := range days(a.dateOf(a.from), a.dateOf(a.to)) {
		if _, has := r.days[day]; !has {
			r.days[day] = -1
		}
	}
	return r
}

// Parts of a day.
func morning(at time.Time) bool { return at.Hour() < 12 }
func evening(at time.Time) bool { return at.Hour() >= 12 }
func anyTime(time.Time) bool    { return true }

// half is the last reading of each morning, or each evening.
func (a asked) half(row string, of func(time.Time) bool) right {
	all := map[string]float64{}
	for i := range a.records {
		r := &a.records[i]
		if n, has := r.of(row); has && of(r.end.In(a.zone)) {
			all[a.dateOf(r.end)] = n
		}
	}
	return a.shown(row, func(day string) (float64, bool) { n, has := all[day]; return n, has })
}

// halved is for each day the mean of the last value of its morning and that of its evening.
func (a asked) halved(row string) map[string]float64 {
	halves := map[string]map[bool]float64{}
	for i := range a.records {
		r := &a.records[i]
		if n, has := r.of(row); has {
			day := a.dateOf(r.end)
			if halves[day] == nil {
				halves[day] = map[bool]float64{}
			}
			halves[day][morning(r.end.In(a.zone))] = n
		}
	}
	all := map[string]float64{}
	for day, parts := range halves {
		for _, n := range parts {
			all[day] += n / float64(len(parts))
		}
	}
	return all
}

// weekly is the mean of each week less that of the week before, at its Monday.
func (a asked) weekly(row string) right {
	all := a.over(row)
	r := a.shown(row, func(day string) (float64, bool) {
		if at, _ := time.Parse(time.DateOnly, day); at.Weekday() != time.Monday {
			return 0, false
		}
		now, n := total(all, after(day, 6), 7)
		then, m := total(all, after(day, -1), 7)
		return now/float64(n) - then/float64(m), n > 0 && m > 0
	})
	r.night = false
	return r
}

// less is one row without another of the same record.
func (a asked) less(row, other string) right {
	r, minus := a.daily(row), a.daily(other)
	for day := range r.days {
		r.days[day] -= minus.days[day]
	}
	return r
}

// plus adds two lines, day by day, where there are both.
func plus(one, other right) right {
	sum := right{days: map[string]float64{}, night: one.night}
	for day, n := range one.days {
		if m, has := other.days[day]; has {
			sum.days[day] = n + m
		}
	}
	return sum
}

// bmi is the newest weight by the newest height.
func (a asked) bmi() right {
	w, grams := a.newest("weight_grams", a.from)
	h, meters := a.newest("height_meters", time.Time{})
	return one(grams/1000/meters/meters, w != nil && h != nil)
}

// shift is how far the middle of a night is from that of the night before, in seconds.
func (a asked) shift() right {
	const begin, end = "sleep_start_timestamp_seconds", "sleep_end_timestamp_seconds"
	begins, ends := a.values(begin), a.values(end)
	middle := func(day string) (float64, bool) { b, has := begins[day]; return (b + ends[day]) / 2, has }
	return a.shown(begin, func(day string) (float64, bool) {
		now, has := middle(day)
		then, had := middle(after(day, -1))
		return max(now-then-86_400, then+86_400-now), has && had
	})
}

// naps is the length of the naps of each day that has any, in seconds.
func (a asked) naps() right {
	return a.shown("sleep_naps_seconds", func(day string) (float64, bool) {
		_, naps := a.nightOf(day, a.now)
		length := napValues(naps)[1].number
		return length, length > 0
	})
}

// part is the newest value of a part of the body.
func (a asked) part(row, position string) right {
	var r right
	for i := range a.records {
		if a.records[i].end.Before(a.from) || a.records[i].end.After(a.to) {
			continue
		}
		for _, v := range a.records[i].values {
			if v.row == row && v.labels["position"] == position {
				r = one(v.number, true)
			}
		}
	}
	return r
}

// workout is a column of the workouts shown, by when they began, in milliseconds.
func (a asked) workout(row string, to func(float64) float64) right {
	const begin = "workout_start_timestamp_seconds"
	r := right{key: "Start", cells: map[string]any{}}
	for i := range a.records {
		w := &a.records[i]
		start, is := w.of(begin)
		if n, has := w.of(row); is && has && !w.start.Before(a.from) {
			r.cells[written(start*1000)] = to(n)
		}
	}
	return r
}

// months is a column of a table of years: the mean of the values of a month.
func (a asked) months(row, month string) right {
	sums, counts := map[string]float64{}, map[string]float64{}
	for day, n := range a.complete(row).days {
		if day[5:7] == month && day > a.dateOf(a.from) {
			sums[day[:4]] += n
			counts[day[:4]]++
		}
	}
	r := right{key: "Year", cells: map[string]any{}}
	for year := range sums {
		r.cells[year] = sums[year] / counts[year]
	}
	return r
}
