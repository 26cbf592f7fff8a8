package exporter

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

const (
	// Window is the longest span of minutes that Withings answers at once.
	Window = 24 * time.Hour
	// Overlap is how far before the last known change an increment begins: it is not
	// documented whether lastupdate includes its own moment, and clocks in a cloud
	// differ. Records that come twice are recognised by their id.
	Overlap = 15 * time.Minute
	// rereadPace is how often the last window is read again, since the service that
	// minutes follow may not tell of each.
	rereadPace = time.Hour
	// longestMissed is how far back that goes after an outage. What changed during a
	// longer one is told by the service that minutes follow.
	longestMissed = 30 * 24 * time.Hour
	// lateSamples is how long before the newest known sample of a device others may have
	// been missing.
	lateSamples = time.Hour
	// longestRecord is how much of a record's time is read: no day or night is longer.
	longestRecord = 48 * time.Hour
	// lately is how far back the state knows every record, so that one which it does not
	// know is new.
	lately = 30 * 24 * time.Hour
	// mostWanted limits the spans that wait to be read; beyond it, the time between the
	// closest is read, too.
	mostWanted = 64
	// mostWindows is how many windows of a service are read in a poll, the newest first.
	mostWindows = 30
	// mostFailures is how many of them may fail in a row before the others wait for the
	// next poll.
	mostFailures = 5
)

// errIdle says that there was nothing to ask: the service is as well as the one that
// it follows.
var errIdle = errors.New("nothing to ask")

// Want adds spans that are to be read of a service of minutes.
func (p *Progress) Want(spans Spans) { p.Wanted = p.Wanted.AddAll(spans).AtMost(mostWanted) }

// Equal reports whether both say the same.
func (p Progress) Equal(other Progress) bool {
	same := slices.EqualFunc(p.Wanted, other.Wanted, func(a, b Span) bool { return a.From.Equal(b.From) && a.To.Equal(b.To) })
	return same && p.Updated.Equal(other.Updated) && p.Reread.Equal(other.Reread) && p.Back.Equal(other.Back) && p.Done == other.Done &&
		p.Success.Equal(other.Success) && p.Checked.Equal(other.Checked) && p.Doubted.Equal(other.Doubted) && p.Missing == other.Missing && p.Known == other.Known && p.resets == other.resets
}

// wantLast has the last window read, and more if that was last done before it.
func (p *Progress) wantLast(now time.Time) {
	from := now.Add(-Window)
	if !p.Reread.IsZero() {
		from = Earlier(from, Later(p.Reread.Add(-lateSamples), now.Add(-longestMissed)))
	}
	p.Want(Spans{{from, now}})
	p.Reread = now
	if p.Back.IsZero() {
		p.Back = from
	}
}

// windows lists the first n windows of a set, the newest first.
func (s Spans) windows(n int) []Span {
	var all []Span
	for _, wide := range slices.Backward(s) {
		for to := wide.To; to.After(wide.From) && len(all) < n; to = to.Add(-Window) {
			all = append(all, Span{Later(wide.From, to.Add(-Window)), to})
		}
	}
	return all
}

// minutes reads what is wanted of a service of minutes for the first cursor, and
// passes it to all of them. A window that fails stays wanted, and the others are read.
func (r *round) minutes(ctx context.Context, service Service, cursors []cursor) error {
	now := r.poller.Now()
	for _, c := range cursors {
		if p := c.Progress(service); !r.hinted && outdated(p.Reread, now, max(rereadPace, r.reread(service))) {
			if err := c.Advance(service, func(is *Progress) { is.wantLast(now) }); err != nil {
				return err
			}
		}
	}
	windows := cursors[0].Progress(service).Wanted.windows(mostWindows)
	if len(windows) == 0 {
		return r.idle(service, cursors)
	}
	var problem error
	failures := 0
	for _, w := range windows {
		err := r.window(ctx, service, w, cursors)
		switch {
		case err == nil:
			failures = 0
		case ctx.Err() != nil, errors.Is(err, ErrNotAuthorized), errors.Is(err, ErrNotAllowed), errors.Is(err, ErrTokenRefused):
			return err
		default:
			problem = cmp.Or(problem, err)
			if failures++; failures == mostFailures {
				return problem
			}
		}
	}
	if problem != nil {
		return problem
	}
	return r.succeed(service, cursors, func(cursor) time.Time { return now })
}

// window reads one window for all cursors. A cursor of the sink stays where it is
// unless everything was accepted.
func (r *round) window(ctx context.Context, service Service, w Span, cursors []cursor) error {
	if cursors[0] == cursor(r.forward) && !r.forward.open() {
		return nil // nobody is waiting for it now
	}
	if _, err := r.profile.Fetch.Fetch(ctx, service, Progress{Wanted: Spans{w}}, r.taker(ctx, cursors)); err != nil {
		return err
	}
	for _, c := range cursors {
		if err := c.Advance(service, func(is *Progress) { is.Wanted = is.Wanted.Without(w) }); err != nil {
			return err
		}
	}
	return nil
}

