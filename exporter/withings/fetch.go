package withings

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/hint"
)

const (
	// doubt is how far behind our clock the first increment begins if no answer has
	// shown Withings' clock.
	doubt = 24 * time.Hour
	// trailing is the window that is read again every reread, since Withings revises
	// nights for days and deleted records simply vanish.
	trailing = 30 * 24 * time.Hour
	reread   = time.Hour
	// latestDays is what is read at least of a service without lastupdate: devices send
	// a recording when they are next in contact with Withings.
	latestDays = 48 * time.Hour
	// year is the first part of the past; the second is the rest.
	year = 366 * 24 * time.Hour
	// maxPages ends paging that would not end by itself.
	maxPages = 5000
	// idlePages is how many pages in a row without a new record end the paging, even
	// if more are announced. Single empty pages have been seen between others.
	idlePages = 10
	// mostTogether is how many rows are collected at most where they are judged
	// together: the trailing window, and changes. A person with a tracker, a mat and a
	// cuff has under 1,000 a month, and 20,000 days and nights in twenty years.
	mostTogether = 50_000
)

// Fetch reads what is new of a service since its progress; of one of minutes, the
// spans that are wanted, or the last 24 hours if there are none.
func (a *Account) Fetch(ctx context.Context, service exporter.Service, p exporter.Progress,
	apply func(exporter.Batch)) (exporter.Fetched, error) {
	fetched, err := a.fetch(ctx, service, p, apply)
	if err != nil {
		return exporter.Fetched{}, a.failed(service, err)
	}
	return fetched, nil
}

func (a *Account) fetch(ctx context.Context, service exporter.Service, p exporter.Progress,
	apply func(exporter.Batch)) (exporter.Fetched, error) {
	now := a.client.Now()
	// A cursor must not be in the future: Withings rejects such a lastupdate, and a
	// record may have any date.
	updated := exporter.Earlier(p.Updated, now)
	fetched := exporter.Fetched{Updated: updated}
	if service.Row().Current {
		return fetched, a.whole(ctx, service, now, apply)
	}
	if service.Row().Minutes {
		return fetched, a.wanted(ctx, service, p.Wanted, now, apply)
	}
	ranged := endpoints[service].ranged
	if since := now.Sub(p.Reread); updated.IsZero() || since >= reread || since < 0 {
		read, err := a.window(ctx, service, now, apply)
		if err != nil {
			return fetched, err
		}
		fetched.Whole = now.Add(-trailing)
		if ranged && (updated.IsZero() || updated.After(fetched.Whole)) {
			fetched.Updated = now // the window has what an increment would have
			return fetched, nil
		}
		if updated.IsZero() {
			changed := read.changed
			if changed.IsZero() {
				changed = now.Add(-doubt)
			}
			fetched.Updated = exporter.Earlier(changed, now)
			return fetched, nil
		}
	}
	read, err := a.increment(ctx, service, updated, now, apply)
	if err == nil && fetched.Whole.IsZero() && (read.rows.mostlyBad() || read.rows.listless) {
		// A few changes are not enough to judge by: the window shows whether a bad row
		// is one among many good ones.
		if _, err = a.window(ctx, service, now, apply); err == nil {
			fetched.Whole = now.Add(-trailing)
		}
	}
	if err != nil {
		return fetched, err
	}
	if ranged {
		read.changed = now
	}
	fetched.Updated = exporter.Earlier(exporter.Later(read.changed, updated), now)
	return fetched, nil
}

// wanted reads some spans of a service of minutes, of which none is longer than
// Withings answers at once; the last 24 hours if there are none.
func (a *Account) wanted(ctx context.Context, service exporter.Service, spans exporter.Spans, now time.Time, apply func(exporter.Batch)) error {
	if len(spans) == 0 {
		spans = exporter.Spans{{From: now.Add(-exporter.Window), To: now}}
	}
	for _, span := range spans {
		read, err := a.pages(ctx, ask(service, a.minimal).between(span), now, apply)
		if err = cmp.Or(err, read.rows.readable(service)); err != nil {
			return err
		}
	}
	return nil
}

// increment reads what has changed since a moment. If rows of days or nights before
// the trailing window have changed, all rows of those dates are read, since they
// must be seen together.
func (a *Account) increment(ctx context.Context, service exporter.Service, since, now time.Time, apply func(exporter.Batch)) (reading, error) {
	q := ask(service, a.minimal).changed(since.Add(-exporter.Overlap), now).together()
	if !service.Row().ByDate() {
		read, err := a.pages(ctx, q, now, apply)
		return read, cmp.Or(err, read.rows.whole(service))
	}
	var changes exporter.Batch
	read, err := a.pages(ctx, q, now, changes.Join)
	old := old(changes.Records, now.Add(-trailing+48*time.Hour))
	if err == nil && !old.Empty() {
		_, err = a.pages(ctx, ask(service, a.minimal).between(old).together(), now, changes.Join)
	}
	if err != nil {
		changes.Records = slices.DeleteFunc(changes.Records, func(r exporter.Record) bool { return old.Has(r.Start) })
	}
	changes.Service = service
	apply(changes)
	return read, cmp.Or(err, read.rows.whole(service))
}

