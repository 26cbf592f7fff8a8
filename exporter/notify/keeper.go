package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/withings"
)

const (
	// gapSubscribe and gapRevoke are the time after which the next subscription may be made or ended: Withings has been seen
	// to fail when they follow each other quickly. Home Assistant waits as long.
	gapSubscribe = 5 * time.Second
	gapRevoke    = time.Second
	// patience is for how long a category that was refused is not tried again.
	patience = 24 * time.Hour
	// silence is for how long nothing may arrive of a category before the subscription is made again: one that Withings has
	// ended may still be listed. Most categories have news every day or two.
	silence = 36 * time.Hour
	// doubted is the same once polling has found news that were not announced.
	doubted = 6 * time.Hour
)

// Account is where subscriptions are kept; *withings.Account is one.
type Account interface {
	Subscriptions(context.Context) ([]withings.Subscription, error)
	Subscribe(ctx context.Context, callback string, category int) error
	Unsubscribe(ctx context.Context, callback string, category int) error
}

// Keeper keeps the subscriptions of one profile. It is for one goroutine, except Announced. All
// fields with an upper-case name but Pause, Meant, Password and Client are required.
type Keeper struct {
	Account  Account
	Receiver *Receiver
	Box      *Box
	File     File
	External string                    // the exporter's address, as Withings reaches it
	Owner    func() string             // Withings' number of the person; "" if it is not known
	Wanted   func() []exporter.Service // whose news to have announced
	Doubt    func() bool               // whether polling has found news that were not announced
	Now      func() time.Time
	Log      *slog.Logger

	Meant    bool         // notifications are wanted, so it is an error if the address is not one for them
	Password bool         // serve asks everybody for a password at the address
	Client   *http.Client // for requests to the address; nil is the usual one

	// Pause waits between two subscriptions within Upkeep; if it is nil, Upkeep ends there and is to be called again.
	Pause func(context.Context, time.Duration) error

	todo    []step          // what is left of an upkeep
	person  string          // for whom that is
	address string          // where notifications are taken; "" before the first Upkeep
	began   time.Time       // when the last subscription was asked for
	called  time.Time       // when a subscription was last made or ended, by the clock of the machine
	refused map[int]refusal // categories that Withings does not take
	failed  map[string]bool // addresses whose subscriptions could not be ended, which was logged
	idle    time.Time       // nothing is tried before, since the address is not one that Withings can reach
}

// Known has the receiver answer at the address of the last time, before Upkeep first asks Withings.
func (k *Keeper) Known() {
	k.Box.expect(k.Meant || Unfit(k.External, k.Password) == "")
	if s := k.File.Peek(); s != "" {
		k.Receiver.move(k.Box, s)
	}
}

// step is a subscription to make or to end.
type step struct {
	end      bool
	callback string
	category int
	silent   bool // it is ended to be made again
}

// gap is how long a step must come after the one before.
func (s step) gap() time.Duration {
	if s.end {
		return gapRevoke
	}
	return gapSubscribe
}

// Upkeep looks which subscriptions there are, ends those at former addresses and makes those that are missing. The error is
// exporter.Unfinished when it is to be called again soon, since subscriptions must not follow each other quickly.
func (k *Keeper) Upkeep(ctx context.Context) error {
	if k.Now().Before(k.idle) {
		return nil
	}
	if len(k.todo) == 0 || k.person != k.Owner() {
		if err := k.look(ctx); err != nil {
			return err
		}
	}
	for len(k.todo) > 0 {
		if err := k.wait(ctx, k.todo[0].gap()); err != nil {
			return err
		}
		next := k.todo[0]
		k.todo = k.todo[1:]
		if err := k.do(ctx, next); err != nil {
			k.todo = nil // the next upkeep looks again
			return err
		}
	}
	return k.refusals()
}

// look asks for the list of subscriptions and notes what is to be done.
func (k *Keeper) look(ctx context.Context) error {
	owner := k.Owner()
	secret, note, err := k.File.Secret(ctx, owner)
	if note != nil {
		k.Log.Warn("notifications get a new address", "err", note)
	}
	if err != nil {
		return err
	}
	k.Receiver.move(k.Box, secret)
	k.address, k.person, k.todo = Address(k.External, secret), owner, nil
	all, err := k.Account.Subscriptions(ctx)
	if err != nil {
		return fmt.Errorf("ask for the subscriptions to notifications: %w", err)
	}
	wanted := Wanted(k.Wanted())
	k.Box.confirm(owner, listed(all, k.address), k.Now())
	k.todo = append(k.useless(all, wanted), k.missing(wanted)...)
	return nil
}

