package proof

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
)

// point is a value of a line.
type point struct {
	at    time.Time
	value float64
}

// same allows for the rounding of floats, and for that which the query does.
func (r right) same(a, b float64) bool {
	return math.Abs(a-b) <= r.step/2+1e-9*max(math.Abs(a), math.Abs(b), 1)
}

// differs says what is wrong with a line or a column, "" if nothing is.
func (got answered) differs(a asked, e entry) string {
	if got.single && e.want.days != nil { // of the line, the last value is shown
		days := slices.Sorted(maps.Keys(e.want.days))
		last := right{step: e.want.step}
		if len(days) > 0 {
			last = one(e.want.days[days[len(days)-1]], true)
		}
		e.want = last
	}
	if e.want.cells != nil {
		return got.table.differs(e)
	}
	return a.differs(got.lines[e.line], e.want)
}

// differs compares a column, whose rows are told apart by another.
func (f frame) differs(e entry) string {
	keys, column := f.column(e.want.key), f.column(e.line)
	if len(e.want.cells) == 0 && (column == nil || f.length() == 0) {
		return ""
	}
	if len(e.want.cells) == 0 && column == nil {
		return ""
	}
	if keys == nil || column == nil {
		return fmt.Sprintf("is missing, or %s is: there are %v", e.want.key, f.titles())
	}
	left := maps.Clone(e.want.cells)
	for i, key := range keys.values {
		name := written(key)
		want, has := left[name]
		switch got := column.values[i]; {
		case !has && got == nil:
		case !has:
			return fmt.Sprintf("of %s is %v, want none, or not twice", name, got)
		case !e.want.sameCell(got, want):
			return fmt.Sprintf("of %s is %v, want %v", name, written(got), written(want))
		}
		delete(left, name)
	}
	for key, want := range left {
		return fmt.Sprintf("of %s is missing, want %v; %d more are", key, want, len(left)-1)
	}
	return ""
}

// written is a cell as a key.
func written(v any) string {
	if n, is := v.(float64); is {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

func (r right) sameCell(a, b any) bool {
	x, is := numeric(a)
	y, are := numeric(b)
	if is && are {
		return r.same(x, y)
	}
	return written(a) == written(b)
}

// titles are what the columns are called.
func (f frame) titles() []string {
	var all []string
	for _, c := range f.fields {
		all = append(all, c.title())
	}
	return all
}

// differs says what is wrong with a line, "" if nothing is.
func (a asked) differs(got []point, want right) string {
	if want.moments != nil {
		return want.differsByMoment(got)
	}
	if want.every != nil {
		return a.differsByStep(got, want)
	}
	if want.state {
		got = a.lasting(got, want)
	}
	if want.days != nil {
		return a.differsByDay(got, want)
	}
	switch last := len(got) - 1; {
	case last < 0 && want.number == nil:
		return ""
	case last < 0:
		return fmt.Sprintf("shows nothing, want %v", *want.number)
	case want.number == nil:
		return fmt.Sprintf("shows %v, want nothing", got[last].value)
	case !want.same(got[last].value, *want.number):
		return fmt.Sprintf("shows %v, want %v", got[last].value, *want.number)
	}
	return ""
}

func (a asked) differsByDay(got []point, want right) string {
	first := a.dateOf(a.from)
	left := maps.Clone(want.days)
	wrong, example := 0, ""
	complain := func(format string, args ...any) {
		if wrong++; wrong <= 3 {
			example += fmt.Sprintf("; "+format, args...)
		}
	}
	seen := map[string]bool{}
	for _, p := range got {
		day := a.dayOf(p.at, want.night)
		number, has := left[day]
		switch {
		case seen[day]:
			complain("%s has two values, the second is %v", day, p.value)
		case !has:
			complain("%s is %v, want nothing", day, p.value)
		case !want.same(p.value, number):
			complain("%s is %v, want %v", day, p.value, number)
		}
		seen[day] = true
		delete(left, day)
	}
	for _, day := range slices.Sorted(maps.Keys(left)) {
		if day != first { // only a part of it is shown
			complain("%s is missing, want %v", day, left[day])
		}
	}
	if wrong == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d days are wrong%s", wrong, len(want.days), example)
}

// differsByStep leaves out the minutes after an exporter came or went.
func (a asked) differsByStep(got []point, want right) string {
	at := map[int64]float64{}
	for _, p := range got {
		at[p.at.Unix()] = p.value
	}
next:
	for _, step := range a.steps {
		for _, e := range a.exporters {
			for _, edge := range []time.Time{e.from, e.to} {
				if since := step.Sub(edge); since >= 0 && since < 6*time.Minute && !edge.Equal(a.now) {
					continue next
				}
			}
		}
		is, shown := at[step.Unix()]
		number, has := want.every(step)
		switch {
		case math.IsNaN(number): // either is right
		case has != shown:
			return fmt.Sprintf("at %v is %v (%v), want %v (%v)", step, is, shown, number, has)
		case has && !want.same(is, number):
			return fmt.Sprintf("at %v is %v, want %v", step, is, number)
		}
	}
	return ""
}

// lasting has the value of a state on each day: the last one, also on days before.
func (a asked) lasting(got []point, want right) []point {
	slices.SortStableFunc(got, func(a, b point) int { return a.at.Compare(b.at) })
	var all []point
	for _, day := range slices.Sorted(maps.Keys(want.days)) {
		begin := a.midnightAfter(after(day, -1))
		state := -1.0
		for _, p := range got {
			if a.dayOf(p.at, false) <= day {
				state = p.value
			}
		}
		all = append(all, point{begin, state})
	}
	return all
}

// dayOf is the day of a step, or of a reading. Steps begin at midnight by the clock
// at the end of the time shown; nights may be told by when they began, in the evening.
func (a asked) dayOf(at time.Time, night bool) string {
	_, seconds := a.now.Zone()
	step := at.In(time.FixedZone("", seconds))
	switch {
	case step.Hour() == 0 && step.Minute() == 0 && step.Second() == 0:
		return step.Format(time.DateOnly)
	case night:
		at = at.Add(12 * time.Hour)
	}
	return a.dateOf(at)
}
