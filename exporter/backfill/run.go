package backfill

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/retry"
)

// Source is what Withings has of one profile.
type Source interface {
	// Fetch reads what is new of a service.
	Fetch(ctx context.Context, service exporter.Service, p exporter.Progress, apply func(exporter.Batch)) (exporter.Fetched, error)
	// Page reads one page of a service in a span.
	Page(ctx context.Context, service exporter.Service, span exporter.Span, offset int64) (exporter.Page, error)
}

// Profile is a person whose history is imported.
type Profile struct {
	Name   string
	Source Source
	Target exporter.History
	Asked  []exporter.Service // the services that are asked; nil means all
	// Minutes includes the services of minutes, which take a request for each day.
	Minutes bool
	// Known is how far serve has read a service; nil if the target is not one that serve writes to.
	Known func(exporter.Service) exporter.Progress
}

// Asks reports whether a service is asked.
func (p *Profile) Asks(s exporter.Service) bool { return p.Asked == nil || slices.Contains(p.Asked, s) }

// Historic are the services of the profile that have a history and are asked.
func (p *Profile) Historic() []exporter.Service {
	all := exporter.Historic()
	if p.Minutes {
		all = append(all, exporter.Minutely()...)
	}
	return slices.DeleteFunc(all, func(s exporter.Service) bool { return !p.Asks(s) })
}

// Run imports histories.
type Run struct {
	Span   exporter.Span // what to import, by the start of a record
	Now    func() time.Time
	Pause  func(ctx context.Context, d time.Duration) error // waits
	Report func(Report)                                     // is called after every page and with every problem; may be nil
	Ahead  func([]Outlook)                                  // is called before minutes are read, if they take long; may be nil
}

// Report is how far a run is.
type Report struct {
	Profile  string
	Service  exporter.Service
	Reached  time.Time // how far back the history of the service has been read; zero if to its beginning
	Requests int       // that Withings has answered so far
	Left     int       // estimated pages to go; -1 while that is not known
	Records  int       // imported so far
	Problem  string    // what the run is waiting for; "" if nothing
	Unkept   bool      // it waits for the target, so what it has read lately is not kept yet
}

// recent is how old the last fetch of what is new may be to count as up to date.
const recent = 10 * time.Minute

// isRecent reports whether the target has what is new of a service. If serve knows of later changes, as after an outage of the
// target, it lacks those.
func (p *Profile) isRecent(service exporter.Service, now time.Time) bool {
	is := p.Target.Progress(service)
	if p.Known != nil && p.Known(service).Updated.After(is.Updated) {
		return false
	}
	age := now.Sub(is.Success)
	return age >= 0 && age < recent
}

// News is about how many requests a run makes for what is new, before it reads what is missing of the past.
func (p *Profile) News(of exporter.Span, now time.Time) (requests int) {
	if of.To.Before(now) {
		return 0
	}
	for _, service := range exporter.Asked() {
		if p.Asks(service) && !service.Row().Minutes && !p.isRecent(service, now) {
			requests++
		}
	}
	return requests
}

// run is a Run under way.
type run struct {
	*Run
	tracks    []*track
	planning  bool // tracks are not complete yet
	ahead     []Outlook
	out       *delivery
	summary   *Summary
	beginning map[*Profile]time.Time // of each history, by guess; not of one whose devices were not read
	requests  int
	failed    []error

	telling sync.Mutex // one report at a time
}

// Do imports the histories of profiles, until everything is safe or ctx ends.
// Whatever the error, what a target has taken is kept: the next run resumes there.
func (r *Run) Do(ctx context.Context, profiles []*Profile) (*Summary, error) {
	w := &run{Run: r, planning: true, summary: NewSummary(), beginning: map[*Profile]time.Time{}}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w.out = deliver(ctx, cancel, w)
	for _, p := range profiles {
		good := w.recent(ctx, p)
		for _, service := range p.Historic() {
			if !slices.Contains(good, service) {
				continue
			}
			if service.Row().Minutes {
				w.planMinutes(ctx, p, service)
			} else if missing := p.Missing(service, r.Span); len(missing) > 0 {
				w.tracks = append(w.tracks, &track{Profile: p, service: service, completer: exporter.NewCompleter(nil), missing: missing})
			}
		}
	}
	w.planning = false
	for _, t := range w.tracks {
		w.summary.Lacked[t.service] = true
	}
	if len(w.ahead) > 0 && r.Ahead != nil {
		r.Ahead(w.ahead)
	}
	for len(w.tracks) > 0 && ctx.Err() == nil {
		w.advance(ctx, w.newest())
	}
	w.out.close()
	for _, p := range profiles {
		if ctx.Err() == nil {
			w.stillThere(ctx, p)
		}
	}
	w.summary.Requests = w.requests
	for _, p := range profiles {
		for _, r := range p.Target.Refused() {
			w.summary.Refused = append(w.summary.Refused, Refused{p.Name, r})
		}
	}
	if cause := context.Cause(ctx); cause != nil {
		return w.summary, cause
	}
	return w.summary, errors.Join(w.failed...)
}

