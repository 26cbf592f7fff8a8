package boards

import "fmt"

func (influxQL) recent(s series, days int) string {
	return s.outer(s.apply(`sum("now")`), fmt.Sprintf("time >= %s AND %s", at(lastDay, -days-2, 0), untilEnd), s.average("now", days, lastDay, 0))
}

// fulfilled has no limit of time, since the goal may have been set long ago.
func (influxQL) fulfilled(s, goal series, days int) string {
	return fmt.Sprintf(`SELECT "share" FROM (SELECT sum("now") / sum("goal") AS "share" FROM %s GROUP BY %s) WHERE "share" >= 0 GROUP BY %s`,
		nested(newestGoal(goal), s.average("now", days, lastDay, 0)), s.tags(), s.tags())
}

// withGoal has the values of days and on the same days a goal, and what fills the place of
// one that is missing.
func (s series) withGoal(goal series, values, missing string) string {
	return fmt.Sprintf(`SELECT last("value") AS "value", last("goal") AS "goal" FROM %s WHERE %s GROUP BY %s, %s fill(%s)`,
		nested(values, aim(goal)), years, midnights, s.tags(), missing)
}

func (influxQL) ofGoal(s, goal series) string {
	return s.outer(`"value" / "goal"`, `"value" >= 0 AND "goal" > 0`, s.withGoal(goal, s.each(`"value" AS "value"`, sinceFirst), "none"))
}

// level is the goal on each day from the first one with a value on.
func (influxQL) level(s, goal series) string {
	shown := fmt.Sprintf(`SELECT 0 * count("value") AS "value" FROM (%s) WHERE time >= %s AND %s GROUP BY %s, %s fill(0)`,
		s.each(`"value" AS "value"`, sinceFirst), firstDay, untilEnd, midnights, s.tags())
	return s.outer(goal.apply(`"goal"`), `"value" >= 0 AND "goal" > 0`, s.withGoal(goal, shown, "none"))
}
