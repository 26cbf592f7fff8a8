package proof

import (
	"slices"
	"strings"
	"time"
)

// againstGoal are the days on which a goal was reached, or all others.
func (a asked) againstGoal(row, goal string, reached bool) right {
	aim := a.goal(goal).number
	all := a.values(row)
	r := a.shown(row, func(day string) (float64, bool) {
		n, has := all[day]
		return n, has && reached == (aim != nil && n >= *aim)
	})
	r.night = false
	return r
}

// streaks are the days in a row on which a goal was reached: those up to the last one
// that is over, and the most.
func (a asked) streaks(row, goal string) (now, longest right) {
	aim := a.goal(goal).number
	if aim == nil {
		return right{}, right{}
	}
	all, length, most := a.over(row), 0.0, 0.0
	for _, day := range days(a.dateOf(a.from), after(a.dateOf(a.to), -1)) {
		if n, has := all[day]; has && n >= *aim {
			length++
		} else {
			length = 0
		}
		most = max(most, length)
	}
	return one(length, true), one(most, true)
}

// debt is what the values of 14 days lack to a goal.
func (a asked) debt(row, goal string) right {
	aim := a.goal(goal).number
	sum, found := total(a.values(row), a.dateOf(a.to), 14)
	if aim == nil || found == 0 {
		return right{}
	}
	return one(*aim*float64(found)-sum, true)
}

// vigour is what WHO counts of a week.
func (a asked) vigour(moderate, intense string) right {
	return plus(a.sum(moderate, 7), a.sum(intense, 7).scaled(func(n float64) float64 { return 2 * n }))
}

// yearToDate is the sum of a year's totals, years ago, up to the date of the last day
// that is over.
func (a asked) yearToDate(row string, ago int) right {
	sum, found := 0.0, false
	until := a.to.In(a.zone).AddDate(-ago, 0, 0)
	for day, n := range a.over(row) {
		if strings.HasPrefix(day, until.Format("2006-")) && day < until.Format(time.DateOnly) {
			sum, found = sum+n, true
		}
	}
	return one(sum, found)
}

// ahead is how much more it is this year.
func (a asked) ahead(row string) right {
	this, last := a.yearToDate(row, 0).number, a.yearToDate(row, 1).number
	if this == nil || last == nil {
		return right{}
	}
	return one(*this-*last, true)
}

// best are the five highest of some values, by the midnights of their days as steps
// have them.
func (a asked) best(key string, all map[string]float64) right {
	r := right{key: key, cells: map[string]any{}}
	type pair struct {
		day   string
		value float64
	}
	var list []pair
	for day, n := range all {
		list = append(list, pair{day, n})
	}
	slices.SortFunc(list, func(x, y pair) int { return int(y.value - x.value) })
	_, seconds := a.to.In(a.zone).Zone()
	for _, p := range list[:min(5, len(list))] {
		at, _ := time.ParseInLocation(time.DateOnly, p.day, time.FixedZone("", seconds))
		r.cells[written(float64(at.UnixMilli()))] = p.value
	}
	return r
}

// bestDays are the five days with most; of the first day shown, and what is like it,
// only a part is.
func (a asked) bestDays(key, row string) right { return a.best(key, a.complete(row).days) }

// bestWeeks are the five weeks with most that begin in the time shown.
func (a asked) bestWeeks(key, row string) right {
	all, weeks := a.over(row), map[string]float64{}
	for _, day := range days(a.dateOf(a.from), a.dateOf(a.to)) {
		if at, _ := time.Parse(time.DateOnly, day); at.Weekday() != time.Monday {
			continue
		}
		if sum, found := total(all, after(day, 6), 7); found > 0 {
			weeks[day] = sum
		}
	}
	return a.best(key, weeks)
}

// kinds is a column of sums of the workouts of each kind.
func (a asked) kindsOf(value func(w *record) float64) right {
	r := right{key: "Workout", cells: map[string]any{}}
	for i := range a.records {
		w := &a.records[i]
		kind, is := w.of("workout_category")
		if !is || w.start.Before(a.from) {
			continue
		}
		sum, _ := r.cells[written(kind)].(float64)
		r.cells[written(kind)] = sum + value(w)
	}
	return r
}

// summed is a row of a workout in a unit of so many of its own.
func summed(row string, unit float64) func(*record) float64 {
	return func(w *record) float64 { n, _ := w.of(row); return n / unit }
}

// clock is the time of the clock at the moments of a night, in hours after noon.
func (a asked) clock(row string) right {
	return a.daily(row).scaled(func(seconds float64) float64 {
		at := time.Unix(int64(seconds), 0).In(a.zone)
		return float64((at.Hour()+12)%24) + float64(at.Minute())/60 + float64(at.Second())/3600
	})
}

// millis are moments as panels have them.
func millis(r right) right { return r.scaled(func(n float64) float64 { return n * 1000 }) }

// weekends are means over the nights before weekdays (0) and before weekends (1), of
// those shown, or how many there are.
func (a asked) weekends(value func(night *record) float64, count bool) right {
	sums, counts := map[string]float64{}, map[string]float64{}
	for day := range a.daily("sleep_end_timestamp_seconds").days {
		night, _ := a.nightOf(day, a.now)
		at, _ := time.Parse(time.DateOnly, day)
		key := "0"
		if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
			key = "1"
		}
		sums[key] += value(night)
		counts[key]++
	}
	r := right{key: "Woke up", cells: map[string]any{}}
	for key := range sums {
		if r.cells[key] = sums[key] / counts[key]; count {
			r.cells[key] = counts[key]
		}
	}
	return r
}

// onAWinterDay is a time of the clock on the day that the panel takes for it, in
// milliseconds; half a day later when that is after midnight.
func (a asked) onAWinterDay(at time.Time, around int) float64 {
	at = at.In(a.zone)
	hour, day := at.Hour(), 15
	if around == 0 && hour < 12 { // bedtimes are around midnight
		day = 16
	}
	return float64(time.Date(2001, 1, day, hour, at.Minute(), 0, 0, a.zone).UnixMilli())
}
