package boards

import "fmt"

// bedState is the last event within each five minutes or before, and how many of the
// windows of the past 36 hours have one: without any, nothing is known. There is an answer
// from the first moment shown on.
func (influxQL) bedState(s series) string {
	const windows = `time(` + bedSteps + `), "profile"`
	since := fmt.Sprintf("time >= ${__to}ms - %s - %dh - 10m AND %s", bedDays, bedHours, untilEnd)
	events := fmt.Sprintf(`SELECT last(%s) AS "value" %s GROUP BY %s fill(none)`, field(s.row), s.from(since), windows)
	held := fmt.Sprintf(`SELECT last("value") AS "held" FROM (%s) WHERE %s GROUP BY %s fill(previous)`, events, since, windows)
	known := fmt.Sprintf(`SELECT last("held") AS "held", moving_average(count("value"), %d) AS "recent" FROM %s WHERE %s GROUP BY %s fill(0)`,
		bedHours*secondsInHour/300, nested(held, events), since, windows)
	return s.outer(fmt.Sprintf(`("held" + 1) * ceil("recent" / 1000) + %d`, notRecorded), since, known)
}

// inBedSince is when the last event of a kind was, where the last of all is of that kind.
func (influxQL) inBedSince(in bool) string {
	s, since, is := series{row: mustRow(isInBed)}, mustRow(gotOut), 0
	if in {
		since, is = mustRow(gotIn), 1
	}
	recent := fmt.Sprintf("time > ${__to}ms - %dh AND %s", bedHours, untilEnd)
	last := fmt.Sprintf(`SELECT last(%s) AS "in", last(%s) AS "since" %s GROUP BY "profile"`, field(s.row), field(since), s.from(recent))
	return s.outer(fmt.Sprintf(`"since" * %d`, millisInSecond), fmt.Sprintf(`"in" = %d AND time >= ${__to}ms - %dh AND %s`, is, bedHours+1, untilEnd), last)
}
