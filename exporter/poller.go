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

// ErrNotAuthorized says that a profile has no token that Withings accepts. Nothing
// is asked for it until there is one.
var ErrNotAuthorized = errors.New("not authorised")

// ErrAskAgain says that the reason why the last poll failed is gone, so the next
// one can start at once.
var ErrAskAgain = errors.New("worth asking again")

// Fetcher reads one profile's services from Withings. Batches reach apply as
// they arrive, also when an error follows.
type Fetcher interface {
	// Fetch reads what is new in a service.
	Fetch(ctx context.Context, service Service, p Progress, apply func(Batch)) (Fetched, error)
	// Older reads the next part of a service's past, newest first, and returns how
	// far back it is known now; the zero time when that was all.
	Older(ctx context.Context, service Service, p Progress, apply func(Batch)) (back time.Time, err error)
}

// Fetched is how far a Fetch has come.
type Fetched struct {
	Updated time.Time // server time up to which changes are known
	Whole   time.Time // from then on everything was read again; zero when only changes were
	Judged  bool      // a complete answer was compared with what is known …
	Doubt             // … and this is missing from it, but not believed to be deleted
}

// Profile is a person as the poller sees one.
type Profile struct {
	State  *State
	Status *Status
	Fetch  Fetcher
	// Choose says before every poll which services to ask; nil means all of them.
	Choose func() Choice
	// Refused is called when every service rejected the token; may be nil.
	// Afterwards Ready may say that another token is needed.
	Refused func()
	Save    func() error // writes the state; called after every poll, even an interrupted one
	// Ready returns nil if there is a token, ErrNotAuthorized if not, ErrAskAgain if
	// there is one again. While there is none, it looks only at the disk.
	Ready func(context.Context) error
	Sink  Sink // gets every reading; may be nil

	// Inbox has what notifications announce; nil without them.
	Inbox *Inbox
	// Announced lists the services whose news Withings announces, since it has confirmed
	// the subscription; nil means none.
	Announced func() []Service
	// Upkeep keeps the subscriptions alive; nil without notifications. It is called
	// between requests of Fetch, never beside one: in the first poll, then every hour,
	// and sooner after a failure.
	Upkeep func(context.Context) error
}

// Poller polls profiles.
type Poller struct {
	Interval time.Duration // between the starts of two polls of a profile
	Longest  time.Duration // between two polls of a failing profile; 0 means an hour
	Recheck  time.Duration // how often to look for a token; 0 means every five seconds
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

// keep polls one profile until ctx ends. It waits by the clock of the machine, since
// the simulated time of the data may run faster.
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

// rest waits for the next poll, or until the profile loses its token or gets one
// that works.
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
			// The poll meets any other error again and reports it.
			if profile.Status.Condition().Denied != "" {
				log.Info("profile is authorised")
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
