package exporter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// outcome is the result of a round.
type outcome int

const (
	nothing outcome = iota
	something
	everything
	denied
)

// cursor is how far the services of a profile have been read for the gauges, or for
// the sink.
type cursor interface {
	Progress(Service) Progress
	Advance(Service, func(*Progress)) error
}

// round is one poll of a profile, or one fetch of what notifications announce.
type round struct {
	poller    *Poller
	profile   *Profile
	log       *slog.Logger
	choice    Choice                      // which services are asked at all …
	due       []Service                   // … and which now
	hinted    bool                        // only what is new is read …
	notified  bool                        // … and of that only changes, also when the last weeks were last read long ago
	reread    func(Service) time.Duration // how long the last weeks need not be read again; 0: as the fetcher decides
	by        func(Service) time.Time     // by when requests for a service should be sent; may be nil
	heed      func(Batch)                 // is called with every answer before the state has it; may be nil
	between   func(context.Context)       // is called once what is new is read; may be nil
	before    map[Service]int             // the state's counts of changes when the round began
	forward   *forwarder                  // what is read goes to the sink through it
	completer *Completer                  // … after it was completed by this
	over      bool                        // nothing more goes to the sink
	heard     bool                        // Withings has answered …
	unheard   bool                        // … or has not
}

// round prepares a round. A service that Withings did not allow when it was last asked
// stays barred unless it is due.
func (w *shift) round() *round {
	return &round{
		poller: w.Poller, profile: w.profile, log: w.log, choice: w.profile.choose(), reread: w.schedule.reread, before: w.profile.State.changes(),
		forward:   &forwarder{sink: w.profile.Sink, took: map[Service]bool{}, lacking: func(s Service, err error) int { return w.lacking(w.profile, s, err) }},
		completer: NewCompleter(w.profile.State),
	}
}

// poll asks every service that is due once: first for what is new, which is what people
// look at, then for what is missing of the past, then for what the sink lacks.
func (r *round) poll(ctx context.Context) outcome {
	r.stayBarred()
	defer r.logAdded(r.profile.State.added())
	r.forward.begin(ctx)
	if is := r.profile.Status.Condition().Sink; is != nil && is.Problem.Text != "" {
		r.noteSink() // whoever has repaired it waits for that, and this poll may take a minute
	}
	good, result, ended := r.stage(ctx, r.due, r.fresh)
	r.heard = r.heard || slices.ContainsFunc(good, func(s Service) bool { return s.Row().Follows == "" }) // others may not have been asked
	if ended {
		return result
	}
	r.choose()
	if len(good) == len(r.due) && !r.hinted && r.lacksPast() {
		// What is new is shown now, since the past may take minutes; so is the state
		// of the sink, or the profile would look healthy while the sink fails.
		r.noteSink()
		r.profile.Status.change(func(c *Condition) { c.Polled, c.Up = r.poller.Now(), len(c.Problems) == 0 })
		r.poller.save(r.profile, r.log)
	}
	if r.between != nil && (r.heard || !r.unheard) {
		r.between(ctx)
	}
	if !r.hinted {
		if good, result, ended = r.stage(ctx, good, r.past); ended {
			return result
		}
		r.choose()
	}
	for _, service := range r.choice.Told {
		r.forwardTold(ctx, service)
	}
	caughtUp, result, ended := r.stage(ctx, r.lagging(good), r.catchUp)
	if ended {
		return result
	}
	r.choose()
	good = slices.DeleteFunc(slices.Clone(good), func(s Service) bool { return !slices.Contains(caughtUp, s) })
	for _, service := range good {
		r.note(service, nil)
	}
	r.over = true
	r.noteSink()
	switch {
	case len(good) == len(r.due):
		return everything
	case len(good) == 0:
		return nothing
	}
	return something
}

// choose notes which services are asked.
func (r *round) choose() {
	if r.profile.Chosen(r.choice) {
		r.poller.causes.dropped(r.profile)
		r.log.Warn("some services are not allowed; to allow them, authorise the profile again", "services", r.choice.Barred)
	}
}

