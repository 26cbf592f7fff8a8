package boards

import "fmt"

// before is a function over the nights with which a night is compared.
func (s series) before(function string) string {
	return s.over(function, usualNights, 0, ago(1))
}

// enough leaves out nights before which too few are known.
func (s series) enough() string {
	return fmt.Sprintf(" and on (profile) %s >= %d", s.before("count_over_time"), enoughNights)
}

// standing is how many standard deviations the value of the day of the step is from
// what is usual; the step may be anywhere in that day.
func (s series) standing() string {
	return fmt.Sprintf("((%s - %s) / (%s > 0)%s)", s.over("last_over_time", 1, 0, ago(0)), s.before("avg_over_time"), s.before("stddev_over_time"), s.enough())
}

func (promQL) unusual(s series) string { return s.standing() }

func (promQL) usual(s series, deviations float64) string {
	return s.apply(fmt.Sprintf("(%s + %s * %s%s)", s.before("avg_over_time"), number(deviations), s.before("stddev_over_time"), s.enough()))
}

func (promQL) odd(s series) string {
	return s.apply(fmt.Sprintf("clamp(floor((%s + %d) / %d), -1, 1)", s.standing(), unusualFrom, 2*unusualFrom))
}
