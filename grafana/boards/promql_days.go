package boards

import "fmt"

// day says where a day is, seen from the moment at which a query is evaluated.
//
// Steps of a panel are at the browser's midnight. Steps of a subquery are at
// midnight UTC, whatever the browser's zone; there, everything looks further ahead
// by the time from then to the browser's midnight, which the variable midnight has
// in seconds. The subquery as a whole is put as much earlier.
type day struct {
	ahead int  // how many days after the step; not before it in a subquery
	inner bool // inside a subquery
}

const (
	hoursOfDay = 24
	noon       = 12
)

// window looks at some hours of the day, from one hour on. It ends a millisecond
// before the last of them does: what is measured at midnight is of the day that begins.
func (d day) window(from, hours int) window {
	end := from + hours + d.ahead*hoursOfDay
	return window{length: span(hours), offset: d.offset(end, 1), looks: d.offset(end, 0), since: d.moment(from)}
}

// span writes hours as a duration.
func span(hours int) string {
	if hours%hoursOfDay == 0 {
		return fmt.Sprintf("%dd", hours/hoursOfDay)
	}
	return fmt.Sprintf("%dh", hours)
}

// offset looks ahead to some milliseconds before an hour.
func (d day) offset(hour, before int) string {
	ahead := hour*secondsInHour*millisInSecond - before
	switch {
	case d.inner:
		return fmt.Sprintf(" offset -${midnight}s%dms", ahead)
	case ahead > 0:
		return fmt.Sprintf(" offset -%dms", ahead)
	case ahead < 0:
		return fmt.Sprintf(" offset %dms", -ahead)
	}
	return ""
}

// moment is an hour of the day, in seconds since 1970.
func (d day) moment(hour int) string {
	seconds := (hour + d.ahead*hoursOfDay) * secondsInHour
	at := "time()"
	if d.inner {
		at = "(time() + ${midnight})"
	}
	if seconds == 0 {
		return at
	}
	return fmt.Sprintf("(%s + %d)", at, seconds)
}

// value is what was measured last on a day.
func (s series) value(d day) string {
	if ofBed(s.row) {
		return s.ofNight(d)
	}
	if byDay(s.row) {
		return s.total(d) + " or " + s.newest(d.window(0, hoursOfDay), `day="today"`)
	}
	return s.newest(d.window(0, hoursOfDay))
}

// total is that of a day, as "yesterday" has it once the day is over. It is looked
// for from noon to noon, around the midnight at which the day ends, which leaves
// room for people who live in other zones.
func (s series) total(d day) string {
	return s.newest(d.window(noon, hoursOfDay), `day="yesterday"`)
}

// counts is the value of a day as means and sums take it: totals only once the day
// is over, blood pressures as the mean of its morning and its evening.
func (s series) counts(d day) string {
	if byDay(s.row) {
		return s.total(d)
	}
	if byHalves(s.row) {
		return fmt.Sprintf(`avg by (profile) (%s or %s)`,
			labelled(s.newest(d.window(0, noon)), "part", "0"), labelled(s.newest(d.window(noon, noon)), "part", "1"))
	}
	return s.value(d)
}

func (q promQL) daily(s series) string {
	if s.less != nil {
		return q.minus(s, q.daily)
	}
	if ofNaps(s.row) { // of naps: there are none on most days
		return s.apply("(" + s.value(day{}) + " > 0)")
	}
	return s.apply("(" + s.value(day{}) + ")")
}

func (q promQL) complete(s series) string {
	if s.less != nil {
		return q.minus(s, q.complete)
	}
	return s.apply(s.total(day{}))
}

// today looks back to the browser's midnight.
func (promQL) today(s series) string {
	midnight := "(time() - (time() - ${midnight}) % 86400)"
	return s.apply(s.newest(window{length: "1d", now: true, long: true, since: midnight}, `day="today"`))
}

// course looks two months back for a reading.
func (q promQL) course(s series) string {
	if !s.row.Service.Row().Moments {
		return q.daily(s)
	}
	return s.apply(s.newest(window{length: "60d", offset: " offset -1d", long: true}))
}

