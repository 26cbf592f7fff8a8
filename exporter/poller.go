package exporter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// ErrNotAuthorized says that a profile has no token Withings accepts. Whoever
// meets it stops asking until there is another.
var ErrNotAuthorized = errors.New("not authorised")

// Fetcher reads one profile's services from Withings. Batches reach apply as
// they arrive, also when an error follows.
type Fetcher interface {
	// Fetch brings what is new of a service.
	Fetch(ctx context.Context, service Service, p Progress, apply func(Batch)) (Fetched, error)
	// Older brings the next stretch of a service's past, newest first, and
	// returns from when on it is known now; the zero time when that was all.
	Older(ctx context.Context, service Service, p Progress, apply func(Batch)) (back time.Time, err error)
}

// Fetched is how far a Fetch has come.
type Fetched struct {
	Updated time.Time // server time up to which changes are known
	Whole   time.Time // from then on everything was read anew; zero when only changes were
}

// Profile is a person as the poller sees one.
type Profile struct {
	State  *State
	Status *Status
	Fetch  Fetcher
	Save   func() error                // writes the state; called after every poll, also one that was broken off
	Ready  func(context.Context) error // nil: there is a token; ErrNotAuthorized: there is none. Asks nobody but the disk while there is none.
}

// Poller keeps profiles fresh.
type Poller struct {
	Interval time.Duration // between the starts of two polls of a profile
	Longest  time.Duration // between two polls of a profile that fails; 0 means an hour
	Recheck  time.Duration // between two looks for a token; 0 means five seconds
	Now      func() time.Time
	Log      *slog.Logger
}

// Run polls every profile, at once and then again and again, until ctx ends and
// the last poll has stopped and saved. Profiles do not wait for each other.
func (p *Poller) Run(ctx context.Context, profiles []*Profile) {
	var running sync.WaitGroup
	for _, profile := range profiles {
		running.Go(func() { p.keep(ctx, profile) })
	}
	running.Wait()
}

// keep is the life of one profile. How long it waits goes by the clock of the
// machine, whatever clock the data has: simulated time may run faster.
func (p *Poller) keep(ctx context.Context, profile *Profile) {
	log := p.Log.With("profile", profile.State.Profile())
	failures := 0
	for ctx.Err() == nil {
		if !p.awaitToken(ctx, profile, log) {
			return
		}
		profile.Status.change(func(c *Condition) { c.NextPoll = time.Time{} })
		began := time.Now()
		outcome := p.poll(ctx, profile, log)
		p.save(profile, log)
		if ctx.Err() != nil {
			return
		}
		if outcome == nothing {
			failures++
		} else {
			failures = 0
		}
		rest := max(p.pause(failures)-time.Since(began), 0)
		profile.Status.change(func(c *Condition) {
			c.Polled, c.NextPoll, c.Up = p.Now(), p.Now().Add(rest), outcome == everything
		})
		if outcome != denied {
			p.rest(ctx, profile, rest)
		}
	}
}

// rest waits for the next poll, or until the profile has lost its token, which
// is to be told at once.
func (p *Poller) rest(ctx context.Context, profile *Profile, d time.Duration) {
	step := cmp.Or(p.Recheck, 5*time.Second)
	for ; d > 0; d -= step {
		if !sleep(ctx, min(step, d)) || errors.Is(profile.Ready(ctx), ErrNotAuthorized) {
			return
		}
	}
}

// awaitToken returns once the profile has a token; false when ctx ended first.
func (p *Poller) awaitToken(ctx context.Context, profile *Profile, log *slog.Logger) bool {
	for {
		err := profile.Ready(ctx)
		if !errors.Is(err, ErrNotAuthorized) {
			// Any other error is the business of the poll, which meets it again.
			if profile.Status.Condition().Denied != "" {
				log.Info("profile is authorised again")
				profile.Status.change(func(c *Condition) { c.Denied = "" })
			}
			return ctx.Err() == nil
		}
		if profile.Status.Condition().Denied != err.Error() {
			log.Error("profile needs authorisation", "err", err)
			profile.Status.change(func(c *Condition) {
				c.Denied, c.Up, c.NextPoll = err.Error(), false, time.Time{}
			})
		}
		if !sleep(ctx, cmp.Or(p.Recheck, 5*time.Second)) {
			return false
		}
	}
}

