package queries

import (
	"strconv"
	"strings"
	"time"
)

const (
	// width is how many values Grafana asks for where a panel does not say.
	width = 1000
	// minScrape is Grafana's guess of how often Prometheus scrapes.
	minScrape = 15 * time.Second
)

// steps are the lengths that Grafana rounds a step to, each from a length on.
var steps = []struct{ from, to time.Duration }{
	{0, time.Second}, {1500 * time.Millisecond, 2 * time.Second}, {3500 * time.Millisecond, 5 * time.Second},
	{7500 * time.Millisecond, 10 * time.Second}, {12500 * time.Millisecond, 15 * time.Second}, {17500 * time.Millisecond, 20 * time.Second},
	{25 * time.Second, 30 * time.Second}, {45 * time.Second, time.Minute}, {90 * time.Second, 2 * time.Minute}, {210 * time.Second, 5 * time.Minute},
	{450 * time.Second, 10 * time.Minute}, {750 * time.Second, 15 * time.Minute}, {1050 * time.Second, 20 * time.Minute},
	{25 * time.Minute, 30 * time.Minute}, {45 * time.Minute, time.Hour}, {90 * time.Minute, 2 * time.Hour}, {150 * time.Minute, 3 * time.Hour},
	{270 * time.Minute, 6 * time.Hour}, {9 * time.Hour, 12 * time.Hour}, {day, day}, {7 * day, 7 * day}, {21 * day, 30 * day}, {42 * day, 365 * day},
}

const day = 24 * time.Hour

// step is how long a step is: what makes as many as the panel wants of the time
// shown, but not less than its interval.
func step(interval string, points any, shown time.Duration) time.Duration {
	wanted, _ := points.(float64)
	if wanted == 0 {
		wanted = width
	}
	even := time.Duration(float64(shown) / wanted)
	var rounded time.Duration
	for _, s := range steps {
		if even >= s.from {
			rounded = s.to
		}
	}
	return max(rounded, least(interval))
}

// least is the interval that a panel names.
func least(interval string) time.Duration {
	interval = strings.TrimPrefix(interval, ">")
	if interval == "" {
		return minScrape
	}
	if days, ok := strings.CutSuffix(interval, "d"); ok {
		n, _ := strconv.Atoi(days)
		return time.Duration(n) * day
	}
	if weeks, ok := strings.CutSuffix(interval, "w"); ok {
		n, _ := strconv.Atoi(weeks)
		return time.Duration(n) * 7 * day
	}
	d, _ := time.ParseDuration(interval)
	return d
}

// Aligned is when the first and the last step of a query begin: Grafana lets steps
// begin with the day of the browser, by its clock at the end of what the board shows.
func (q Query) Aligned() (first, last time.Time) {
	_, seconds := q.board.Zone()
	offset := time.Duration(seconds) * time.Second
	align := func(t time.Time) time.Time {
		since := time.Duration(t.UnixNano()) + offset
		return time.Unix(0, int64(since-since%q.Step-offset)).In(t.Location())
	}
	return align(q.From), align(q.To)
}

// Steps are the moments at which a query is evaluated, the last alone if it is instant.
func (q Query) Steps() []time.Time {
	if q.Instant {
		return []time.Time{q.To}
	}
	first, last := q.Aligned()
	var all []time.Time
	for at := first; !at.After(last); at = at.Add(q.Step) {
		all = append(all, at)
	}
	return all
}