// stayBarred keeps the services barred that Withings did not allow when they were last
// asked, and that are not asked now.
func (r *round) stayBarred() {
	for _, service := range r.profile.Status.Condition().Barred {
		if !r.choice.Sure && slices.Contains(r.choice.Asked, service) && !slices.Contains(r.due, service) {
			r.choice = r.choice.Bar(service)
		}
	}
}

// lagging are the services of which the sink may lack something, besides the good ones:
// those that are not due and could be read when they were last asked.
func (r *round) lagging(good []Service) []Service {
	failing := r.profile.Status.Condition().Problems
	return slices.DeleteFunc(slices.Clone(r.choice.Asked), func(s Service) bool {
		_, fails := failing[s]
		return !slices.Contains(good, s) && (fails || slices.Contains(r.due, s))
	})
}

// changed are the services of which something new was read in the round.
func (r *round) changed() map[Service]bool {
	all := map[Service]bool{}
	for service, n := range r.profile.State.changes() {
		if n != r.before[service] {
			all[service] = true
		}
	}
	return all
}

// logAdded logs how many new records the poll has read of each service, if any. Minutes
// come all day and are no news.
func (r *round) logAdded(before map[Service]int) {
	now, news := r.profile.State.added(), []any{}
	for _, service := range Services() {
		if n := now[service] - before[service]; n > 0 && !service.Row().Minutes {
			news = append(news, string(service), n)
		}
	}
	if len(news) > 0 {
		r.log.Info("new records", news...)
	}
}

// stage does one step for each service and returns those that succeeded, or the
// outcome if the poll ends with it.
func (r *round) stage(ctx context.Context, services []Service, step func(context.Context, Service) error) (good []Service, result outcome, ended bool) {
	barred, failed := map[Service]error{}, map[Service]error{}
	refused, idle := 0, 0
	for _, service := range services {
		err := step(r.within(ctx, service), service)
		unasked := errors.Is(err, errIdle)
		if unasked {
			err = failed[service.Row().Follows]
		}
		failed[service] = err
		r.unheard = r.unheard || errors.Is(err, ErrUnreachable)
		r.heard = r.heard || !unasked && errors.Is(err, ErrAnswered)
		switch {
		case ctx.Err() != nil:
			return nil, nothing, true
		case errors.Is(err, ErrNotAuthorized) && errors.Is(r.profile.Ready(ctx), ErrNotAuthorized):
			return nil, denied, true
		case errors.Is(err, ErrAskAgain): // no failure: the next poll, which Ready begins, asks for it
			return nil, nothing, true
		case errors.Is(err, ErrNotAllowed) && !r.choice.Sure:
			barred[service] = err
		case err != nil && unasked:
			idle++ // the problem is that of the service which it follows
		case err != nil:
			if errors.Is(err, ErrTokenRefused) {
				refused++
			}
			r.note(service, err)
		default:
			good = append(good, service)
		}
	}
	if refused > 0 && refused+idle+len(barred) == len(services) && r.profile.Refused != nil {
		if r.profile.Refused(); errors.Is(r.profile.Ready(ctx), ErrNotAuthorized) {
			return nil, denied, true
		}
	}
	r.settle(barred, len(good) > 0)
	return good, nothing, false
}

// within is a context in which a service is asked.
func (r *round) within(ctx context.Context, service Service) context.Context {
	if r.by == nil {
		return ctx
	}
	return Due(ctx, r.by(service))
}

// settle bars the services that Withings does not allow. If no service answered, a
// proxy may be blocking the requests: that is a problem of each.
func (r *round) settle(barred map[Service]error, open bool) {
	for _, service := range Services() { // in a fixed order for the log
		switch err, met := barred[service]; {
		case !met:
		case open:
			r.choice = r.choice.Bar(service)
			r.due = slices.DeleteFunc(slices.Clone(r.due), func(s Service) bool { return s == service })
		default:
			r.note(service, err)
		}
	}
}

// lacksPast reports whether the past of any service has not been read yet.
func (r *round) lacksPast() bool {
	return slices.ContainsFunc(r.due, func(s Service) bool { return !r.profile.State.Progress(s).Done })
}

