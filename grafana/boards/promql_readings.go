package boards

import "fmt"

// Single readings are told apart by when they were measured, which becomes a label:
// a gauge that repeats a reading repeats that too, and what was imported and seen
// live as well is one. Looked at every five minutes, readings that follow each other
// faster count as the last of them.

// each has a line for each reading: an expression about what a gauge shows at a
// moment, with the time of measuring as a label. Everything is looked at a
// millisecond earlier, so that a sample is found by one look even if it lies exactly
// on one.
func each(expression, moments, length string) string {
	return fmt.Sprintf(`max by (profile, %s) (last_over_time((%s * on (%s) group_left (%s) count_values by (%s) (%q, %s))[%s:%s]))`,
		recordTime, expression, exporterLabels, recordTime, exporterLabels, recordTime, moments, length, lookback)
}

// moments is when what the series of a row show at a moment was measured, to five
// minutes: the last look that had not found it.
func (s series) moments() string {
	return fmt.Sprintf("(round(%s%s - 150, 300) or on (%s) (last_over_time(%s[%s]%s) * 0 + time() - 300))",
		s.measured(), justBefore, exporterLabels, s.imported(), lookback, justBefore)
}

const (
	justBefore = " offset 1ms"
	// lookback is for how long Prometheus shows a sample: whoever looks as often misses
	// none.
	lookback = "5m"
)

// length is how far back readings are looked for.
func (r readings) length() string {
	if r.days == 0 {
		return "$__range"
	}
	return fmt.Sprintf("%dd", r.days)
}

// begin is from when on readings count.
func (r readings) begin() string {
	if r.days == 0 {
		return "$__from / 1000"
	}
	return fmt.Sprintf("(%s - %d * 86400)", lastMidnight, r.days-1)
}

// of are the moments that count.
func (r readings) of(s series) string {
	moments := fmt.Sprintf("%s >= %s", s.moments(), r.begin())
	if r.part == anyTime {
		return moments
	}
	comparison := "<"
	if r.part == evening {
		comparison = ">="
	}
	return fmt.Sprintf("%s and (%s - ${midnight}) %% 86400 %s %d", moments, s.moments(), comparison, noon*secondsInHour)
}

// gauge is what the series of a row show at a moment.
func (s series) gauge() string { return selector(s.row, s.matchers()...) + justBefore }

func (promQL) readings(which statistic, of series, where readings) string {
	all := each(of.gauge(), where.of(of), where.length())
	over := func(function statistic) string { return fmt.Sprintf("%s by (profile) (%s)", function, all) }
	switch which {
	case countOf:
		return over(countOf)
	case deviationOf: // Prometheus has that of a whole population
		of.plus = 0
		return of.apply(fmt.Sprintf("sqrt(stdvar by (profile) (%s) * %s / (%s - 1))", all, over(countOf), over(countOf)))
	}
	return of.apply("(" + over(which) + ")")
}

func (promQL) classified(c class, where readings) string {
	upper, lower := series{row: mustRow(systolic)}, series{row: mustRow(diastolic)}
	count := func(expression string) string {
		return "count by (profile) (" + each(expression, where.of(upper), where.length()) + ")"
	}
	none := upper.newest(window{length: where.length(), now: true, long: true, since: where.begin()})
	if where.part != anyTime {
		none = count(upper.gauge())
	}
	return count("("+c.prom(upper.gauge(), lower.gauge())+")") + " or 0 * " + none
}

// records of workouts and ECGs are told apart by when they began, since several may end
// before Withings knows of them.
func (promQL) records(rows []series) []string {
	key := rows[0]
	var all []string
	for _, s := range rows {
		moments := fmt.Sprintf("%s >= $__from / 1000", key.moments())
		if s.row != key.row {
			moments += fmt.Sprintf(" == on (%s) %s", exporterLabels, s.moments())
		}
		if began := begin(key.row.Service); began != nil {
			moments = fmt.Sprintf("%s >= $__from / 1000", selector(began)+justBefore)
		}
		all = append(all, s.apply("("+each(s.gauge(), "("+moments+") * 1000", "$__range")+")"))
	}
	return all
}