func (promQL) half(s series, of part) string {
	if of == evening {
		return s.apply(s.newest(day{}.window(noon, noon)))
	}
	return s.apply(s.newest(day{}.window(0, noon)))
}

// over is a function over the values of so many days, the last of which is the day
// that begins at the step, or some days after it, looked at some time ago. A second
// is missing so that seven days are seven in Prometheus 2, which counts both ends,
// and in 3.
func (s series) over(function string, days, ahead int, ago string) string {
	return fmt.Sprintf("%s(%s offset %s)", function, s.inDays(days, ahead), ago)
}

// inDays are those days.
func (s series) inDays(days, ahead int) string {
	return fmt.Sprintf("(%s)[%dd23h59m59s:1d]", s.counts(day{ahead: ahead, inner: true}), days-1)
}

// ago is the offset of a subquery whose last day is that of the step, or so many days
// before.
func ago(days int) string {
	if days == 0 {
		return "${midnight}s"
	}
	return fmt.Sprintf("%dd${midnight}s", days)
}

// onlyOver leaves the running day out, where totals are concerned.
func (s series) onlyOver() string {
	if byDay(s.row) {
		return " and on () (vector(time()) <= $__to / 1000 - 86399)"
	}
	return ""
}

func (promQL) mean(s series, days int) string {
	return s.apply("(" + s.over("avg_over_time", days, 0, ago(0)) + s.onlyOver() + ")")
}

func (promQL) sum(s series, days int) string {
	return s.apply("(" + s.over("sum_over_time", days, 0, ago(0)) + s.onlyOver() + ")")
}

// lastDay is how many days ago the last day was that counts.
func (s series) lastDay() int {
	if byDay(s.row) {
		return 1
	}
	return 0
}

func (promQL) moved(s series) string {
	s.plus = 0 // a difference of temperatures has no zero
	return s.apply("(" + s.over("avg_over_time", 7, 0, ago(s.lastDay())) + " - " + s.over("avg_over_time", 7, 0, "${midnight}s${__range_ms}ms") + ")")
}

func (promQL) weekly(s series, weekStart string) string {
	s.plus = 0
	moved := fmt.Sprintf("%s - %s", s.over("avg_over_time", 7, 6, ago(0)), s.over("avg_over_time", 7, 0, ago(1)))
	return s.apply("(" + only(moved, weekBegins(atStep, weekStart)) + ")")
}

// lastMidnight is when the last day shown began.
const lastMidnight = "($__to / 1000 - ($__to / 1000 - ${midnight}) % 86400)"

// The rate at which something changes is seen over four weeks.
const (
	trendDays = 14 // of the mean that counts as the present
	rateDays  = 28
)

// present is the mean that counts as the present, or did some days ago.
func (s series) present(days int) string {
	return s.over("avg_over_time", trendDays, 0, ago(s.lastDay()+days)+atEnd)
}

// perDay is the rate, in the unit of the row.
func (s series) perDay() string {
	return fmt.Sprintf("(%s - %s) / %d", s.present(0), s.present(rateDays), rateDays)
}

func (promQL) rate(s series) string {
	s.plus = 0
	return s.apply("(" + s.perDay() + ")")
}

func (promQL) forecast(s, goal series) string {
	return fmt.Sprintf("(time() + 86400 * ((%s - %s) / (%s) > 0 < %d)) * 1000", goal.aim(), s.present(0), s.perDay(), furthest)
}

// furthest is how many days ahead a forecast goes: five years.
const furthest = 1826

// shift asks of the two nights of each two days that follow each other.
func (promQL) shift(in scale) string {
	middle := func(d day) string {
		return "((" + series{row: mustRow(nightStart)}.value(d) + ") + (" + series{row: mustRow(nightEnd)}.value(d) + ")) / 2"
	}
	return in.apply("abs(" + middle(day{}) + " - (" + middle(day{ahead: -1}) + ") - 86400)")
}
