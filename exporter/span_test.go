package exporter

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// span makes a span of days of January 2026.
func span(from, to int) Span { return Span{january(from), january(to)} }

func january(day int) time.Time { return time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC) }

func written(spans []Span) string {
	var all []string
	for _, s := range spans {
		all = append(all, fmt.Sprintf("%d-%d", s.From.Day(), s.To.Day()))
	}
	return strings.Join(all, " ")
}

func TestSpansAreASet(t *testing.T) {
	for _, c := range []struct {
		name string
		add  []Span
		want string
	}{
		{"nothing", nil, ""},
		{"an empty span adds nothing", []Span{span(3, 3), span(5, 4)}, ""},
		{"order does not matter", []Span{span(9, 11), span(1, 3)}, "1-3 9-11"},
		{"what touches is one", []Span{span(1, 3), span(3, 5)}, "1-5"},
		{"what overlaps is one", []Span{span(1, 4), span(3, 5)}, "1-5"},
		{"what lies inside is gone", []Span{span(1, 9), span(3, 5)}, "1-9"},
		{"a bridge joins", []Span{span(1, 3), span(7, 9), span(2, 8)}, "1-9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got Spans
			for _, s := range c.add {
				got = got.Add(s)
			}
			if written(got) != c.want {
				t.Errorf("the set is %q, want %q", written(got), c.want)
			}
		})
	}
}

func TestWhatIsMissingComesNewestFirst(t *testing.T) {
	have := Spans{span(3, 5), span(10, 12)}
	for _, c := range []struct {
		name string
		of   Span
		want string
	}{
		{"around everything", span(1, 20), "12-20 5-10 1-3"},
		{"inside what is there", span(10, 11), ""},
		{"from inside to inside", span(4, 11), "5-10"},
		{"before", span(1, 2), "1-2"},
		{"after", span(13, 14), "13-14"},
		{"nothing asked", span(7, 7), ""},
		{"up to where one begins", span(1, 3), "1-3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := written(have.Missing(c.of)); got != c.want {
				t.Errorf("missing is %q, want %q", got, c.want)
			}
		})
	}
	if got := written(Spans(nil).Missing(span(1, 5))); got != "1-5" {
		t.Errorf("of nothing %q is missing, want everything", got)
	}
}
