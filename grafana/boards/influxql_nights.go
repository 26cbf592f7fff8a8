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

// nights are the values of one session for each day: of the longest, where one with
// stages counts twice, as it is preferred to one that is up to twice as long.
func (s series) nights(times []string) string {
	length := field(mustRow(nightEnd)) + " - " + field(mustRow(nightStart))
	staged := fmt.Sprintf("(%s > 0 OR %s > 0 OR %s > 0)", field(mustRow("sleep_light_seconds")), field(mustRow("sleep_deep_seconds")), field(mustRow("sleep_rem_seconds")))
	return fmt.Sprintf(`SELECT max("rank") AS "rank", "value" FROM (SELECT 2 * (%s) AS "rank", %s AS "value" %s), (SELECT %s AS "rank", %s AS "value" %s) WHERE %s GROUP BY %s, %s fill(none)`,
		length, s.raw(), s.from(staged), length, s.raw(), s.from(), strings.Join(times, " AND "), windows("1d", aMonday, s.begins()), s.tags())
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
