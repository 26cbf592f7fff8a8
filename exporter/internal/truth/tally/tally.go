// Package tally counts and sums the points of a database exactly, so that tests can
// compare what is there with what should be. It does not depend on the program under
// test.
package tally

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Point is one value of one series at one time, in InfluxDB's data model.
type Point struct {
	Measurement string // "" if the database has no measurements
	Tags        map[string]string
	Field       string // the name of the series if there are no measurements
	Time        time.Time
	Value       *big.Rat
}

// Key identifies a series. Tags are written like {position="torso",profile="Anna"},
// sorted by name, without those that have an empty value.
type Key struct{ Measurement, Field, Tags string }

// Key returns the series of the point.
func (p Point) Key() Key {
	return Key{Measurement: p.Measurement, Field: p.Field, Tags: tagText(p.Tags)}
}

func (k Key) String() string { return strings.Trim(k.Measurement+" "+k.Field, " ") + k.Tags }

// Total is the number of values of a series and their sum, an exact decimal number
// written so that equal sums are equal with ==.
type Total struct {
	Count int
	Sum   string
}

// Sums has the total of every series.
type Sums map[Key]Total

// Count returns the number of all values.
func (s Sums) Count() (n int) {
	for _, total := range s {
		n += total.Count
	}
	return n
}

// Of returns the sums of the series that a function picks.
func (s Sums) Of(picks func(Key) bool) Sums {
	picked := Sums{}
	for key, total := range s {
		if picks(key) {
			picked[key] = total
		}
	}
	return picked
}

// Differences returns one line for each series whose total is not what it should be.
func (s Sums) Differences(want Sums) []string {
	var lines []string
	for key, is := range s {
		if should, ok := want[key]; !ok {
			lines = append(lines, fmt.Sprintf("%s: %d values that should not be there, sum %s", key, is.Count, is.Sum))
		} else if is != should {
			lines = append(lines, fmt.Sprintf("%s: got %d values, sum %s; want %d, sum %s", key, is.Count, is.Sum, should.Count, should.Sum))
		}
	}
	for key, should := range want {
		if _, ok := s[key]; !ok {
			lines = append(lines, fmt.Sprintf("%s: missing, %d values, sum %s", key, should.Count, should.Sum))
		}
	}
	slices.Sort(lines)
	return lines
}

// Sum sums points.
func Sum(points []Point) Sums {
	var a Adder
	for _, p := range points {
		a.Add(p.Key(), p.Value)
	}
	return a.Sums()
}

// Adder sums values one by one, for databases that are too large to keep as points.
// The zero value is ready to use.
type Adder struct{ sums map[Key]*running }

type running struct {
	count int
	sum   big.Rat
}

// Add adds one value of a series.
func (a *Adder) Add(k Key, value *big.Rat) {
	if a.sums == nil {
		a.sums = map[Key]*running{}
	}
	r := a.sums[k]
	if r == nil {
		r = &running{}
		a.sums[k] = r
	}
	r.count++
	r.sum.Add(&r.sum, value)
}

// Sums returns the totals so far.
func (a *Adder) Sums() Sums {
	all := make(Sums, len(a.sums))
	for key, r := range a.sums {
		all[key] = Total{r.count, Text(&r.sum)}
	}
	return all
}

// Text formats a decimal number with all its digits. A number that is not a decimal
// fraction is written as a fraction.
func Text(value *big.Rat) string {
	digits, exact := value.FloatPrec()
	if !exact {
		return value.RatString()
	}
	return value.FloatString(digits)
}

// Parse parses a decimal number in any notation that databases use.
func Parse(text string) (*big.Rat, error) {
	value, ok := new(big.Rat).SetString(text)
	if !ok || strings.Contains(text, "/") {
		return nil, fmt.Errorf("%q is no decimal number", text)
	}
	return value, nil
}

// Sort sorts points by time, and by series at one moment.
func Sort(points []Point) {
	type sortable struct {
		Point
		key Key
	}
	keyed := make([]sortable, len(points))
	for i, p := range points {
		keyed[i] = sortable{p, p.Key()}
	}
	slices.SortFunc(keyed, func(a, b sortable) int {
		return cmp.Or(a.Time.Compare(b.Time), compareKeys(a.key, b.key))
	})
	for i := range keyed {
		points[i] = keyed[i].Point
	}
}

func compareKeys(a, b Key) int {
	return cmp.Or(strings.Compare(a.Measurement, b.Measurement), strings.Compare(a.Tags, b.Tags), strings.Compare(a.Field, b.Field))
}

func tagText(tags map[string]string) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		if tags[name] == "" {
			continue
		}
		text.WriteByte("{,"[min(text.Len(), 1)])
		text.WriteString(name)
		text.WriteByte('=')
		text.WriteString(strconv.Quote(tags[name]))
	}
	if text.Len() > 0 {
		text.WriteByte('}')
	}
	return text.String()
}
