package proof

import (
	"math"
	"time"

	"withings-exporter/exporter"
)

// asked is a person's history and the time that a panel shows. Its methods say what
// the panel must show, counted from the readings.
type asked struct {
	*history
	from, to time.Time
	steps    []time.Time // of a panel's first query
	source   string
	brief    bool // of not everybody everything is looked at
}

// right is what a line, or a column, must be.
type right struct {
	days   map[string]float64              // a value for each of some days; nil where there is one for all
	night  bool                            // the days are those on which nights ended
	state  bool                            // a value lasts until the next
	number *float64                        // one value; nil where there is none
	step   float64                         // what it is rounded to, 0 for not at all
	every  func(time.Time) (float64, bool) // of steps shorter than days

	moments map[int64]float64 // values of exact moments, in seconds; nil where there are none
	cells   map[string]any    // of a column, by what stands in the column key
	key     string
}

// scaled is the same in another unit.
func (r right) scaled(to func(float64) float64) right {
	scaled := right{night: r.night, step: r.step, key: r.key}
	if r.days != nil {
		scaled.days = map[string]float64{}
		for day, number := range r.days {
			scaled.days[day] = to(number)
		}
	}
	if r.number != nil {
		scaled.number = new(to(*r.number))
	}
	if r.cells != nil {
		scaled.cells = map[string]any{}
		for key, cell := range r.cells {
			if number, is := cell.(float64); is {
				cell = to(number)
			}
			scaled.cells[key] = cell
		}
	}
	return scaled
}

// Units of panels, from those of the catalogue.
func hours(r right) right   { return r.scaled(func(n float64) float64 { return n / 3600 }) }
func minutes(r right) right { return r.scaled(func(n float64) float64 { return n / 60 }) }
func kilos(r right) right   { return r.scaled(func(n float64) float64 { return n / 1000 }) }
func kcal(r right) right    { return r.scaled(func(n float64) float64 { return n / 4184 }) }

// change is a difference, which is shown in a unit of so many of the catalogue's, with
// so many decimals.
func change(r right, unit float64, places float64) right {
	r = r.scaled(func(n float64) float64 { return n / unit })
	r.step = math.Pow(10, -places)
	return r
}

// rounded is a whole number of a unit, which words of a tile are made of.
func rounded(r right, unit float64) right { return change(r, unit, 0) }

// today is the running day.
func (a asked) today() string { return a.dateOf(a.now) }

// totals tells whether a row has totals of a day, which are not complete before it
// is over.
func totals(row string) bool { return exporter.ByName(row).Service == exporter.Activity }

// values are those of days: of a moment, the last of each day; of a day, its totals;
// of a night, those of the session that counts, on the day on which it ended.
func (a asked) values(row string) map[string]float64 {
	all := map[string]float64{}
	for i := range a.records {
		r := &a.records[i]
		number, has := r.of(row)
		if !has {
			continue
		}
		switch r.service {
		case exporter.Activity:
			all[r.date] = number
		case exporter.Sleep:
			if a.isNight(r) {
				all[r.date] = number
			}
		default:
			all[a.dateOf(r.end)] = number
		}
	}
	return all
}

// over are the values of days that are over, and those of moments and nights. Of blood
// pressures, the mean of the morning and the evening counts.
func (a asked) over(row string) map[string]float64 {
	all := a.values(row)
	if row == upper || row == lower {
		return a.halved(row)
	}
	for _, r := range a.records {
		if r.running && totals(row) {
			delete(all, r.date)
		}
	}
	return all
}

// shown keeps the days that are shown.
func (a asked) shown(row string, all func(day string) (float64, bool)) right {
	r := right{days: map[string]float64{}, night: exporter.ByName(row).Service == exporter.Sleep}
	for _, day := range days(a.dateOf(a.from), a.dateOf(a.to)) {
		if number, has := all(day); has {
			r.days[day] = number
		}
	}
	return r
}

// daily is the value of each day that has one, the running day as far as it is.
func (a asked) daily(row string) right {
	all := a.values(row)
	return a.shown(row, func(day string) (float64, bool) { n, has := all[day]; return n, has })
}

// complete leaves out the running day of totals.
func (a asked) complete(row string) right {
	all := a.over(row)
	return a.shown(row, func(day string) (float64, bool) { n, has := all[day]; return n, has })
}

// total adds up the values of so many days up to one, and counts them.
func total(all map[string]float64, until string, count int) (sum float64, found int) {
	for _, day := range days(after(until, 1-count), until) {
		if n, has := all[day]; has {
			sum, found = sum+n, found+1
		}
	}
	return sum, found
}

// mean is that of the values of so many days, up to each day.
func (a asked) mean(row string, count int) right {
	all := a.over(row)
	r := a.shown(row, func(day string) (float64, bool) {
		sum, found := total(all, day, count)
		return sum / float64(found), found > 0 && !(totals(row) && day == a.today())
	})
	r.night = false
	return r
}

// sum adds up the values of so many days that are over, up to each day.
func (a asked) sum(row string, count int) right {
	all := a.over(row)
	r := a.shown(row, func(day string) (float64, bool) {
		sum, found := total(all, day, count)
		return sum, found > 0 && !(totals(row) && day == a.today())
	})
	r.night = false
	return r
}

// one is a single value, nothing where there is none.
func one(number float64, has bool) right {
	if !has {
		return right{}
	}
	return right{number: &number}
}

// moved is how far the mean of a week has moved since the first day shown.
func (a asked) moved(row string) right {
	all, last := a.over(row), a.dateOf(a.to)
	if totals(row) && last == a.today() {
		last = after(last, -1)
	}
	now, n := total(all, last, 7)
	then, m := total(all, a.dateOf(a.from), 7)
	return one(now/float64(n)-then/float64(m), n > 0 && m > 0)
}

// newest is the record measured last, in a time, that has a row.
func (a asked) newest(row string, from time.Time) (found *record, number float64) {
	for i := range a.records {
		r := &a.records[i]
		n, has := r.of(row)
		if !has || r.end.After(a.to) || r.end.Before(from) {
			continue
		}
		if r.service == exporter.Sleep && !a.isNight(r) {
			continue
		}
		found, number = r, n // they are sorted
	}
	return found, number
}

// latest is the newest value in the time shown.
func (a asked) latest(row string) right {
	r, number := a.newest(row, a.from)
	return one(number, r != nil)
}

// goal is the newest there is, whatever is shown.
func (a asked) goal(row string) right {
	r, number := a.newest(row, time.Time{})
	return one(number, r != nil)
}

// soFar are the totals of the running day.
func (a asked) soFar(row string) right {
	n, has := a.values(row)[a.today()]
	return one(n, has)
}

// age is when the newest value was measured, in milliseconds.
func (a asked) age(row string) right {
	r, _ := a.newest(row, a.from)
	if r == nil {
		return right{}
	}
	return one(float64(r.end.UnixMilli()), true)
}
