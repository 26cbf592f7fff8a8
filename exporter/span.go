package exporter

import (
	"cmp"
	"slices"
	"time"
)

// Span is a range of time. A record is in it if its Start is.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Has reports whether t is in the span, which includes From but not To.
func (s Span) Has(t time.Time) bool { return !t.Before(s.From) && t.Before(s.To) }

// Empty reports whether no moment is in the span.
func (s Span) Empty() bool { return !s.From.Before(s.To) }

// Always is the span of all time, including the zero time of an undated record.
func Always() *Span {
	return &Span{To: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// Spans is a set of moments: disjoint spans, the oldest first.
type Spans []Span

// Add returns the set with a span added.
func (s Spans) Add(more Span) Spans {
	if more.Empty() {
		return s
	}
	all := append(slices.Clone(s), more)
	slices.SortFunc(all, func(a, b Span) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	joined := all[:1]
	for _, next := range all[1:] {
		last := &joined[len(joined)-1]
		switch {
		case next.From.After(last.To):
			joined = append(joined, next)
		case next.To.After(last.To):
			last.To = next.To
		}
	}
	return joined
}

// Joined is the set of the moments of any spans, in any order.
func Joined(spans []Span) Spans {
	sorted := slices.SortedFunc(slices.Values(spans), func(a, b Span) int { return a.From.Compare(b.From) })
	var all Spans
	for _, next := range sorted {
		switch n := len(all); {
		case next.Empty():
		case n == 0 || next.From.After(all[n-1].To):
			all = append(all, next)
		default:
			all[n-1].To = Later(all[n-1].To, next.To)
		}
	}
	return all
}

// Missing lists the parts of a span that are not in the set, the newest first.
func (s Spans) Missing(of Span) []Span {
	var gaps []Span
	for _, have := range s {
		gap := of
		if have.From.Before(of.To) {
			gap.To = have.From
		}
		if !gap.Empty() {
			gaps = append(gaps, gap)
		}
		if have.To.After(of.From) {
			of.From = have.To
		}
	}
	if !of.Empty() {
		gaps = append(gaps, of)
	}
	slices.Reverse(gaps)
	return gaps
}

// AddAll returns the set with the spans of another added.
func (s Spans) AddAll(more Spans) Spans {
	for _, span := range more {
		s = s.Add(span)
	}
	return s
}

// Without returns the set without a span.
func (s Spans) Without(less Span) Spans {
	if less.Empty() {
		return s
	}
	var rest Spans
	for _, have := range s {
		for _, part := range []Span{{have.From, Earlier(have.To, less.From)}, {Later(have.From, less.To), have.To}} {
			if !part.Empty() {
				rest = append(rest, part)
			}
		}
	}
	return rest
}

// AtMost returns the set with its narrowest gaps filled until it has n spans.
func (s Spans) AtMost(n int) Spans {
	for len(s) > max(n, 1) {
		narrow := 1
		for i := 2; i < len(s); i++ {
			if s.gap(i) < s.gap(narrow) {
				narrow = i
			}
		}
		joined := slices.Clone(s[:narrow])
		joined[narrow-1].To = s[narrow].To
		s = append(joined, s[narrow+1:]...)
	}
	return s
}

// gap is the time between a span and the one before it.
func (s Spans) gap(i int) time.Duration { return s[i].From.Sub(s[i-1].To) }

// SpansOf is the set of the seconds in which moments lie; they need not be sorted.
func SpansOf(moments []time.Time) Spans {
	sorted := slices.SortedFunc(slices.Values(moments), time.Time.Compare)
	var all Spans
	for _, at := range sorted {
		to := at.Add(time.Second)
		if n := len(all); n > 0 && !at.After(all[n-1].To) {
			all[n-1].To = Later(all[n-1].To, to)
			continue
		}
		all = append(all, Span{at, to})
	}
	return all
}

// Earlier is the earlier of two moments.
func Earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// Later is the later of two moments.
func Later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
