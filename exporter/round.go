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

// round is one poll of a profile.
type round struct {
	poller    *Poller
	profile   *Profile
	log       *slog.Logger
	choice    Choice     // which services are asked
	forward   *forwarder // what is read goes to the sink through it
	completer *Completer // … after it was completed by this
}

// poll asks every service once: first for what is new, which is what people look
// at, then for what is missing of the past, then for what the sink lacks.
func (p *Poller) poll(ctx context.Context, profile *Profile, log *slog.Logger) outcome {
	r := &round{
		poller: p, profile: profile, log: log, choice: profile.choose(),
		forward: &forwarder{sink: profile.Sink}, completer: NewCompleter(profile.State),
	}
	defer r.logAdded(profile.State.added())
	r.forward.begin(ctx)
	good := r.choice.Asked
	for i, step := range []func(context.Context, Service) error{r.fresh, r.past, r.catchUp} {
		var ended bool
		var result outcome
		if good, result, ended = r.stage(ctx, good, step); ended {
			return result
		}
		if profile.Status.Chosen(r.choice) {
			log.Warn("some services are not allowed; to allow them, authorise the profile again", "services", r.choice.Barred)
		}
		if i == 0 && len(good) == len(r.choice.Asked) && r.lacksPast() {
			// What is new is shown now, since the past may take minutes; so is the state
			// of the sink, or the profile would look healthy while the sink fails.
			r.noteSink()
			profile.Status.change(func(c *Condition) { c.Polled, c.Up = p.Now(), true })
			p.save(profile, log)
		}
	}
	for _, service := range good {
		r.note(service, nil)
	}
	r.noteSink()
	switch len(good) {
	case 0:
		return nothing
	case len(r.choice.Asked):
		return everything
	}
	return something
}

// logAdded logs how many new records the poll has read of each service, if any.
func (r *round) logAdded(before map[Service]int) {
	now, news := r.profile.State.added(), []any{}
	for _, service := range Services() {
		if n := now[service] - before[service]; n > 0 {
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
	barred := map[Service]error{}
	refused := 0
	for _, service := range services {
		err := step(ctx, service)
		switch {
		case ctx.Err() != nil:
			return nil, nothing, true
		case errors.Is(err, ErrNotAuthorized) && errors.Is(r.profile.Ready(ctx), ErrNotAuthorized):
			return nil, denied, true
		case errors.Is(err, ErrNotAllowed) && !r.choice.Sure:
			barred[service] = err
		case err != nil:
			if errors.Is(err, ErrTokenRefused) {
				refused++
			}
			r.note(service, err)
		default:
			good = append(good, service)
		}
	}
	if refused > 0 && refused+len(barred) == len(services) && r.profile.Refused != nil {
		if r.profile.Refused(); errors.Is(r.profile.Ready(ctx), ErrNotAuthorized) {
			return nil, denied, true
		}
	}
	r.settle(barred, len(good) > 0)
	return good, nothing, false
}

// settle bars the services that Withings does not allow. If no service answered, a
// proxy may be blocking the requests: that is a problem of each.
func (r *round) settle(barred map[Service]error, open bool) {
	for _, service := range Services() { // in a fixed order for the log
		switch err, met := barred[service]; {
		case !met:
		case open:
			r.choice = r.choice.Bar(service)
		default:
			r.note(service, err)
		}
	}
}

// lacksPast reports whether the past of any service has not been read yet.
func (r *round) lacksPast() bool {
	return slices.ContainsFunc(r.choice.Asked, func(s Service) bool { return !r.profile.State.Progress(s).Done })
}

// note keeps the outcome of a service and logs when it changes.
func (r *round) note(service Service, err error) {
	switch news := r.profile.Status.served(service, err, r.poller.Now()); {
	case !news:
	case err != nil:
		r.log.Warn("service failed", "service", string(service), "err", err)
	default:
		r.log.Info("service works again", "service", string(service))
	}
}

// fresh reads what is new in one service, for the sink too if that is as far as the
// gauges.
func (r *round) fresh(ctx context.Context, service Service) error {
	cursors := []cursor{r.profile.State}
	if r.forward.reached(service, r.profile.State.Progress(service).Updated) {
		cursors = append(cursors, r.forward)
	}
	return r.news(ctx, service, cursors)
}

// news reads what is new since the first cursor, for all of them.
func (r *round) news(ctx context.Context, service Service, cursors []cursor) error {
	was := progresses(service, cursors)
	fetched, err := r.read(ctx, service, was[0], cursors)
	if err != nil {
		return err
	}
	now := r.poller.Now()
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
	if !slices.Contains(cursors, cursor(r.forward)) {
		return r.profile.State.Apply
	}
	return func(b Batch) {
		r.profile.State.Apply(b)
		r.forward.put(ctx, r.completer.Complete(b))
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
