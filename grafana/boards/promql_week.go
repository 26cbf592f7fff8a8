package boards

import "fmt"

func (promQL) recent(s series, days int) string {
	return s.apply("(" + s.over("avg_over_time", days, 0, ago(s.lastDay())) + ")")
}

func (promQL) fulfilled(s, goal series, days int) string {
	return fmt.Sprintf("(%s / on (profile) (%s))", s.over("avg_over_time", days, 0, ago(s.lastDay())), goal.aim())
}

func (promQL) ofGoal(s, goal series) string {
	return fmt.Sprintf("((%s) / on (profile) (%s))", s.value(day{}), goal.aim())
}

func (q promQL) level(s, goal series) string {
	return fmt.Sprintf("(%s) and on (profile) last_over_time(%s[$__range] @ end())", q.constant(goal), selector(s.row, s.matchers()...))
}
