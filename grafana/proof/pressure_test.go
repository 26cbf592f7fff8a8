package proof

import (
	"math"
	"time"
)

// pressures are the values of a row in the blood pressures of the last so many days, in
// a part of the day. Of the pulse, those that were measured with them count.
func (a asked) pressures(row string, count int, of func(time.Time) bool) []float64 {
	since := time.UnixMilli(int64(a.midnight(after(a.dateOf(a.to), 1-count))))
	var all []float64
	for i := range a.records {
		r := &a.records[i]
		n, has := r.of(row)
		if _, is := r.of(upper); has && is && !r.end.Before(since) && !r.end.After(a.to) && of(r.end.In(a.zone)) {
			all = append(all, n)
		}
	}
	return all
}

func average(all []float64) float64 {
	sum := 0.0
	for _, n := range all {
		sum += n
	}
	return sum / float64(len(all))
}

// deviation is the standard deviation of a sample.
func deviation(all []float64) float64 {
	mean, sum := average(all), 0.0
	for _, n := range all {
		sum += (n - mean) * (n - mean)
	}
	return math.Sqrt(sum / float64(len(all)-1))
}

// meanPressure is one figure over the blood pressures of some days.
func (a asked) meanPressure(row string, count int) right {
	all := a.pressures(row, count, anyTime)
	return one(average(all), len(all) > 0)
}

// pressuresCounted is how many there are.
func (a asked) pressuresCounted(count int) right {
	n := len(a.pressures(upper, count, anyTime))
	return one(float64(n), n > 0)
}

// classed is the class of ESC 2024 at home that the rounded means belong to.
func (a asked) classed(count int) right {
	s, d := a.pressures(upper, count, anyTime), a.pressures(lower, count, anyTime)
	class := 0.0
	for _, from := range [][2]float64{elevated, hypertension} {
		if math.Round(average(s)) >= from[0] || math.Round(average(d)) >= from[1] {
			class++
		}
	}
	return one(class, len(s) > 0)
}

// reaching is how many blood pressures of some days are at least so high in one of the
// two values, as a share.
func (a asked) reaching(from [2]float64, count int) right {
	s, d := a.pressures(upper, count, anyTime), a.pressures(lower, count, anyTime)
	high := 0.0
	for i := range s {
		if s[i] >= from[0] || d[i] >= from[1] {
			high++
		}
	}
	return one(high/float64(len(s)), len(s) > 0)
}

// inRange is how many of the last 30 days are in a range: at or above its limits in one
// value, below those of the next in both. A limit of 0 is none.
func (a asked) inRange(from, below [2]float64) right {
	s, d := a.pressures(upper, 30, anyTime), a.pressures(lower, 30, anyTime)
	count := 0.0
	for i := range s {
		reaches := from[0] == 0 || s[i] >= from[0] || d[i] >= from[1]
		if exceeds := below[0] != 0 && (s[i] >= below[0] || d[i] >= below[1]); reaches && !exceeds {
			count++
		}
	}
	return one(count, len(s) > 0)
}

// meansTable is a column of the table of means, whose lines are told apart by ten times
// the number of days, and 1 for mornings and 2 for evenings.
func (a asked) meansTable(row string, of func([]float64) float64) right {
	r := right{key: "Mean of", cells: map[string]any{}}
	for _, count := range []int{7, 14, 30} {
		for i, part := range []func(time.Time) bool{anyTime, morning, evening} {
			if all := a.pressures(row, count, part); len(all) > 0 {
				r.cells[written(float64(10*count+i))] = of(all)
			}
		}
	}
	return r
}

// spreadTable is a column of the table of extremes: of the upper and the lower pressure
// and the pulse. One reading has no deviation.
func (a asked) spreadTable(least int, of func([]float64) float64) right {
	r := right{key: "Reading", cells: map[string]any{}}
	for i, row := range []string{upper, lower, pulse} {
		if all := a.pressures(row, 30, anyTime); len(all) >= least {
			r.cells[written(float64(i))] = of(all)
		}
	}
	return r
}

// lastTable is a column of the table of the last 30 readings, by when they were measured.
func (a asked) lastTable(row string) right {
	r := right{key: "Measured", cells: map[string]any{}}
	since := time.UnixMilli(int64(a.midnight(after(a.dateOf(a.to), -29))))
	for i := len(a.records) - 1; i >= 0 && len(r.cells) < 30; i-- {
		one := &a.records[i]
		n, has := one.of(row)
		if _, is := one.of(upper); has && is && !one.end.Before(since) && !one.end.After(a.to) {
			r.cells[written(float64(one.end.UnixMilli()))] = n
		}
	}
	return r
}

func number(all []float64) float64 { return float64(len(all)) }
