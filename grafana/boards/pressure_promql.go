package boards

import (
	"fmt"
	"strings"
)

// ranked counts the classes that are reached.
func (q promQL) ranked(s scheme, where readings) string {
	reached := func(row string, from float64) string {
		return fmt.Sprintf("(round(%s) >= bool %s)", q.readings(averageOf, series{row: mustRow(row)}, where), number(from))
	}
	var steps []string
	for _, c := range s.classes[1:] {
		steps = append(steps, fmt.Sprintf("clamp_max(%s + %s, 1)", reached(systolic, c.systolic), reached(diastolic, c.diastolic)))
	}
	return strings.Join(steps, " + ")
}

func (q promQL) share(from class, where readings) string {
	from.above = nil
	return fmt.Sprintf("(%s) / (%s)", q.classified(from, where), q.readings(countOf, series{row: mustRow(systolic)}, where))
}
