package exporter

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// ErrNotAuthorized says that a profile has no token that Withings accepts. Nothing
// is asked for it until there is one.
var ErrNotAuthorized = errors.New("not authorised")

// ErrFile is ErrNotAuthorized because of a file that cannot be used, which no sign-in helps.
var ErrFile = errors.New("a file of the profile cannot be used")

// ErrAskAgain says that the reason why the last poll failed is gone, so the next
// one can start at once. Behind an error of a service it says that another token has come
// meanwhile, with which Ready will say the same: the poll ends, without a failure.
var ErrAskAgain = errors.New("worth asking again")

// Fetcher reads one profile's services from Withings. Batches reach apply as
// they arrive, also when an error follows.
type Fetcher interface {
	// Fetch reads what is new in a service; of one of minutes, the spans that are wanted,
	// or the last day if there are none.
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
	// Tight reports whether requests wait for the rate limit, so that what has time is
	// better asked later; nil means never.
	Tight func() bool
	// Upkeep keeps the subscriptions alive; nil without notifications. It is called
	// between requests of Fetch, never beside one: in the first poll, then every hour,
	// and sooner after a failure, or an Unfinished.
	Upkeep func(context.Context) error
}

// Poller polls profiles.
type Poller struct {
	Interval time.Duration // between the starts of two polls of a profile, unless notifications take the place of polls
	Longest  time.Duration // between two polls of a failing profile; 0 means an hour
	Recheck  time.Duration // how often to look for a token; 0 means every five seconds
	Now      func() time.Time
	Log      *slog.Logger

	polls    gate
	causes   causes // of services
	sinks    causes // of sinks alone, such as a file
	outage   outage
	database database
}

// Run polls every profile, at once and then again and again, until ctx ends and
// the last poll has stopped and saved. Profiles do not wait for each other.
func (p *Poller) Run(ctx context.Context, profiles []*Profile) {
	var running sync.WaitGroup
	p.resume(profiles)
	for _, profile := range profiles {
		running.Go(func() {
			p.keep(ctx, profile)
			p.saveTold(profile)
		})
		if profile.Inbox != nil {
			running.Go(func() { p.keepTold(ctx, profile) })
		}
	}
	running.Wait()
}

func (p *Poller) save(profile *Profile, log *slog.Logger) {
	profile.Status.saving.Lock() // of two at once, the older one could be written last
	defer profile.Status.saving.Unlock()
	saved := profile.State.beforeSave()
	err := profile.Save()
	text := ""
	if err != nil {
		text = err.Error()
	} else {
		saved()
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
