package boards

// habits are questions of days, weeks and years that only the dashboards of sleep
// and activity ask.
type habits interface {
	// bars is one value for each day, as daily has it. When more than a year is shown,
	// it is the mean of each week instead: in Prometheus on each of its days, which make
	// one broad bar together, in InfluxDB at the day with which it begins.
	bars(s series, weekStart string) string
	// against are those of bars that reach a goal, or all others, those of people who
	// have no goal among them.
	against(s, goal series, reached bool, weekStart string) string
	// beside is the mean of seven days that is drawn over bars. Where bars are means of
	// weeks, it is not.
	beside(series) string
	// streak is on how many days that are over a goal was reached, one after the
	// other: the streak that still goes on, or the longest of the time shown. A day
	// without a value ends a streak.
	streak(s, goal series, longest bool) string
	// debt is how much less than a goal the values of the last so many days add up to.
	// Days without a value do not count.
	debt(s, goal series, days int) string
	// weeks is the sum of the totals of each week that begins in the time shown, at
	// that day.
	weeks(s series, weekStart string) string
	// yearToDate is the sum of the totals of the year in which the time shown ends, up
	// to the last day that is over; or of the year before, up to the same date.
	yearToDate(s series, which year) string
	// vigour is, for each day that is over, what WHO counts as the activity of a week:
	// the moderate time of the seven days up to it, and twice the intense time.
	vigour(moderate, intense series) string
	// naps is how long the naps of each day with naps were.
	naps(series) string
	// weekend is 1 for nights from which one wakes up on a Saturday or Sunday, 0 for
	// others.
	weekend() string
}

// year is one of the two that are compared.
type year int

const (
	yearSoFar year = iota
	yearBefore
	yearAhead // this one less the last
)

// yearful is how many days are shown as days: a year, and a few days more so that "a
// year" is one.
const yearful = 371

const (
	secondsOfDay  = 86400
	millisOfDay   = 86400 * millisInSecond
	daysOfWeek    = 7
	nightsOfDebt  = 14
	firstSaturday = 5 // days of a week are counted from Monday, which is 0
)

// bar asks for a bar of each day, or of each week when the time is long.
func (b build) bar(name, row string) ask {
	s := b.series(row)
	return ask{series: s, name: name, text: b.bars(s, b.WeekStart), look: bars}
}

// barLess is the same of one row without another of the same record.
func (b build) barLess(name, row, other string) ask {
	s := b.series(row)
	s.less = mustRow(other)
	return ask{series: s, name: name, text: b.bars(s, b.WeekStart), look: bars}
}

// barred asks for the bars that reach a goal, and for all others.
func (b build) barred(name, row, goal, color string) []ask {
	s, aim := b.series(row), b.series(goal)
	return []ask{{series: s, name: "Goal met", text: b.against(s, aim, true, b.WeekStart), color: metColor, look: bars},
		{series: s, name: name, text: b.against(s, aim, false, b.WeekStart), color: color, look: bars}}
}

// over asks for the mean that is drawn over bars.
func (b build) over(row string) ask {
	s := b.series(row)
	return ask{series: s, name: "7-day mean", text: b.beside(s), color: meanColor, look: bold}
}

// aboutLong is said of panels that show weeks when the time is long.
const aboutLong = "When more than a year is shown, a bar is the mean of a week."