// fresh reads what is new in one service, for the sink too if that is as far as the
// gauges.
func (r *round) fresh(ctx context.Context, service Service) error {
	cursors := []cursor{r.profile.State}
	if service.Row().Minutes {
		if r.forward.open() {
			cursors = append(cursors, r.forward)
		}
		return r.minutes(ctx, service, cursors)
	}
	if r.forward.reached(service, r.profile.State.Progress(service).Updated) {
		cursors = append(cursors, r.forward)
	}
	return r.news(ctx, service, cursors)
}

// news reads what is new since the first cursor, for all of them.
func (r *round) news(ctx context.Context, service Service, cursors []cursor) error {
	was := progresses(service, cursors)
	from, now := was[0], r.poller.Now()
	doubted := !r.profile.State.Progress(service).Doubted.IsZero() // whether it lasts is seen when everything is read again
	if r.notified || !doubted && !outdated(from.Reread, now, r.reread(service)) {
		from.Reread = now // only changes are read
	}
	fetched, err := r.read(ctx, service, from, cursors)
	if err != nil {
		return err
	}
	now = r.poller.Now()
	for i, c := range cursors {
		if err := c.Advance(service, func(is *Progress) { is.Renew(fetched, was[i], now) }); err != nil {
			return err
		}
	}
	return nil
}

// progresses is where each cursor is.
func progresses(service Service, cursors []cursor) []Progress {
	all := make([]Progress, len(cursors))
	for i, c := range cursors {
		all[i] = c.Progress(service)
	}
	return all
}

// taker passes batches to the gauges, and to the sink if it is among the cursors.
func (r *round) taker(ctx context.Context, cursors []cursor) func(Batch) {
	forward := slices.Contains(cursors, cursor(r.forward))
	return func(b Batch) {
		if r.heed != nil {
			r.heed(b)
		}
		r.profile.State.Apply(b)
		if forward {
			r.forward.put(ctx, r.completer.Complete(b))
		}
	}
}

// past reads a service's history back as far as gauges can need it: to its
// beginning for measures, since a height may be years old, and to the first record
// for sleep and workouts. When a change requires reading it again, that waits for
// the next poll, so that this one ends.
func (r *round) past(ctx context.Context, service Service) error {
	for {
		cursors := []cursor{r.profile.State}
		if r.forward.alongside(service, r.profile.State.Progress(service)) {
			cursors = append(cursors, r.forward)
		}
		if done, err := r.older(ctx, service, cursors); done || err != nil {
			return err
		}
	}
}

// older reads the next part of the past before the first cursor, for all of them,
// and reports whether it was the last one for now.
func (r *round) older(ctx context.Context, service Service, cursors []cursor) (done bool, err error) {
	starts := progresses(service, cursors)
	was := starts[0]
	if was.Done {
		return true, nil
	}
	back, needed := time.Time{}, service.Row().needsPast(r.profile.State)
	if needed {
		take, listless := r.taker(ctx, cursors), false
		back, err = r.profile.Fetch.Older(ctx, service, was, func(b Batch) {
			listless = listless || b.Listless
			take(b)
		})
		if err != nil {
			return false, err
		}
		if listless && r.profile.State.count(service) > 0 {
			// Withings may mean that there is nothing, or it is a mistake: what is known
			// stays, and the next poll asks again.
			return true, nil
		}
		if !back.IsZero() && !was.Back.IsZero() && !back.Before(was.Back) {
			return false, fmt.Errorf("the history of %s does not go back further than %s; the next poll tries again",
				service.Row().Noun, was.Back.Format(time.DateOnly))
		}
	}
	done = !needed || back.IsZero()
	for i, c := range cursors {
		err := c.Advance(service, func(is *Progress) {
			switch {
			case is.resets != starts[i].resets:
				done = true // the next poll reads the past again
			case needed:
				is.Back, is.Done = back, back.IsZero()
			default:
				is.Done = true
			}
		})
		if err != nil {
			return false, err
		}
	}
	return done, nil
}
