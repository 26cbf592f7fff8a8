package tally

import (
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, time.July, 15, 12, 0, 0, 0, time.UTC)

func point(field, value string, at time.Time) Point {
	v, err := Parse(value)
	if err != nil {
		panic(err)
	}
	return Point{Measurement: "withings_body", Tags: map[string]string{"profile": "Anna", "position": ""}, Field: field, Time: at, Value: v}
}

func TestSumsAreExactWhereFloatsAreNot(t *testing.T) {
	var points []Point
	for i := range 10 {
		points = append(points, point("fat_ratio", "0.1", noon.Add(time.Duration(i)*time.Second)))
	}
	points = append(points, point("weight_grams", "7e4", noon), point("weight_grams", "0.00001", noon))
	want := Sums{
		{"withings_body", "fat_ratio", `{profile="Anna"}`}:    {10, "1"},
		{"withings_body", "weight_grams", `{profile="Anna"}`}: {2, "70000.00001"},
	}
	got := Sum(points)
	if differences := got.Differences(want); differences != nil {
		t.Errorf("the sums are wrong: %q", differences)
	}
	if got.Count() != 12 {
		t.Errorf("%d values are counted, want 12", got.Count())
	}
}

func TestDifferencesOfSumsNameEachSeriesThatIsWrong(t *testing.T) {
	a, b, c := Key{"m", "a", ""}, Key{"m", "b", ""}, Key{"m", "c", `{profile="Anna"}`}
	for _, tt := range []struct {
		name      string
		got, want Sums
		lines     []string
	}{
		{"the same", Sums{a: {1, "2"}}, Sums{a: {1, "2"}}, nil},
		{"nothing at all", nil, nil, nil},
		{"a sum", Sums{a: {1, "2"}, b: {1, "2"}}, Sums{a: {1, "2"}, b: {1, "2.001"}}, []string{"m b: got 1 values, sum 2; want 1, sum 2.001"}},
		{"a count", Sums{a: {2, "2"}}, Sums{a: {1, "2"}}, []string{"m a: got 2 values, sum 2; want 1, sum 2"}},
		{"one for another", Sums{a: {1, "2"}}, Sums{c: {1, "2"}}, []string{"m a: 1 values that should not be there, sum 2", `m c{profile="Anna"}: missing, 1 values, sum 2`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.got.Differences(tt.want); !slices.Equal(got, tt.lines) {
				t.Errorf("differences are %q, want %q", got, tt.lines)
			}
		})
	}
}

func TestOfPicksSeries(t *testing.T) {
	goal, weight := Key{"m", "goal_steps", ""}, Key{"m", "weight_grams", ""}
	picked := Sums{goal: {1, "2"}, weight: {1, "3"}}.Of(func(k Key) bool { return k.Field != "goal_steps" })
	if len(picked) != 1 || picked[weight] != (Total{1, "3"}) {
		t.Errorf("picked is %v, want the weight alone", picked)
	}
}

func TestDifferencesOfPointsNameEachPointThatIsWrong(t *testing.T) {
	a, b := point("a", "1", noon), point("b", "2", noon)
	later, wrong := point("a", "1", noon.Add(time.Second)), point("a", "1.5", noon)
	for _, tt := range []struct {
		name      string
		got, want []Point
		lines     []string
	}{
		{"the same in another order", []Point{b, a}, []Point{a, b}, nil},
		{"missing", []Point{a}, []Point{a, b}, []string{`2026-07-15T12:00:00Z withings_body b{profile="Anna"} = 2: missing`}},
		{"surplus", []Point{a, b}, []Point{a}, []string{`2026-07-15T12:00:00Z withings_body b{profile="Anna"} = 2: should not be there`}},
		{"another value", []Point{wrong}, []Point{a}, []string{`2026-07-15T12:00:00Z withings_body a{profile="Anna"} = 1.5: want 1`}},
		{"another time", []Point{later}, []Point{a}, []string{
			`2026-07-15T12:00:00Z withings_body a{profile="Anna"} = 1: missing`,
			`2026-07-15T12:00:01Z withings_body a{profile="Anna"} = 1: should not be there`,
		}},
		{"twice", []Point{a, a}, []Point{a}, []string{`2026-07-15T12:00:00Z withings_body a{profile="Anna"} = 1: stands twice`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Differences(tt.got, tt.want); !slices.Equal(got, tt.lines) {
				t.Errorf("differences are %q, want %q", got, tt.lines)
			}
		})
	}
}

func TestLinesHoldNeighboursOfOneMomentTogetherAndEscapeNames(t *testing.T) {
	odd := point("state of=it", "1", noon)
	odd.Measurement, odd.Tags = "a b,c=d", map[string]string{"profile": "Anna, Mum = X", "state": "usual"}
	points := []Point{point("weight_grams", "70123.5", noon), point("fat_ratio", "2.68e-1", noon), point("fat_ratio", "0", noon.Add(1)), odd}
	var got strings.Builder
	if err := WriteLines(&got, points); err != nil {
		t.Fatal(err)
	}
	want := `withings_body,profile=Anna weight_grams=70123.5,fat_ratio=0.268 1784116800000000000
withings_body,profile=Anna fat_ratio=0 1784116800000000001
a\ b\,c=d,profile=Anna\,\ Mum\ \=\ X,state=usual state\ of\=it=1 1784116800000000000
`
	if got.String() != want {
		t.Errorf("lines are\n%s\nwant\n%s", &got, want)
	}
}

func TestNumbersAreWrittenWithEveryDigitAndNoOther(t *testing.T) {
	for text, want := range map[string]string{
		"72345": "72345", "0.268": "0.268", "-0.50": "-0.5", "6e-05": "0.00006", "1.682461712e+06": "1682461.712", "0": "0",
	} {
		v, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := Text(v); got != want {
			t.Errorf("%s is written %s, want %s", text, got, want)
		}
	}
	if got := Text(big.NewRat(1, 3)); got != "1/3" {
		t.Errorf("a third is written %s, want 1/3", got)
	}
	for _, text := range []string{"", "NaN", "+Inf", "1/3", "true", "12 kg"} {
		if v, err := Parse(text); err == nil {
			t.Errorf("%q is read as %v, want an error", text, v)
		}
	}
}

func TestSortIsByTimeThenBySeries(t *testing.T) {
	points := []Point{point("b", "1", noon.Add(1)), point("b", "2", noon), point("a", "3", noon)}
	Sort(points)
	for i, want := range []string{"3", "2", "1"} {
		if got := Text(points[i].Value); got != want {
			t.Errorf("value %d is %s, want %s", i, got, want)
		}
	}
}
