package exporter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// outcome is what a round came to.
type outcome int

const (
	nothing outcome = iota
	something
	everything
	denied
)

// cursor is how far the services of a profile have been read for somebody: for
// the gauges, or for the sink.
type cursor interface {
	Progress(Service) Progress
	Advance(Service, func(*Progress)) error
}

// round is one poll of a profile.
type round struct {
	*Poller
	*Profile
	log     *slog.Logger
	passing *passing // what is read goes to the sink through it
	diary   *Diary   // … after it was completed by this
}

// poll asks for every service once: first what is new, which is what people
// look at, then what is missing of the past, then what the sink lacks.
func (p *Poller) poll(ctx context.Context, profile *Profile, log *slog.Logger) outcome {
	r := &round{p, profile, log, &passing{sink: profile.Sink}, NewDiary(profile.State)}
	r.passing.begin(ctx)
	good := Services()
	for i, bring := range []func(context.Context, Service) error{r.fresh, r.past, r.catchUp} {
		var brought []Service
		for _, service := range good {
			err := bring(ctx, service)
			switch {
			case ctx.Err() != nil:
				return nothing
			case errors.Is(err, ErrNotAuthorized) && errors.Is(profile.Ready(ctx), ErrNotAuthorized):
				return denied
			case err != nil:
				r.note(service, err)
			default:
				brought = append(brought, service)
			}
		}
		good = brought
		if i == 0 && len(good) == len(Services()) && profile.lacksPast() {
			// The present is known, and told; the past may take minutes.
			profile.Status.change(func(c *Condition) { c.Polled, c.Up = p.Now(), true })
			p.save(profile, log)
		}
	}
	for _, service := range good {
		r.note(service, nil)
	}
	r.noteSink()
	switch len(good) {
	case len(Services()):
		return everything
	case 0:
		return nothing
	}
	return something
}

// lacksPast reports whether the past of any service is still to be read.
func (p *Profile) lacksPast() bool {
	return slices.ContainsFunc(Services(), func(s Service) bool { return !p.State.Progress(s).Done })
}

// note keeps the outcome of a service and logs what is news.
func (r *round) note(service Service, err error) {
	switch news := r.Status.served(service, err, r.Now()); {
	case !news:
	case err != nil:
		r.log.Warn("service failed", "service", string(service), "err", err)
	default:
		r.log.Info("service works again", "service", string(service))
	}
}

// fresh brings what is new of one service. The sink takes it along when it is
// as far as the gauges.
func (r *round) fresh(ctx context.Context, service Service) error {
	cursors := []cursor{r.State}
	if r.passing.reached(service, r.State.Progress(service).Updated) {
		cursors = append(cursors, r.passing)
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
	now := r.Now()
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

// taker hands what is read to the gauges, and to the sink when it is among the
// cursors.
func (r *round) taker(ctx context.Context, cursors []cursor) func(Batch) {
	if !slices.Contains(cursors, cursor(r.passing)) {
		return r.State.Apply
	}
	return func(b Batch) {
		r.State.Apply(b)
		r.passing.put(ctx, r.diary.Complete(b))
	}
}

// past reads a service's history back as far as gauges can need it: to its
// beginning for measures, since a height may be years old, and to the first
// record for sleep and workouts. A change that asks for the history once more
// waits for the next poll: a service that changes without end shall not keep
// this one from ending.
func (r *round) past(ctx context.Context, service Service) error {
	for {
		cursors := []cursor{r.State}
		if r.passing.alongside(service, r.State.Progress(service)) {
			cursors = append(cursors, r.passing)
		}
		if done, err := r.older(ctx, service, cursors); done || err != nil {
			return err
		}
	}
}

// older reads the next stretch of the past before the first cursor, for all of
// them, and reports whether it was the last one for now.
func (r *round) older(ctx context.Context, service Service, cursors []cursor) (done bool, err error) {
	starts := progresses(service, cursors)
	was := starts[0]
	if was.Done {
		return true, nil
	}
	back, needed := time.Time{}, service.needsPast(r.State)
	if needed {
		take, listless := r.taker(ctx, cursors), false
		back, err = r.Fetch.Older(ctx, service, was, func(b Batch) {
			listless = listless || b.Listless
			take(b)
		})
		if held := r.State.count(service); err == nil && listless && held > 0 {
			err = errListless(service, held)
		}
		if err != nil {
			return false, err
		}
		if !back.IsZero() && !was.Back.IsZero() && !back.Before(was.Back) {
			return false, fmt.Errorf("the history of %s does not go back further than %s; it is tried again with the next poll",
				service, was.Back.Format(time.DateOnly))
		}
	}
	done = !needed || back.IsZero()
	for i, c := range cursors {
		err := c.Advance(service, func(is *Progress) {
			switch {
			case is.resets != starts[i].resets:
				done = true // and the past is read once more with the next poll
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

// needsPast reports whether older records than those held can show.
func (s Service) needsPast(state *State) bool {
	switch s {
	case Measure, Objective:
		return true
	case Sleep, Workout:
		return !state.Holds(s)
	}
	return false
}