// old is the span of records from before a moment, plus a day at both ends.
func old(records []exporter.Record, before time.Time) (span exporter.Span) {
	for i := range records {
		at := records[i].Start
		if at.IsZero() || !at.Before(before) {
			continue
		}
		if span.Empty() || at.Before(span.From) {
			span.From = at
		}
		if at.After(span.To) {
			span.To = at.Add(time.Second)
		}
	}
	if !span.Empty() {
		span.From, span.To = span.From.Add(-24*time.Hour), span.To.Add(24*time.Hour)
	}
	return span
}

// Older reads the next part of a service's past: first a year, since that is what
// people look at, then the rest.
func (a *Account) Older(ctx context.Context, service exporter.Service, p exporter.Progress,
	apply func(exporter.Batch)) (time.Time, error) {
	now := a.client.Now()
	to, from := p.Back, now.Add(-year)
	if to.IsZero() {
		to = now.Add(24 * time.Hour)
	}
	if !from.Before(to) {
		from = time.Unix(0, 0)
	}
	span := exporter.Span{From: from, To: to.Add(24 * time.Hour)}
	read, err := a.pages(ctx, ask(service, a.minimal).between(span), now, apply)
	if err == nil {
		err = a.judge(ctx, service, read.rows, now, apply)
	}
	if err != nil {
		return p.Back, a.failed(service, fmt.Errorf("%s: %w", past(to, now), err))
	}
	if from.Unix() == 0 {
		return time.Time{}, nil
	}
	return from, nil
}

// past names the history up to a moment. The newest part is asked for to beyond the present, so that
// no clock and no time zone hides what is new: that moment is left out.
func past(to, now time.Time) string {
	if to.After(now) {
		return "history"
	}
	return "history before " + to.Format(time.DateOnly)
}

// judge says whether a part of the past was read. If most of its rows are bad, the
// good ones of the trailing window count as well: a single bad row of long ago must
// not block the rest.
func (a *Account) judge(ctx context.Context, service exporter.Service, part rows, now time.Time, apply func(exporter.Batch)) error {
	if part.mostlyBad() {
		read, err := a.pages(ctx, ask(service, a.minimal).between(recent(now)), now, apply)
		if err != nil {
			return err
		}
		part.all += read.rows.all - read.rows.bad
	}
	return part.readable(service)
}

// whole reads a service that has a single answer and no history.
func (a *Account) whole(ctx context.Context, service exporter.Service, now time.Time, apply func(exporter.Batch)) error {
	var problem error
	q := ask(service, a.minimal)
	err := a.call(ctx, q, func(body *fastjson.Value) {
		d := a.decoder(now)
		d.split = q.split
		batch := d.decode(service, body)
		if problem = d.rows.readable(service); problem == nil {
			batch.Whole = exporter.Always()
		}
		apply(batch)
	})
	return cmp.Or(err, problem)
}

// recent is the trailing window.
func recent(now time.Time) exporter.Span {
	return exporter.Span{From: now.Add(-trailing), To: now.Add(48 * time.Hour)}
}

// window reads the trailing window in one batch, so that records missing from it are
// found. Its edges are left out: at the old end days of different time zones meet,
// at the new end an answer may not be up to date.
func (a *Account) window(ctx context.Context, service exporter.Service, now time.Time, apply func(exporter.Batch)) (reading, error) {
	span := recent(now)
	var all exporter.Batch
	read, err := a.pages(ctx, ask(service, a.minimal).between(span).together(), now, all.Join)
	if err = cmp.Or(err, read.rows.readable(service)); err == nil {
		all.Whole = &exporter.Span{From: span.From.Add(48 * time.Hour), To: now.Add(-exporter.Overlap)}
	} // otherwise it is not complete, but what it has counts
	all.Service = service
	apply(all)
	return read, err
}

// reading is the result of reading pages.
type reading struct {
	changed time.Time // the newest change in it, by Withings' clock; zero if unknown
	rows    rows      // of all pages
}

// note adds a page. If an answer has the server's time, that of the first page
// counts: a change made while the others are read may be on none of them.
func (r *reading) note(d *decoder) {
	r.rows.join(d.rows)
	switch {
	case d.server.IsZero():
		r.changed = exporter.Later(r.changed, d.newest)
	case r.changed.IsZero():
		r.changed = d.server
	}
}

