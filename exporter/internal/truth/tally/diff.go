package tally

import (
	"fmt"
	"time"
)

// Differences returns one line for each point that differs from what a database
// should contain: unexpected, missing, or with another value. The order of the points
// does not matter; duplicates are reported.
func Differences(got, want []Point) []string {
	type moment struct {
		Key
		at int64
	}
	is := make(map[moment]Point, len(got))
	var lines []string
	for _, p := range got {
		m := moment{p.Key(), p.Time.UnixNano()}
		if _, twice := is[m]; twice {
			lines = append(lines, fmt.Sprintf("%s: stands twice", describe(p)))
		}
		is[m] = p
	}
	for _, should := range want {
		m := moment{should.Key(), should.Time.UnixNano()}
		p, ok := is[m]
		delete(is, m)
		switch {
		case !ok:
			lines = append(lines, fmt.Sprintf("%s: missing", describe(should)))
		case p.Value.Cmp(should.Value) != 0:
			lines = append(lines, fmt.Sprintf("%s: want %s", describe(p), Text(should.Value)))
		}
	}
	var surplus []Point
	for _, p := range is {
		surplus = append(surplus, p)
	}
	Sort(surplus)
	for _, p := range surplus {
		lines = append(lines, fmt.Sprintf("%s: should not be there", describe(p)))
	}
	return lines
}

func describe(p Point) string {
	return fmt.Sprintf("%s %s = %s", p.Time.UTC().Format(time.RFC3339Nano), p.Key(), Text(p.Value))
}
