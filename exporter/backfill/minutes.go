package backfill

import (
	"cmp"
	"context"
	"errors"
	"sort"
	"time"

	"withings-exporter/exporter"
)

// Withings has no pages of minutes, only windows of 24 hours, thousands of them in ten
// years. Most of a year may have none: so the records that a service of minutes follows
// are listed first, which takes a request for hundreds of them, and only windows with
// some are read.

const (
	// fewWindows are read without listing records and saying first what it takes.
	fewWindows = 3
	// samples is how many windows are read to say how many points all of them have.
	samples = 3
	// aroundDays and aroundNights are how much before and after a day, and a night or
	// nap, is read along: days begin by the person's time zone, which travel changes, and
	// the minutes of a night may contradict its summary.
	aroundDays, aroundNights = 12 * time.Hour, 3 * time.Hour
	// unsettled is how much of the past counts as missing again in the next run if the
	// service that minutes follow is not asked for changes: devices hand data over late.
	unsettled = 48 * time.Hour
	// mostFailures is how many windows of a service may fail, and mostInRow how many one
	// after the other, before a run gives up on it.
	mostFailures, mostInRow = 30, 5
)

// Outlook is what an import of the minutes of a service takes.
type Outlook struct {
	Profile  string
	Service  exporter.Service
	Requests int
	Points   int       // samples, each of one device at one moment, judging by three windows
	Since    time.Time // begin of the oldest window; zero if nothing is missing
}

// asks calls a function that asks Withings, perhaps several times.
type asks func(try func() error) error

// Outlook tells what importing the minutes of a service would take; asked is how many
// requests that took.
func (p *Profile) Outlook(ctx context.Context, service exporter.Service, span exporter.Span, now time.Time) (o Outlook, asked int, err error) {
	ask := func(try func() error) error { asked++; return try() }
	t, err := p.minutes(ctx, service, span, now, ask)
	if err != nil || t == nil {
		return Outlook{Profile: p.Name, Service: service}, asked, err
	}
	o, err = t.outlook(ctx, ask)
	return o, asked, err
}

// minutes is the track of a service of minutes; nil if nothing is missing.
func (p *Profile) minutes(ctx context.Context, service exporter.Service, span exporter.Span, now time.Time, ask asks) (*track, error) {
	span.To = exporter.Earlier(span.To, now)
	missing := p.Missing(service, span)
	if len(missing) > 0 && missing[0].To.Equal(now) && now.Sub(missing[0].From) < recent {
		missing = missing[1:]
	}
	if len(missing) == 0 {
		return nil, nil
	}
	t := &track{Profile: p, service: service, completer: exporter.NewCompleter(nil), missing: missing, whole: span, settled: now}
	if !p.Asks(service.Row().Follows) {
		t.settled = now.Add(-unsettled)
	}
	var wanted, unsure []exporter.Span
	for _, gap := range missing {
		if gap.To.Sub(gap.From) <= fewWindows*exporter.Window { // perhaps of single points, which need no record to follow
			wanted = append(wanted, gap)
		} else {
			unsure = append(unsure, gap)
		}
	}
	if len(unsure) > 0 {
		listed, err := p.list(ctx, service.Row().Follows, exporter.Span{From: unsure[len(unsure)-1].From, To: unsure[0].To}, ask)
		if err != nil {
			return nil, err
		}
		wanted = append(wanted, listed...)
	}
	t.wanted = exporter.Joined(wanted)
	t.planned = len(t.windows())
	return t, nil
}

// list lists the times of the records of a service in a span, and around them.
func (p *Profile) list(ctx context.Context, service exporter.Service, span exporter.Span, ask asks) (times []exporter.Span, err error) {
	span.From, span.To = exporter.Later(span.From.Add(-unsettled), time.Unix(1, 0)), span.To.Add(unsettled)
	for offset, pages := int64(0), 1; ; pages++ {
		var page exporter.Page
		if err := ask(func() (err error) { page, err = p.Source.Page(ctx, service, span, offset); return err }); err != nil {
			return nil, err
		}
		times = append(times, timesOf(page.Records)...)
		switch {
		case !page.More:
			return times, nil
		case page.Next <= offset || pages == maxPages:
			return nil, errEndless(service, offset, page.Next)
		}
		offset = page.Next
	}
}

// timesOf are those around records.
func timesOf(records []exporter.Record) (times []exporter.Span) {
	for i := range records {
		if !records[i].Start.IsZero() {
			times = append(times, around(&records[i]))
		}
	}
	return times
}

// around is when the minutes of a record are.
func around(r *exporter.Record) exporter.Span {
	margin := aroundNights
	if r.Service == exporter.Activity {
		margin = aroundDays
	}
	return exporter.Span{From: r.Start.Add(-margin), To: exporter.Later(r.End, r.Ended(time.UTC)).Add(margin)}
}