// pages asks page after page.
func (a *Account) pages(ctx context.Context, q request, now time.Time, apply func(exporter.Batch)) (reading, error) {
	var read reading
	offset, idle, met := int64(0), 0, map[string]bool{}
	for range maxPages {
		page, err := a.page(ctx, &q, now, &read)
		if err != nil {
			return read, err
		}
		idle++
		for _, r := range page.Records {
			if !met[r.ID] {
				met[r.ID], idle = true, 0
			}
		}
		apply(page.Batch)
		switch {
		case !page.More:
			return read, nil
		case idle == idlePages:
			return read, nextPoll("%s: the last %d pages, up to offset %d, have nothing new, but more are announced", q.action, idle, offset)
		case q.most > 0 && read.rows.all > q.most:
			return read, nextPoll("%s: more than %d rows", q.action, q.most)
		case page.Next <= offset:
			return read, nextPoll("%s: after the page at offset %d comes offset %d, which would never end", q.action, offset, page.Next)
		}
		offset = page.Next
		q.form.Set("offset", strconv.FormatInt(offset, 10))
	}
	return read, nextPoll("%s: more than %d pages", q.action, maxPages)
}

// nextPoll is an error after which the next poll tries again.
func nextPoll(format string, args ...any) error {
	return hint.Wrap(fmt.Errorf(format, args...), "the next poll tries again")
}

// Page reads one page of a service in a span; the first has offset 0. It also has
// days and nights just outside the span, since Withings goes by dates of the
// person's time zone.
func (a *Account) Page(ctx context.Context, service exporter.Service, span exporter.Span, offset int64) (exporter.Page, error) {
	if service.Row().Minutes {
		return a.pageOfMinutes(ctx, service, span, offset)
	}
	q, end := ask(service, a.minimal), span.To
	if q.days() {
		span = exporter.Span{From: span.From.Add(-24 * time.Hour), To: span.To.Add(24 * time.Hour)}
	}
	q = q.between(span)
	if offset > 0 {
		q.form.Set("offset", strconv.FormatInt(offset, 10))
	}
	var read reading
	page, err := a.page(ctx, &q, a.client.Now(), &read)
	if err == nil {
		err = a.judge(ctx, service, read.rows.onPage(), a.client.Now(), func(exporter.Batch) {})
	}
	if err != nil {
		return page, a.failed(service, fmt.Errorf("%s: %w", past(end, a.client.Now()), err))
	}
	return page, nil
}

// pageOfMinutes reads one page of a service of minutes. Withings has no pages of them:
// one is a window of 24 hours, and its offset is how many seconds the window begins
// after the span.
func (a *Account) pageOfMinutes(ctx context.Context, service exporter.Service, span exporter.Span, offset int64) (exporter.Page, error) {
	part := exporter.Span{From: span.From.Add(time.Duration(offset) * time.Second)}
	part.To = exporter.Earlier(span.To, part.From.Add(24*time.Hour))
	var page exporter.Page
	if err := a.wanted(ctx, service, exporter.Spans{part}, a.client.Now(), page.Join); err != nil {
		return page, a.failed(service, fmt.Errorf("history from %s: %w", part.From.Format(time.DateTime), err))
	}
	page.More, page.Next = part.To.Before(span.To), int64(part.To.Sub(span.From)/time.Second)
	return page, nil
}

// page asks for one page, without the undocumented fields if Withings rejects them.
func (a *Account) page(ctx context.Context, q *request, now time.Time, read *reading) (exporter.Page, error) {
	page, err := a.onePage(ctx, *q, now, read)
	if !a.refusesUndocumented(*q, err) {
		return page, err
	}
	q.form.Set("data_fields", dataFields(q.service, true))
	if page, err = a.onePage(ctx, *q, now, read); err == nil {
		a.minimal = true
		a.client.once("minimal", "Withings rejects undocumented fields; they are no longer asked for",
			"service", string(q.service), "profile", a.profile)
	}
	return page, err
}

func (a *Account) onePage(ctx context.Context, q request, now time.Time, read *reading) (page exporter.Page, err error) {
	err = a.call(ctx, q, func(body *fastjson.Value) {
		d := a.decoder(now)
		d.each, d.split = q.each, q.split
		page.Batch = d.decode(q.service, body)
		read.note(d)
		page.More = truth(body.Get("more"))
		read.rows.promised = read.rows.promised || page.More
		page.Next, _ = integer(body.Get("offset"))
	})
	return page, err
}

// refusesUndocumented reports whether Withings rejected a request that asked for
// undocumented fields. If it accepts the same request without them, they are not
// asked for again.
func (a *Account) refusesUndocumented(q request, err error) bool {
	return !a.minimal && hasClass(err, envelope.InvalidParams) &&
		dataFields(q.service, true) != dataFields(q.service, false)
}

// failed words an error for the log and the status page.
func (a *Account) failed(service exporter.Service, err error) error {
	if errors.Is(err, exporter.ErrNotAuthorized) {
		return err
	}
	return advised(service, a.profile, err)
}
