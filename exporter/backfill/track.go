package backfill

import (
	"context"
	"time"

	"withings-exporter/exporter"
)

const (
	// evidence is how many steps back in time it takes to believe that a list is
	// sorted, the newest first: a shuffled one would do so by chance once in
	// more tries than there will ever be.
	evidence = 20
	// jitter is by how much nights and workouts may be out of order, since
	// nothing says by which of their times they are sorted.
	jitter = 24 * time.Hour
	// stretch is how much of a list that is not sorted is read at a time.
	stretch = 366 * 24 * time.Hour
	// maxPages ends the paging of a stretch that would not end by itself.
	maxPages = 5000
	// near is how much may lie between two spans that are missing for both to be
	// read as one: a month is a page or two, and a request for each of hundreds of
	// refused points takes minutes.
	near = 31 * 24 * time.Hour
)

// track is the history of one service of one profile, as far as it is missing.
type track struct {
	*Profile
	service   exporter.Service
	completer *exporter.Completer
	missing   []exporter.Span // the newest first

	offset    int64     // of the next page of the first span; 0 begins it
	oldest    time.Time // start of the oldest row of the pages since offset 0
	steps     int       // back in time that were seen: evidence that the list is sorted
	confirmed bool      // and so do the pages follow each other
	unsorted  bool      // the list is not sorted: stretches are read whole

	pages int           // that have come
	read  time.Duration // of history they held
}

// Missing is what of a span is to be read of a service, the newest first. What lies
// between near ones and is there already is read along.
func (p *Profile) Missing(service exporter.Service, of exporter.Span) (all []exporter.Span) {
	for _, span := range p.Target.Missing(service, of) {
		if n := len(all); n > 0 && all[n-1].From.Sub(span.To) <= near {
			all[n-1].From = span.From
			continue
		}
		all = append(all, span)
	}
	return all
}

// next is when the newest of what is missing ends.
func (t *track) next() time.Time { return t.missing[0].To }

// slack is by how much rows may be out of order.
func (t *track) slack() time.Duration {
	if t.service.Row().Moments {
		return 0
	}
	return jitter
}

// step brings the next page. It returns the rows of it that are wanted, and the
// spans that are covered once those are safe.
func (t *track) step(ctx context.Context) (exporter.Batch, []exporter.Span, error) {
	span := t.missing[0]
	if t.unsorted && span.To.Sub(span.From) > stretch {
		span.From = span.To.Add(-stretch)
	}
	page, err := t.Source.Page(ctx, t.service, span, t.offset)
	if err != nil {
		return exporter.Batch{}, nil, err
	}
	t.pages++
	wanted := t.completer.Complete(page.Batch) // with the rows of the edges, which are not wanted themselves
	wanted.Records = within(span, wanted.Records)
	covered, err := t.account(span, page)
	return wanted, covered, err
}

// within are the records that begin in a span.
func within(span exporter.Span, records []exporter.Record) []exporter.Record {
	var in []exporter.Record
	for _, r := range records {
		if span.Has(r.Start) {
			in = append(in, r)
		}
	}
	return in
}

// account works out what is still missing after a page, and what is covered.
func (t *track) account(span exporter.Span, page exporter.Page) ([]exporter.Span, error) {
	if !t.unsorted && !t.sorted(page.Records) {
		t.unsorted = true
		t.begin()
		return nil, nil // and the span is read once more, in another way
	}
	switch {
	case !page.More:
		t.shrink(span.From)
		return []exporter.Span{span}, nil
	case page.Next <= t.offset || t.pages > maxPages:
		return nil, errEndless(t.service, t.offset, page.Next)
	}
	follows := t.offset > 0
	t.confirmed = t.confirmed || follows && t.steps >= evidence
	reached := t.oldest.Add(time.Second + t.slack()) // rows of that very second may be on the next page
	if !t.confirmed || t.unsorted || !reached.Before(span.To) {
		t.offset = page.Next
		return nil, nil
	}
	t.shrink(reached)
	return []exporter.Span{{From: reached, To: span.To}}, nil
}

// sorted reports whether rows go on from the pages before, back in time.
func (t *track) sorted(rows []exporter.Record) bool {
	for i := range rows {
		at := rows[i].Start
		switch {
		case at.IsZero(): // a malformed row tells no moment
		case t.oldest.IsZero():
			t.oldest = at
		case at.After(t.oldest.Add(t.slack())):
			return false
		case at.Before(t.oldest):
			t.steps++
			t.oldest = at
		}
	}
	return true
}

// begin goes back to the first page of what is missing.
func (t *track) begin() { t.offset, t.oldest = 0, time.Time{} }

// shrink takes off what is covered: the first span now ends where this was
// reached.
func (t *track) shrink(reached time.Time) {
	first := &t.missing[0]
	t.read += first.To.Sub(reached)
	if first.To = reached; first.Empty() {
		t.missing = t.missing[1:]
	}
	t.begin()
}

// left estimates how many pages are still to come, if the history begins at a
// moment and is as dense as so far.
func (t *track) left(beginning time.Time) int {
	var missing time.Duration
	for _, span := range t.missing {
		if span.From.Before(beginning) {
			span.From = beginning
		}
		missing += max(span.To.Sub(span.From), 0)
	}
	switch {
	case len(t.missing) == 0:
		return 0
	case t.read == 0 || missing == 0:
		return 1
	}
	return 1 + int(float64(t.pages)*float64(missing)/float64(t.read))
}
