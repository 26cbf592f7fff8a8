package transfer

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
	"withings-exporter/exporter/backfill"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/words"
)

// sampleDays is how much of a history is read to estimate the rest.
const sampleDays = 30

// pageRows is how many rows a page has if no full page was seen: fewer than Withings
// is known to send, so that the estimate is on the safe side.
const pageRows = 200

// estimate prints how many requests the import would take: for everything with --again,
// or if the target has lost it, else for what is missing.
func (r *run) estimate(ctx context.Context) error {
	r.look(ctx)
	for _, p := range r.profiles {
		again := r.options.Again
		if t, can := p.Target.(looked); can && !again {
			var err error
			if again, err = t.Lost(ctx); err != nil {
				return err
			}
			if again {
				words.Paragraph(r.errw, "", fmt.Sprintf("%s: InfluxDB no longer has points that it acknowledged, so everything would be imported again.", p.Name))
			}
		}
		if again {
			p.Target = lacking{}
		}
	}
	left, begun := 0, false
	total, asked, err := r.forecast(ctx, func(f forecast) {
		if left += f.left; !begun { // in an outage there is no table
			begun = true
			fmt.Fprintf(r.out, "%-20s %-10s %12s %9s  %s\n", "profile", "service", "records", "requests", "since")
		}
		fmt.Fprintf(r.out, "%-20.20s %-10s %12d %9d  %s\n", f.profile, f.service, f.rows, f.requests, r.since(f))
	})
	if err != nil {
		return err
	}
	news, took := r.news(), english.Plural(asked, "request", "")
	if total == 0 {
		words.Paragraph(r.out, "", r.complete(news, took))
		return nil
	}
	takes, err := r.takes(ctx, total+news)
	if err != nil {
		return err
	}
	told := fmt.Sprintf("about %s, which take %s at %d per minute. ", english.Plural(total+news, "request", ""), takes, r.settings.RateLimit)
	if news > 0 && r.imported() {
		told += fmt.Sprintf("Of them, %d are for what is new, and the others for the past. ", news)
	}
	if left < total {
		told += fmt.Sprintf("A running serve is about to write part of that itself: once everybody is OK on its status page, about %s left. ", english.Plural(left, "request is", "requests are"))
	}
	words.Paragraph(r.out, "", told+"This estimate took "+took+".")
	return nil
}

// complete is what an estimate says if nothing of the past is missing.
func (r *run) complete(news int, took string) string {
	switch {
	case r.unseen():
		return fmt.Sprintf("InfluxDB has acknowledged everything%s already. %s This estimate took %s.", r.only(), unseen, took)
	case news > 0:
		return fmt.Sprintf("nothing of the past is missing%s, and about %s for what is new; this estimate took %s",
			r.only(), english.Plural(news, "request asks", "requests ask"), took)
	}
	return fmt.Sprintf("nothing is missing%s; this estimate took %s", r.only(), took)
}

// look finds out who serves, and so may write to the same database. What cannot be seen does not count.
func (r *run) look(ctx context.Context) {
	if _, is := r.to.(*intoInflux); is && !r.options.Again {
		r.server, _ = r.set.Serving(ctx)
	}
}

// news is how many requests the import makes for what is new, before it reads the past.
func (r *run) news() (requests int) {
	for _, p := range r.profiles {
		requests += p.News(r.span, r.settings.Now())
	}
	return requests
}

// imported reports whether the target has something already: of a first import, what is new is no less missing than the past.
func (r *run) imported() bool {
	for _, p := range r.profiles {
		for _, service := range p.Historic() {
			if is := p.Target.Progress(service); !is.Updated.IsZero() || !is.Back.IsZero() {
				return true
			}
		}
	}
	return false
}

// takes is how long requests take from now on: those of the last minute count, and so do those of another process.
func (r *run) takes(ctx context.Context, requests int) (string, error) {
	outlook, err := r.set.Budget.Outlook(ctx, requests)
	return words.Span(outlook.Takes), err
}

// forecast is about what the import of a service would take.
type forecast struct {
	profile        string
	service        exporter.Service
	rows, requests int
	left           int       // requests once a serve that is running has written what it reads itself
	since          time.Time // zero if nothing is missing
}

// since is from when on something is missing or, if nothing is, whether everything is there or Withings has nothing.
func (r *run) since(f forecast) string {
	if !f.since.IsZero() {
		return dateOrNone(f.since)
	}
	for _, m := range r.set.List() {
		if m.State.Profile() == f.profile && m.State.Progress(f.service).Done && m.State.Newest(f.service).IsZero() {
			return "none"
		}
	}
	return "complete"
}

// forecast tells what the import of each service would take, judging by the last month
// and by when the first device was linked. It returns the requests of all of them, and
// how many it took itself: up to ten a profile.
func (r *run) forecast(ctx context.Context, tell func(forecast)) (total, asked int, err error) {
	for _, p := range r.profiles {
		beginning, err := firstDevice(ctx, p, r.settings.Now())
		if err != nil {
			return 0, 0, err
		}
		asked++
		for _, service := range p.Historic() {
			f, took, err := r.forecastOf(ctx, p, service, beginning)
			if err != nil {
				return 0, 0, err
			}
			asked += took
			total += f.requests
			tell(f)
		}
	}
	return total, asked, nil
}

