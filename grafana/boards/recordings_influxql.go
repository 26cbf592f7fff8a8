package boards

import "fmt"

// marks are lines of their own. InfluxQL cannot ask for what is absent: each ECG has a
// second as its window, in which the highest of what is said of it counts.
func (influxQL) marks(rate series) []string {
	at, found := series{row: mustRow(recordedAt)}, series{row: mustRow(recordedFound)}
	of := func(s series, value string, conditions ...string) string {
		return fmt.Sprintf(`SELECT %s AS "value" %s`, fmt.Sprintf(value, field(s.row)), s.from(append(conditions, shown)...))
	}
	highest := func(parts ...string) string {
		return fmt.Sprintf(`SELECT max("value") AS "value" FROM %s WHERE %s GROUP BY time(1s), "profile" fill(none)`, nested(parts...), shown)
	}
	var all []string
	for _, f := range findings {
		if f.code == failed { // what is -1 there; an ECG with a result has at least 0 beside it
			recorded := highest(of(at, "0 * %s - 1"), of(found, "%s"))
			all = append(all, at.outer(`"value" + 1`, `"value" < 0 AND `+shown, recorded))
			continue
		}
		is := field(found.row) + " = " + number(f.code)
		all = append(all, highest(of(found, "0 * %s", is), of(rate, "%s", is)))
	}
	return all
}