// stillThere has a target check again: one that has lost acknowledged data lacks more
// than before.
func (w *run) stillThere(ctx context.Context, p *Profile) {
	before := w.lacking(p)
	switch err := w.await(ctx, p, func() error { return p.Target.Ready(ctx) }); {
	case err != nil:
		w.note(p, fmt.Errorf("check that everything was written: %w", err))
	case w.lacking(p) > before:
		w.note(p, errors.New("the target lost data during the import that it had acknowledged"))
	}
}

// lacking is how much of the span a target lacks, over all services.
func (w *run) lacking(p *Profile) (sum time.Duration) {
	for _, service := range p.Historic() {
		for _, span := range p.Target.Missing(service, w.Span) {
			sum += span.To.Sub(span.From) / time.Duration(len(exporter.Services())) // centuries do not fit into a Duration
		}
	}
	return sum
}

// planMinutes adds the track of a service of minutes.
func (w *run) planMinutes(ctx context.Context, p *Profile, service exporter.Service) {
	ask := func(try func() error) error {
		return w.insist(ctx, p, service, func() error { return w.answered(try()) })
	}
	t, err := p.minutes(ctx, service, w.Span, w.Now(), ask)
	switch {
	case err != nil:
		w.fail(p, err)
		return
	case t == nil:
		return
	}
	w.tracks = append(w.tracks, t)
	if t.planned <= fewWindows {
		return
	}
	ahead, err := t.outlook(ctx, func(try func() error) error { return w.answered(try()) })
	if err == nil { // otherwise these windows are tried again in their turn
		w.ahead = append(w.ahead, ahead)
	}
}

// newest is the track with the newest missing data.
func (w *run) newest() *track { return slices.MaxFunc(w.tracks, (*track).later) }

// recent reads what is new since the last time, or of the last weeks, and sets the
// cursor for later changes. It returns the services that could be read: one that
// fails does not stop the others.
func (w *run) recent(ctx context.Context, p *Profile) (good []exporter.Service) {
	now := w.Now()
	if w.Span.To.Before(now) {
		return exporter.Asked()
	}
	completer := exporter.NewCompleter(nil)
	for _, service := range exporter.Asked() {
		if !p.Asks(service) {
			continue
		}
		if service.Row().Minutes { // no cursor follows them: what is missing is read span by span
			good = append(good, service)
			continue
		}
		was := p.Target.Progress(service)
		if p.isRecent(service, now) {
			good = append(good, service)
			continue
		}
		err := w.insist(ctx, p, service, func() error {
			listless, answers, full := false, 0, 0
			var changed []exporter.Span
			fetched, err := p.Source.Fetch(ctx, service, was, func(b exporter.Batch) {
				answers++
				if len(b.Records) > 0 {
					full++
				}
				w.look(p, b)
				changed = append(changed, timesOf(b.ChangedSince(was.Updated))...)
				listless = listless || b.Listless
				b.Whole = nil // whether a record was deleted is for serve to judge
				b = completer.Complete(b)
				w.out.put(item{to: p, batch: b, news: true, asked: now})
			})
			if unanswered(err) { // a batch without records may mean that nothing arrived
				answers = full
			}
			w.requests += answers
			if err == nil && listless {
				err = hint.Wrap(fmt.Errorf("the answer has no list of %s", service.Row().Noun), "if this lasts, please report it")
			}
			if err != nil {
				return err
			}
			w.out.then(func() error {
				if err := p.follow(service, changed, was.Updated.IsZero()); err != nil {
					return err
				}
				return p.Target.Advance(service, func(is *exporter.Progress) { is.Renew(fetched, was, now) })
			})
			return nil
		})
		if err != nil {
			w.fail(p, err)
			if errors.Is(err, exporter.ErrNotAuthorized) {
				return nil
			}
			continue
		}
		good = append(good, service)
		w.tell(p, service, now, "")
	}
	w.out.settled()
	return good
}

// look estimates when the history begins, to say how much is left.
func (w *run) look(p *Profile, b exporter.Batch) {
	at, known := Beginning(b), w.beginning[p]
	if !at.IsZero() && (known.IsZero() || at.Before(known)) {
		w.beginning[p] = at
	}
}