type outcome int

const (
	nothing outcome = iota
	something
	everything
	denied
)

// poll asks for every service once: first what is new, which is what people
// look at, then what is missing of the past.
func (p *Poller) poll(ctx context.Context, profile *Profile, log *slog.Logger) outcome {
	good := Services()
	for i, bring := range []func(context.Context, *Profile, Service) error{p.fresh, p.past} {
		var brought []Service
		for _, service := range good {
			err := bring(ctx, profile, service)
			switch {
			case ctx.Err() != nil:
				return nothing
			case errors.Is(err, ErrNotAuthorized) && errors.Is(profile.Ready(ctx), ErrNotAuthorized):
				return denied
			case err != nil:
				p.note(profile, service, err, log)
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
		p.note(profile, service, nil, log)
	}
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
func (p *Poller) note(profile *Profile, service Service, err error, log *slog.Logger) {
	switch news := profile.Status.served(service, err, p.Now()); {
	case !news:
	case err != nil:
		log.Warn("service failed", "service", string(service), "err", err)
	default:
		log.Info("service works again", "service", string(service))
	}
}

// fresh brings what is new of one service.
func (p *Poller) fresh(ctx context.Context, profile *Profile, service Service) error {
	state := profile.State
	was := state.Progress(service)
	fetched, err := profile.Fetch.Fetch(ctx, service, was, state.Apply)
	if err != nil {
		return err
	}
	state.Advance(service, func(is *Progress) {
		is.Updated, is.Success = fetched.Updated, p.Now()
		if !fetched.Whole.IsZero() {
			is.Reread = is.Success
		}
		if is.Back.IsZero() && is.resets == was.resets {
			is.Back = fetched.Whole
		}
	})
	return nil
}

// past reads a service's history back as far as gauges can need it: to its
// beginning for measures, since a height may be years old, and to the first
// record for sleep and workouts. A change that asks for the history once more
// waits for the next poll: a service that changes without end shall not keep
// this one from ending.
func (p *Poller) past(ctx context.Context, profile *Profile, service Service) error {
	state := profile.State
	for {
		was := state.Progress(service)
		if was.Done {
			return nil
		}
		if !service.needsPast(state) {
			state.Advance(service, func(is *Progress) { is.Done = true })
			return nil
		}
		back, err := profile.Fetch.Older(ctx, service, was, state.Apply)
		if err != nil {
			return err
		}
		if !back.IsZero() && !was.Back.IsZero() && !back.Before(was.Back) {
			return fmt.Errorf("the history of %s does not go back further than %s; it is tried again with the next poll",
				service, was.Back.Format(time.DateOnly))
		}
		again := false
		state.Advance(service, func(is *Progress) {
			if again = is.resets != was.resets; !again {
				is.Back, is.Done = back, back.IsZero()
			}
		})
		if again {
			return nil
		}
	}
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

func (p *Poller) save(profile *Profile, log *slog.Logger) {
	err := profile.Save()
	text := ""
	if err != nil {
		text = err.Error()
	}
	if profile.Status.Condition().Unsaved == text {
		return
	}
	if err != nil {
		log.Error("state not saved", "err", err)
	} else {
		log.Info("state is saved again")
	}
	profile.Status.change(func(c *Condition) { c.Unsaved = text })
}

// pause is the time from the start of a poll to the next: the interval, spread
// by a tenth so that many profiles drift apart, and doubled with each failure.
func (p *Poller) pause(failures int) time.Duration {
	longest := max(cmp.Or(p.Longest, time.Hour), p.Interval)
	pause := p.Interval
	for ; failures > 0 && pause < longest; failures-- {
		pause = min(2*pause, longest)
	}
	return pause - pause/20 + time.Duration(rand.Int64N(int64(pause/10)+1))
}

// sleep waits; false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
