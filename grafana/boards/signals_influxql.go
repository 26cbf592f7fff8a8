package boards

import "fmt"

// compared has for each day from one on the value of its night, how many of the nights
// before are known, and their mean and variance.
func (s series) compared(first string) string {
	const rows = usualNights + 1
	before := func(function, column string) string {
		last := fmt.Sprintf("%s(%q)", function, column)
		return fmt.Sprintf("%d * moving_average(%s, %d) - %s", rows, last, rows, last)
	}
	squares := fmt.Sprintf(`SELECT "value", "value" * "value" AS "square" FROM (%s) GROUP BY %s`, s.dayValues(at(first, -usualNights, 0), ""), s.tags())
	sums := fmt.Sprintf(`SELECT last("value") AS "value", count("value") AS "known", %s AS "sum", %s AS "squares", %s AS "nights" FROM (%s) WHERE time >= %s AND %s GROUP BY %s, %s fill(0)`,
		before("last", "value"), before("last", "square"), before("count", "value"), squares, at(first, 2-rows, 0), untilEnd, midnights, s.tags())
	const mean = `"sum" / "nights"`
	return s.outer(fmt.Sprintf(`"value", "known", %s AS "mean", "squares" / "nights" - %s * %s AS "variance"`, mean, mean, mean),
		fmt.Sprintf(`"nights" > %d - 0.5 AND %s`, enoughNights, since(first)), sums)
}

// since looks back as far as what is inside does.
func since(first string) string {
	return fmt.Sprintf("time >= %s AND %s", at(first, -usualNights-3, 0), untilEnd)
}

// steady is the least variance that is not the rounding of sums.
const steady = 1e-9

// standing is how many standard deviations a value is from what is usual.
const standing = `("value" - "mean") / sqrt("variance")`

func (s series) standings(expression, first string) string {
	return s.outer(expression, fmt.Sprintf(`"known" > 0.5 AND "variance" > %s AND %s`, number(steady), since(first)), s.compared(first))
}

func (influxQL) unusual(s series) string { return s.standings(standing, firstDay) }

func (influxQL) usual(s series, deviations float64) string {
	return s.outer(s.apply(fmt.Sprintf(`("mean" + %s * sqrt(abs("variance")))`, number(deviations))), since(firstDay), s.compared(firstDay))
}

func (influxQL) odd(s series) string {
	way := fmt.Sprintf(`(floor((%s - %d) / 1000) + 1 + floor((%s + %d) / 1000))`, standing, unusualFrom, standing, unusualFrom)
	return s.standings(s.apply(way), lastDay)
}
