// Package tally counts and adds what a database holds, exactly: the language in
// which tests compare what should be there with what is. Nothing of it knows
// the program under test.
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

// Point is one value of one series at one moment, in the layout of InfluxDB.
type Point struct {
	Measurement string // "" where the database knows no measurements
	Tags        map[string]string
	Field       string // the name of the series where there are no measurements
	Time        time.Time
	Value       *big.Rat
}

// Key names a series. Tags are as in {position="torso",profile="Anna"}, sorted
// by name; those with an empty value are none.
type Key struct{ Measurement, Field, Tags string }

// Key is the series that the point is of.
func (p Point) Key() Key {
	return Key{Measurement: p.Measurement, Field: p.Field, Tags: tagText(p.Tags)}
}

func (k Key) String() string { return strings.Trim(k.Measurement+" "+k.Field, " ") + k.Tags }

// Total is how many values a series has, and what they add up to: an exact
// decimal number, so that equal sums are equal with ==.
type Total struct {
	Count int
	Sum   string
}

// Sums has the total of every series.
type Sums map[Key]Total

// Count is how many values there are in all.
func (s Sums) Count() (n int) {
	for _, total := range s {
		n += total.Count
	}
	return n
}

// Of are the sums of the series that a function picks.
func (s Sums) Of(picks func(Key) bool) Sums {
	picked := Sums{}
	for key, total := range s {
		if picks(key) {
			picked[key] = total
		}
	}
	return picked
}

// Differences says in a line for each series how s is not what it should be;
// none when both are the same.
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

// Sum adds points up, each as it stands.
func Sum(points []Point) Sums {
	var a Adder
	for _, p := range points {
		a.Add(p.Key(), p.Value)
	}
	return a.Sums()
}

// Adder adds values up one by one, for databases that are too large to be held
// as points. The zero value is ready.
type Adder struct{ sums map[Key]*running }

type running struct {
	count int
	sum   big.Rat
}

// Add counts one value of a series in.
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

// Sums are the totals up to now.
func (a *Adder) Sums() Sums {
	all := make(Sums, len(a.sums))
	for key, r := range a.sums {
		all[key] = Total{r.count, Text(&r.sum)}
	}
	return all
}

// Text writes a decimal number with all its digits and no others; a fraction
// that no decimal number is equal to stays a fraction.
func Text(value *big.Rat) string {
	digits, exact := value.FloatPrec()
	if !exact {
		return value.RatString()
	}
	return value.FloatString(digits)
}

// Parse reads a decimal number in any notation, as databases write them.
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