// Beginning is when the first of a batch of devices was linked, which is about when a
// history begins; zero if that is not known.
func Beginning(b exporter.Batch) (first time.Time) {
	for _, r := range b.Records {
		for _, reading := range r.Readings {
			if reading.Metric.Key != "first_session_date" {
				continue
			}
			if at := time.Unix(int64(reading.Value.Float()), 0); first.IsZero() || at.Before(first) {
				first = at
			}
		}
	}
	return first
}

// advance reads one page of a track.
func (w *run) advance(ctx context.Context, t *track) {
	var batch exporter.Batch
	var covered []exporter.Span
	var asked time.Time
	step := func() (err error) {
		asked = w.Now()
		idle := t.idle()
		if batch, covered, err = t.step(ctx); !idle {
			return w.answered(err)
		}
		return err
	}
	var err error
	if t.inRow > 0 { // the window before this one has failed, after many tries
		err = step()
	} else {
		err = w.insist(ctx, t.Profile, t.service, step)
	}
	if err != nil {
		w.fail(t.Profile, err)
		if !t.leave(ctx, err) {
			w.drop(t)
			return
		}
		batch, covered = exporter.Batch{Service: t.service}, nil
	}
	w.out.put(item{to: t.Profile, batch: batch, covered: covered, asked: asked})
	reached := time.Time{}
	if len(t.missing) > 0 {
		reached = t.next()
	} else {
		w.drop(t)
	}
	w.tell(t.Profile, t.service, reached, "")
}

// A service that fails is tried again, with the delays of asking, tries times in all
// and for 8 minutes; then this run gives up on it.
const tries = 6

var asking = retry.Backoff{First: 15 * time.Second, Most: Rarest}

// Rarest is how long it takes at most until what fails is tried again.
const Rarest = 5 * time.Minute

// answered counts a request that Withings has answered, be it with a refusal.
func (w *run) answered(err error) error {
	if !unanswered(err) {
		w.requests++
	}
	return err
}

// unanswered reports whether an error is that of a request that Withings has not answered.
func unanswered(err error) bool {
	return errors.Is(err, exporter.ErrUnreachable) || errors.Is(err, context.Canceled)
}

// insist tries until it works or there were too many tries. What does not pass by
// itself, such as a missing authorisation, is not tried again.
func (w *run) insist(ctx context.Context, p *Profile, service exporter.Service, try func() error) error {
	for n, pause := 1, asking.First; ; n, pause = n+1, asking.Next(pause) {
		err := try()
		switch {
		case err == nil, ctx.Err() != nil, n == tries,
			errors.Is(err, exporter.ErrNotAuthorized), errors.Is(err, exporter.ErrNeedsPerson):
			return err
		}
		w.tell(p, service, time.Time{}, err.Error())
		if stop := w.Pause(ctx, pause); stop != nil {
			return stop
		}
	}
}

func (w *run) drop(t *track) {
	w.tracks = slices.DeleteFunc(w.tracks, func(other *track) bool { return other == t })
}

// fail records what went wrong for a profile; the others continue.
func (w *run) fail(p *Profile, err error) {
	w.note(p, err)
	if errors.Is(err, exporter.ErrNotAuthorized) {
		w.tracks = slices.DeleteFunc(w.tracks, func(t *track) bool { return t.Profile == p })
	}
}

// note keeps an error for the end of the run.
func (w *run) note(p *Profile, err error) {
	w.failed = append(w.failed, fmt.Errorf("profile %q: %w", p.Name, err))
	if !slices.Contains(w.summary.Failed, p.Name) {
		w.summary.Failed = append(w.summary.Failed, p.Name)
	}
}

// tell reports how far the run is.
func (w *run) tell(p *Profile, service exporter.Service, reached time.Time, problem string) {
	r := Report{Profile: p.Name, Service: service, Reached: reached, Requests: w.requests,
		Records: w.summary.Records(), Problem: problem}
	if w.planning {
		r.Left = -1
		w.report(r)
		return
	}
	for _, t := range w.tracks {
		left := t.left(w.beginning[t.Profile])
		if left < 0 {
			r.Left = -1
			break
		}
		r.Left += left
	}
	w.report(r)
}

// obstacle reports that a target does not accept writes.
func (w *run) obstacle(p *Profile, err error) {
	w.report(Report{Profile: p.Name, Records: w.summary.Records(), Problem: err.Error(), Unkept: true})
}

func (w *run) report(r Report) {
	if w.Report == nil {
		return
	}
	w.telling.Lock()
	defer w.telling.Unlock()
	w.Report(r)
}

// errEndless is for a list whose next page does not come after this one.
func errEndless(service exporter.Service, offset, next int64) error {
	return hint.Wrap(fmt.Errorf("the history of %s does not end: after offset %d comes offset %d", service.Row().Noun, offset, next), "please report it")
}