// follow has the minutes of changed records read again: by this run, and by serve, where
// it writes minutes to the same target. It is done before the cursor moves.
func (p *Profile) follow(service exporter.Service, changed []exporter.Span, first bool) error {
	var problems error
	for _, follower := range exporter.Minutely() {
		if follower.Row().Follows != service || len(changed) == 0 {
			continue
		}
		if back := p.Target.Progress(follower).Back; !back.IsZero() && !first {
			spans := exporter.Joined(changed).Without(exporter.Span{To: back})
			problems = errors.Join(problems, p.Target.Advance(follower, func(is *exporter.Progress) { is.Want(spans) }))
		}
		if !p.Minutes {
			continue
		}
		for _, span := range exporter.Joined(changed) {
			problems = errors.Join(problems, p.Target.Reopen(span, follower))
		}
	}
	return problems
}

// window is the newest part of a span in which there are minutes to read, of at most 24
// hours; empty if there is none. It ends and begins where no night is cut in two.
func (t *track) window(span exporter.Span) (w exporter.Span) {
	clip := func(i int) exporter.Span {
		return exporter.Span{From: exporter.Later(t.wanted[i].From, span.From), To: exporter.Earlier(t.wanted[i].To, span.To)}
	}
	i := sort.Search(len(t.wanted), func(i int) bool { return !t.wanted[i].From.Before(span.To) }) - 1
	if i < 0 || clip(i).Empty() {
		return w
	}
	w = clip(i)
	oldest := w.To.Add(-exporter.Window)
	w.From = exporter.Later(w.From, oldest)
	for i--; i >= 0 && !t.wanted[i].From.Before(oldest) && !clip(i).Empty(); i-- {
		w.From = clip(i).From
	}
	return w
}

// windows lists those that are to be read, the newest first.
func (t *track) windows() (all []exporter.Span) {
	for _, span := range t.missing {
		for w := t.window(span); !w.Empty(); w = t.window(span) {
			all = append(all, w)
			span.To = w.From
		}
	}
	return all
}

// outlook tells what the track takes. It reads some windows to say how many points there
// are, and not the newest, for which points are still coming in. It needs one of them.
func (t *track) outlook(ctx context.Context, ask asks) (Outlook, error) {
	o := Outlook{Profile: t.Name, Service: t.service, Requests: t.planned}
	windows := t.windows()
	if len(windows) == 0 {
		return o, nil
	}
	o.Since = windows[len(windows)-1].From
	points, read, of := 0, 0, min(samples, len(windows))
	var problem error
	for i := range of {
		like := windows[(2*i+1)*len(windows)/(2*of)]
		err := ask(func() error {
			page, err := t.Source.Page(ctx, t.service, like, 0)
			points += len(page.Records)
			return err
		})
		if problem = cmp.Or(problem, err); err == nil {
			read++
		}
	}
	if read == 0 {
		return o, problem
	}
	o.Points = points * len(windows) / read
	return o, nil
}

// stepMinutes reads the next window of minutes. What lies between windows needs no
// request.
func (t *track) stepMinutes(ctx context.Context) (exporter.Batch, []exporter.Span, error) {
	span := t.missing[0]
	w := t.window(span)
	if w.Empty() {
		t.shrink(span.From)
		return exporter.Batch{Service: t.service}, t.safe(span), nil
	}
	page, err := t.Source.Page(ctx, t.service, w, 0)
	if err != nil {
		return exporter.Batch{}, nil, err
	}
	t.pages, t.inRow = t.pages+1, 0
	page.Records = within(t.whole, page.Records) // a segment goes on after its window
	span.From = w.From
	t.shrink(w.From)
	return page.Batch, t.safe(span), nil
}

// safe is the part of a span that need not be read again.
func (t *track) safe(span exporter.Span) []exporter.Span {
	if span.To = exporter.Earlier(span.To, t.settled); span.Empty() {
		return nil
	}
	return []exporter.Span{span}
}

// idle reports whether the next step needs no request.
func (t *track) idle() bool {
	return t.service.Row().Minutes && t.window(t.missing[0]).Empty()
}

// leave goes on behind a window that cannot be read, which stays missing. It reports
// whether there is any use in that.
func (t *track) leave(ctx context.Context, err error) bool {
	if !t.service.Row().Minutes || ctx.Err() != nil || errors.Is(err, exporter.ErrNotAuthorized) || errors.Is(err, exporter.ErrNotAllowed) {
		return false
	}
	t.pages, t.failures, t.inRow = t.pages+1, t.failures+1, t.inRow+1
	if t.failures > mostFailures || t.inRow > mostInRow {
		return false
	}
	t.shrink(t.window(t.missing[0]).From)
	return true
}

// later orders tracks: those with the newest missing data come last, and minutes, which
// take longest, before all others.
func (t *track) later(other *track) int {
	rank := func(t *track) int {
		if t.service.Row().Minutes {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(rank(t), rank(other)), t.next().Compare(other.next()))
}
