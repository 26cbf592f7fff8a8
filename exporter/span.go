package exporter

import (
	"cmp"
	"slices"
	"time"
)

// Span is a stretch of time; a record is in it by its Start.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Has reports whether t lies in the span, From included, To not.
func (s Span) Has(t time.Time) bool { return !t.Before(s.From) && t.Before(s.To) }

// Empty reports whether no moment lies in the span.
func (s Span) Empty() bool { return !s.From.Before(s.To) }

// Always is the span of everything, the zero time of an undated record included.
func Always() *Span {
	return &Span{To: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// Spans is a set of moments: disjoint spans, the oldest first.
type Spans []Span

// Add returns the set with a span in it as well.
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

// Missing lists what of a span is not in the set, the newest first.
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