// forecastOf is that of one service of a profile whose history begins at a time, and
// how many requests it took.
func (r *run) forecastOf(ctx context.Context, p *backfill.Profile, service exporter.Service, beginning time.Time) (f forecast, asked int, err error) {
	f, now := forecast{profile: p.Name, service: service}, r.settings.Now()
	if service.Row().Minutes {
		ahead, took, err := p.Outlook(ctx, service, r.span, now)
		f.rows, f.requests, f.left, f.since = ahead.Points, ahead.Requests, ahead.Requests, ahead.Since
		return f, took, err
	}
	missing := p.Missing(service, r.span)
	if len(missing) == 0 {
		return f, 0, nil
	}
	perDay, size, err := density(ctx, p, service, now)
	if err != nil {
		return f, 0, err
	}
	f.rows, f.requests, f.since = extrapolate(missing, beginning, now, perDay, size)
	rest := exporter.Spans(nil).AddAll(missing)
	for _, span := range r.filled(p, service, perDay == 0, now) {
		rest = rest.Without(span)
	}
	_, f.left, _ = extrapolate(rest, beginning, now, perDay, size)
	return f, 1, nil
}

// extrapolate is what gaps of a history take that has so many rows a day and a page, and since when.
func extrapolate(gaps []exporter.Span, beginning, now time.Time, perDay float64, size int) (rows, requests int, since time.Time) {
	sum := 0.0
	for _, gap := range gaps {
		gap.From, gap.To = exporter.Later(gap.From, beginning), exporter.Earlier(gap.To, now)
		if !gap.Empty() {
			sum += perDay * gap.To.Sub(gap.From).Hours() / 24
			since = gap.From
		}
	}
	return int(math.Round(sum)), len(gaps) + int(sum)/size, since
}

// filled is what a serve that is running is about to write of a service by itself: of one that it has not read yet the last weeks,
// and of some the whole past, or if they have been empty lately.
func (r *run) filled(p *backfill.Profile, service exporter.Service, empty bool, now time.Time) exporter.Spans {
	is, past := p.Target.Progress(service), service.Row().Past
	switch {
	case r.server == nil || !r.server.Fills(r.set, p.Name):
		return nil
	case !is.Done && (past == exporter.WholePast || past == exporter.UntilFirst && empty):
		return exporter.Spans{*exporter.Always()}
	case is.Updated.IsZero():
		return exporter.Spans{{From: now.AddDate(0, 0, -sampleDays), To: exporter.Always().To}}
	}
	return nil
}

// ahead says what the minutes take that are about to be read.
func (r *run) ahead(w io.Writer, all []backfill.Outlook) {
	requests := 0
	for _, o := range all {
		requests += o.Requests
		fmt.Fprintf(w, "%.20s %s: %s records since %s, %s\n", o.Profile, o.Service, about(o.Points), dateOrNone(o.Since), english.Plural(o.Requests, "request", ""))
	}
	fmt.Fprintf(w, "minutes take about %s: %s at %d per minute\n", english.Plural(requests, "request", ""), words.Span(r.set.Budget.Duration(requests)), r.settings.RateLimit)
}

// about is a large number as people say it: 12,000 or 2.6 million.
func about(n int) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.1f million", float64(n)/1e6)
	case n >= 10_000:
		n = n / 1000 * 1000
	}
	return humanize.Comma(int64(n))
}

// nowhere is the target of a dry run without --to: it has nothing yet.
type nowhere struct{}

func (nowhere) Open(context.Context, *profiles.Set) error          { return nil }
func (nowhere) History(*profiles.Member) (exporter.History, error) { return lacking{}, nil }
func (nowhere) Keep(*run) error                                    { return nil }
func (nowhere) Announce(context.Context, *run) string              { return "" }
func (nowhere) Close()                                             {}
func (nowhere) Finish(context.Context, *backfill.Summary, exporter.Span, io.Writer) error {
	return nil
}

// lacking is an empty history, which stays empty.
type lacking struct{ exporter.History }

// Progress is that nothing was read.
func (lacking) Progress(exporter.Service) exporter.Progress { return exporter.Progress{} }

// Missing is the whole span.
func (lacking) Missing(_ exporter.Service, span exporter.Span) []exporter.Span {
	return []exporter.Span{span}
}

func dateOrNone(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.DateOnly)
}

// firstDevice is when the person first linked a device, which is about when a history
// begins; ten years ago if that is not known.
func firstDevice(ctx context.Context, p *backfill.Profile, now time.Time) (time.Time, error) {
	first := now
	if !p.Asks(exporter.Device) {
		return now.AddDate(-10, 0, 0), nil
	}
	_, err := p.Source.Fetch(ctx, exporter.Device, exporter.Progress{}, func(b exporter.Batch) {
		if at := backfill.Beginning(b); !at.IsZero() && at.Before(first) {
			first = at
		}
	})
	if first.Equal(now) {
		first = now.AddDate(-10, 0, 0)
	}
	return first, err
}

// density is how many rows a day and a page have.
func density(ctx context.Context, p *backfill.Profile, service exporter.Service, now time.Time) (perDay float64, size int, err error) {
	page, err := p.Source.Page(ctx, service, exporter.Span{From: now.AddDate(0, 0, -sampleDays), To: now}, 0)
	if err != nil {
		return 0, 0, err
	}
	rows, days := page.Records, float64(sampleDays)
	size = pageRows
	if page.More && len(rows) > 0 { // more than a page in a month
		size = len(rows)
		first, last := rows[0].Start, rows[0].Start
		for _, r := range rows {
			if r.Start.IsZero() { // a malformed row
				continue
			}
			if r.Start.Before(first) {
				first = r.Start
			}
			if r.Start.After(last) {
				last = r.Start
			}
		}
		days = max(last.Sub(first).Hours()/24, 1)
	}
	return float64(len(rows)) / days, size, nil
}