// listed are the categories of the subscriptions at an address.
func listed(all []withings.Subscription, address string) []int {
	var categories []int
	for _, s := range all {
		if plain(s.Callback) == address {
			categories = append(categories, s.Category)
		}
	}
	return categories
}

// useless are the ends of this exporter's subscriptions that are of no use: at a former address, or to a category that is not
// wanted any more. Those of other programs stay.
func (k *Keeper) useless(all []withings.Subscription, wanted []int) []step {
	var steps []step
	for _, s := range all {
		if k.own(s.Callback) && !(plain(s.Callback) == k.address && slices.Contains(wanted, s.Category)) {
			steps = append(steps, step{end: true, callback: s.Callback, category: s.Category})
		}
	}
	return steps
}

// own reports whether an address is or was this profile's: it ends in its secret, or is below the exporter's address and of no
// other profile, which may be the same person's.
func (k *Keeper) own(address string) bool {
	address = plain(address)
	return k.Box.is(address) || strings.HasPrefix(address, Address(k.External, "")) && !k.Receiver.knows(address)
}

// missing are the subscriptions to make: those that are missing, and once again those of which nothing has arrived for long.
func (k *Keeper) missing(wanted []int) []step {
	limit := silence
	if k.Doubt() {
		limit = doubted
	}
	var steps []step
	for _, category := range wanted {
		silent := k.Box.silent(category, k.Now().Add(-limit))
		if k.Box.confirms(category) && !silent || k.tried(category) {
			continue
		}
		if silent {
			steps = append(steps, step{end: true, callback: k.address, category: category, silent: true})
		}
		steps = append(steps, step{callback: k.address, category: category})
	}
	return steps
}

// tried reports whether Withings has refused a category not long ago.
func (k *Keeper) tried(category int) bool {
	was, known := k.Box.refusal(category)
	return known && k.Now().Sub(was.at) < patience
}

// refusals are the errors of categories that Withings refused not long ago, except of uncertain ones.
func (k *Keeper) refusals() error {
	var all []error
	for _, category := range Categories() {
		if was, _ := k.Box.refusal(category); k.tried(category) && !exporter.Uncertain(category) {
			all = append(all, fmt.Errorf("subscribe to notifications about %s: %w; they are polled as often as without notifications", Words(category), was.err))
		}
	}
	return errors.Join(all...)
}

// wait waits until a time has passed since the last call, or says that Upkeep is to go on then.
func (k *Keeper) wait(ctx context.Context, gap time.Duration) error {
	rest := gap - time.Since(k.called)
	switch {
	case k.called.IsZero(), rest <= 0:
		return ctx.Err()
	case k.Pause != nil:
		return k.Pause(ctx, rest)
	}
	return exporter.Unfinished{After: rest}
}

// do does one step.
func (k *Keeper) do(ctx context.Context, s step) error {
	if s.end {
		return k.unsubscribe(ctx, s)
	}
	k.began = k.Now()
	err := k.Account.Subscribe(ctx, s.callback, s.category)
	k.called = time.Now()
	switch {
	case err == nil:
		k.Box.subscribed(s.category, k.Now())
		return nil
	case errors.Is(err, withings.ErrCallback):
		return k.unreachable(ctx, err)
	case errors.Is(err, withings.ErrCategory):
		k.Box.refuse(s.category, refusal{k.Now(), err})
		return nil
	}
	return fmt.Errorf("subscribe to notifications about %s: %w", Words(s.category), err)
}

// unsubscribe ends a subscription. One of no use that cannot be ended does no harm.
func (k *Keeper) unsubscribe(ctx context.Context, s step) error {
	err := k.Account.Unsubscribe(ctx, s.callback, s.category)
	k.called = time.Now()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		if s.callback == k.address {
			k.Box.unsubscribed(s.category)
		}
		return nil
	case s.silent:
		return fmt.Errorf("subscribe to notifications about %s again: %w", Words(s.category), err)
	}
	if !k.failed[s.callback] {
		k.Log.Warn("a former subscription to notifications was not ended", "err", err)
		if k.failed == nil {
			k.failed = map[string]bool{}
		}
		k.failed[s.callback] = true
	}
	return nil
}

// Announced lists the wanted services whose news Withings is known to announce. It may be called at any time.
func (k *Keeper) Announced() []exporter.Service {
	return announced(k.Wanted(), k.Box.confirmedFor(k.Owner()))
}
