package backfill

import (
	"context"
	"time"

	"withings-exporter/exporter"
)

const (
	// evidence is how many steps back in time prove that a list is sorted, the newest
	// first: a shuffled list would practically never do so by chance.
	evidence = 20
	// jitter is by how much nights and workouts may be out of order, since it is not
	// documented by which of their times they are sorted.
	jitter = 24 * time.Hour
	// stretch is how much of an unsorted list is read at a time.
	stretch = 366 * 24 * time.Hour
	// maxPages ends the paging of a stretch that does not end by itself.
	maxPages = 5000
	// near is the largest gap between two missing spans that are read as one: a month
	// is a page or two, while a request for each of hundreds of rejected points takes
	// minutes.
	near = 31 * 24 * time.Hour
)

// track is what is missing of the history of one service of one profile.
type track struct {
	*Profile
	service   exporter.Service
	completer *exporter.Completer
	missing   []exporter.Span // the newest first

	offset    int64     // of the next page of the first span; 0 begins it
	oldest    time.Time // start of the oldest row of the pages since offset 0
	steps     int       // back in time so far: evidence that the list is sorted
	confirmed bool      // the list is sorted, and so are the pages
	unsorted  bool      // the list is not sorted: each stretch is read to its end

	pages int           // so far
	read  time.Duration // history in them

	// Of a service of minutes:
	whole           exporter.Span  // what is imported
	wanted          exporter.Spans // in which there may be some
	settled         time.Time      // from here on, what was read is missing again in the next run
	planned         int            // windows to be read, which count as pages
	failures, inRow int            // windows that could not be read, in all and one after the other
}

// Missing is what is missing of a service within a span, the newest first. Short gaps
// that are there already are included, but not of minutes, which take a request a day.
func (p *Profile) Missing(service exporter.Service, of exporter.Span) (all []exporter.Span) {
	for _, span := range p.Target.Missing(service, of) {
		if n := len(all); n > 0 && all[n-1].From.Sub(span.To) <= near && !service.Row().Minutes {
			all[n-1].From = span.From
			continue
		}
		all = append(all, span)
	}
	return all
}

// next is the end of the newest missing span.
func (t *track) next() time.Time { return t.missing[0].To }

// slack is by how much rows may be out of order.
func (t *track) slack() time.Duration {
	if t.service.Row().Moments {
		return 0
	}
	return jitter
}

// step reads the next page. It returns its rows that are wanted, and the spans that
// are covered once those are safe.
func (t *track) step(ctx context.Context) (exporter.Batch, []exporter.Span, error) {
	if t.service.Row().Minutes {
		return t.stepMinutes(ctx)
	}
	span := t.missing[0]
	if t.unsorted {
		span.From = exporter.Later(span.From, span.To.Add(-stretch))
	}
	page, err := t.Source.Page(ctx, t.service, span, t.offset)
	if err != nil {
		return exporter.Batch{}, nil, err
	}
	t.pages++
	wanted := t.completer.Complete(page.Batch) // needs the rows at the edges, which are not wanted themselves
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

// account works out what is missing and what is covered after a page.
func (t *track) account(span exporter.Span, page exporter.Page) ([]exporter.Span, error) {
	if !t.unsorted && !t.sorted(page.Records) {
		t.unsorted = true
		t.begin()
		return nil, nil // the span is read again, in the other way
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
	reached := t.oldest.Add(time.Second + t.slack()) // rows of the same second may be on the next page
	if !t.confirmed || t.unsorted || !reached.Before(span.To) {
		t.offset = page.Next
		return nil, nil
	}
	t.shrink(reached)
	return []exporter.Span{{From: reached, To: span.To}}, nil
}

// sorted reports whether rows continue back in time from the pages before.
func (t *track) sorted(rows []exporter.Record) bool {
	for i := range rows {
		at := rows[i].Start
		switch {
		case at.IsZero(): // a malformed row
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

// shrink removes what is covered: the first span now ends where reading has arrived.
func (t *track) shrink(reached time.Time) {
	first := &t.missing[0]
	t.read += first.To.Sub(reached)
	if first.To = reached; first.Empty() {
		t.missing = t.missing[1:]
	}
	t.begin()
}

// proof is how much of a history must have been read to judge the rest by it: a gap of
// seconds takes a page, too.
const proof = 24 * time.Hour

// left estimates how many pages are left if the history begins at the given time and
// is as dense as so far; -1 if either is not known.
func (t *track) left(beginning time.Time) int {
	if t.service.Row().Minutes && len(t.missing) > 0 {
		return max(t.planned-t.pages, 0)
	}
	pages := 0
	var missing time.Duration
	for _, span := range t.missing {
		if span.To.Sub(span.From) <= near { // a page or two
			pages++
			continue
		}
		if beginning.IsZero() || t.read < proof {
			return -1
		}
		missing += max(span.To.Sub(exporter.Later(span.From, beginning)), 0)
		pages++
	}
	if missing > 0 {
		pages += int(float64(t.pages) * float64(missing) / float64(t.read))
	}
	return pages
}
