package boards

import (
	"fmt"
	"strings"

	"withings-exporter/exporter"
)

// ofNights reports whether a row is of sleep sessions, of which InfluxDB has every
// one, naps included.
func ofNights(m *exporter.Metric) bool { return m.Service == exporter.Sleep && !ofNaps(m) }

// ofNaps reports whether a row is counted from the other sessions of a date. Such
// stand at its midnight.
func ofNaps(m *exporter.Metric) bool {
	return m.Service == exporter.Sleep && m.Frame && strings.HasPrefix(m.Key, "naps")
}

// Sessions are found by when they began. Those that began on the day before that of
// waking up end less time after the browser's midnight than they took.
const (
	sinceMidnight = `("end_timestamp_seconds" - ${__to} / 1000 + ${__to:date:H} * 3600 + ${__to:date:m} * 60 + ${__to:date:s} + 8640000000) % 86400` // with 100,000 days more, never negative
	sessionLength = `"end_timestamp_seconds" - "start_timestamp_seconds"`
	fellAsleep    = sinceMidnight + " < " + sessionLength // on the day before
	sameDay       = sinceMidnight + " >= " + sessionLength
)

// sessions are those for which conditions hold, with their rank: those with stages
// twice, the second time with twice the length, since they are preferred to what is up
// to twice as long.
func (s series) sessions(value string, conditions ...string) []string {
	ranked := func(factor string, conditions ...string) string {
		return fmt.Sprintf(`SELECT %s(%s) AS "rank", %s AS "value" %s GROUP BY %s`, factor, sessionLength, value, s.from(conditions...), s.tags())
	}
	staged := fmt.Sprintf("(%s > 0 OR %s > 0 OR %s > 0)", field(mustRow("sleep_light_seconds")), field(mustRow("sleep_deep_seconds")), field(mustRow("sleep_rem_seconds")))
	return []string{ranked("1 * ", conditions...), ranked("2 * ", append(conditions, staged)...)}
}

// best picks the session of the highest rank in each window.
func (s series) best(windows string, sessions ...string) string {
	return fmt.Sprintf(`SELECT max("rank") AS "rank", "value" FROM %s GROUP BY %s, %s fill(none)`, nested(sessions...), windows, s.tags())
}

// nothing stands where there is no value, below any that there may be. InfluxQL also
// puts it in the place of a difference where nobody has such a value at all; values are
// lifted meanwhile, so that what then comes out is nothing, too, and not 0.
const (
	nothing = -1 << 10
	lift    = 1 << 12
)

// nights are the values of one session for each day from one on, that of the highest
// rank. A session that has no such value leaves the day without one, rather than
// another session.
//
// Sessions that began on the evening before stand at noon. From there to the half day
// after it, with which the day begins, they are gone again: how much is missing then is
// the value. Where one comes, more than nothing is missing, which ranks lowest.
func (s series) nights(since, until string) string {
	evenings := s.best(windows("1d", noon), s.sessions(fmt.Sprintf("%s + %d", s.raw(), lift), append(before(until, -hoursOfDay), fellAsleep, "time >= "+at(since, 0, -noon))...)...)
	gone := func(column string, lifted int) string {
		return fmt.Sprintf(`%d - difference(last(%q)) AS %q`, nothing-lifted, column, column)
	}
	morningAfter := fmt.Sprintf(`SELECT %s, %s FROM (%s) WHERE time >= %s AND %s GROUP BY %s, %s fill(%d)`,
		gone("rank", 0), gone("value", lift), evenings, since, untilEnd, halfDays, s.tags(), nothing)
	all := append(s.sessions(s.raw(), append(before(until, 0), sameDay, "time >= "+since)...), morningAfter)
	return fmt.Sprintf(`SELECT "value" FROM (%s) WHERE "value" > %d GROUP BY %s`, s.best(midnights, all...), nothing, s.tags())
}

// shift takes the difference between rows that follow each other, and leaves out
// those with a gap of days between them: there the middle moves by half a day and
// more.
func (influxQL) shift(in scale) string {
	s := series{row: mustRow(nightStart)}
	since := daysFrom{first: at(firstDay, -1, 0)}
	end := series{row: mustRow(nightEnd)}
	nights := fmt.Sprintf(`SELECT (difference(last("start")) + difference(last("end"))) / 2 - 86400 AS "moved" FROM %s WHERE time >= %s AND %s GROUP BY %s, "profile" fill(none)`,
		nested(s.each(`"value" AS "start"`, since), end.each(`"value" AS "end"`, since)), firstDay, untilEnd, midnights)
	return s.outer(in.apply(`abs("moved")`), fmt.Sprintf(`"moved" > -43200 AND "moved" < 43200 AND time >= %s AND %s`, at(firstDay, -4, 0), untilEnd), nights)
}
