package exporter

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"withings-exporter/exporter/retry"
)

// ErrNotAuthorized says that a profile has no token Withings accepts. Whoever
// meets it stops asking until there is another.
var ErrNotAuthorized = errors.New("not authorised")

// ErrAskAgain says that what the last poll failed for has passed: whoever waits
// for the next one need not.
var ErrAskAgain = errors.New("worth asking again")

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
	Whole   time.Time // from then on everything was read again; zero when only changes were
	Judged  bool      // whether anything is gone was judged, by a whole answer …
	Doubt             // … and this is what is not believed
}

// Profile is a person as the poller sees one.
type Profile struct {
	State  *State
	Status *Status
	Fetch  Fetcher
	// Choose says which services are asked, before every poll; nil is all of them.
	Choose func() Choice
	// Refused hears that no service took the token though all were asked, nil: nobody
	// wants to know. Afterwards Ready may say that another one is needed.
	Refused func()
	Save    func() error                // writes the state; called after every poll, also one that was broken off
	Ready   func(context.Context) error // nil: there is a token; ErrNotAuthorized: there is none; ErrAskAgain: there is one again. Asks nobody but the disk while there is none.
	Sink    Sink                        // is given every reading; nil when there is none
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
	wait := p.Interval
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
			wait = retry.Backoff{First: p.Interval, Most: max(cmp.Or(p.Longest, time.Hour), p.Interval)}.Next(wait)
		} else {
			wait = p.Interval
		}
		rest := max(retry.Spread(wait)-time.Since(began), 0)
		profile.Status.change(func(c *Condition) {
			c.Polled, c.NextPoll, c.Up = p.Now(), p.Now().Add(rest), outcome == everything
		})
		if outcome != denied {
			p.rest(ctx, profile, rest)
		}
	}
}

// rest waits for the next poll, or until the profile has lost its token, which
// is to be told at once, or has got one that works.
func (p *Poller) rest(ctx context.Context, profile *Profile, d time.Duration) {
	step := cmp.Or(p.Recheck, 5*time.Second)
	for ; d > 0; d -= step {
		if Pause(ctx, min(step, d)) != nil {
			return
		}
		if err := profile.Ready(ctx); errors.Is(err, ErrNotAuthorized) || errors.Is(err, ErrAskAgain) {
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
		if Pause(ctx, cmp.Or(p.Recheck, 5*time.Second)) != nil {
			return false
		}
	}
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