// idle is the outcome of a service of minutes of which nothing is wanted: it is as far
// as the one that it follows.
func (r *round) idle(service Service, cursors []cursor) error {
	if leader := service.Row().Follows; slices.Contains(r.choice.Asked, leader) {
		if err := r.succeed(service, cursors, func(c cursor) time.Time { return c.Progress(leader).Success }); err != nil {
			return err
		}
	}
	return errIdle
}

// succeed notes a success. One of the sink counts once nothing more is wanted for it.
func (r *round) succeed(service Service, cursors []cursor, at func(cursor) time.Time) error {
	for _, c := range cursors {
		when, is := at(c), c.Progress(service)
		if !is.Success.Before(when) || len(is.Wanted) > 0 && c == cursor(r.forward) {
			continue
		}
		if err := c.Advance(service, func(is *Progress) { is.Success = when }); err != nil {
			return err
		}
	}
	return nil
}

// wanting has the minutes of new and changed records read: before somebody takes the
// records, their times are noted for each cursor that is read for.
func (r *round) wanting(service Service, cursors []cursor, take func(Batch)) func(Batch) {
	var followers []Service
	for _, s := range r.choice.Asked {
		if s.Row().Follows == service {
			followers = append(followers, s)
		}
	}
	if len(followers) == 0 {
		return take
	}
	return func(b Batch) {
		for _, follower := range followers {
			for _, c := range cursors {
				if spans := r.wanted(b, follower, c, cursors); len(spans) > 0 {
					_ = c.Advance(follower, func(is *Progress) { is.Want(spans) }) // the state never fails, and the sink is closed then
				}
			}
		}
		take(b)
	}
}

// wanted are the times of the records in a batch that are new for a cursor.
func (r *round) wanted(b Batch, follower Service, c cursor, cursors []cursor) (spans Spans) {
	state, now, is := r.profile.State, r.poller.Now(), c.Progress(b.Service)
	since := is.Updated
	if since.IsZero() {
		since = is.Success // the catalogue has changed, and everything is read again
	}
	if since.IsZero() {
		return nil // at first the last window is enough
	}
	since = since.Add(-Overlap)
	// Compared with the state, records are new for the sink only if both have come
	// equally far.
	along := cursors[0] == cursor(state) && !state.Progress(b.Service).Updated.IsZero()
	known := state.byID(b.Service)
	for i := range b.Records {
		rec := &b.Records[i]
		held, has := known[rec.ID]
		changed := rec.changed()
		switch {
		case rec.void(), along && has && rec.says(&held), !along && changed.Before(since):
			continue
		case along && !has && rec.Start.Before(now.Add(-lately)) && changed.Before(since):
			continue // the state has forgotten it
		}
		span := Span{rec.Start, Earlier(rec.Ended(state.zoneOrUTC()), now)}
		span.To = Earlier(span.To, span.From.Add(longestRecord))
		switch {
		case is.Success.IsZero(): // everything is read again, and minutes from when they were first read
			span.From = Later(span.From, c.Progress(follower).Back)
		case along && span.To.Equal(now):
			span.From = Later(span.From, state.sampled(follower, span.From.Add(-Window)).Add(-lateSamples))
		}
		spans = spans.Add(span)
	}
	return spans
}

// changed is when a record was last changed; when it ended if Withings does not say.
func (r *Record) changed() time.Time {
	if r.Modified.IsZero() {
		return r.End
	}
	return r.Modified
}

// ChangedSince lists the records of a batch that have readings and may have been
// changed since a cursor was at a moment; since the zero time, all of them.
func (b *Batch) ChangedSince(moment time.Time) (all []Record) {
	for _, r := range b.Records {
		if !r.void() && !r.changed().Before(moment.Add(-Overlap)) {
			all = append(all, r)
		}
	}
	return all
}

// says reports whether both versions of a record say the same; a day that is not over
// ends later in each.
func (r *Record) says(other *Record) bool {
	return r.Modified.Equal(other.Modified) && slices.Equal(r.Readings, other.Readings)
}

// byID are the known records of a service.
func (s *State) byID(service Service) map[string]Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	records := s.all(service)
	all := make(map[string]Record, len(records))
	for _, r := range records {
		all[r.ID] = r
	}
	return all
}

// sampled is up to when samples are known of every device that had any since a
// moment; the zero time without samples.
func (s *State) sampled(service Service, since time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	newest := map[Labels]time.Time{}
	for _, r := range s.all(service) {
		if r.End.Before(since) {
			continue
		}
		for _, reading := range r.Readings {
			newest[reading.Labels] = Later(newest[reading.Labels], r.End)
		}
	}
	var upTo time.Time
	for _, at := range newest {
		if upTo.IsZero() || at.Before(upTo) {
			upTo = at
		}
	}
	return upTo
}

// zoneOrUTC is the time zone in which days are counted.
func (s *State) zoneOrUTC() *time.Location {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.location()
}
