package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
// fields with an upper-case name are required.
type Keeper struct {
	Account  Account
	Receiver *Receiver
	Box      *Box
	File     File
	External string                    // the exporter's address, as Withings reaches it
	Owner    func() string             // Withings' number of the person; "" if it is not known
	Wanted   func() []exporter.Service // whose news to have announced
	Doubt    func() bool               // whether polling has found news that were not announced
	Pause    func(context.Context, time.Duration) error
	Now      func() time.Time
	Log      *slog.Logger

	address string            // where notifications are taken; "" before the first Upkeep
	began   time.Time         // when the last subscription was asked for
	called  time.Time         // when a subscription was last made or ended, by the clock of the machine
	refused map[int]time.Time // categories that Withings does not take, and when it said so
	failed  map[string]bool   // addresses whose subscriptions could not be ended, which was logged
	idle    time.Time         // nothing is tried before, since the address is not one that Withings can reach
}

// Known has the receiver answer at the address of the last time, before Upkeep first asks Withings.
func (k *Keeper) Known() {
	if s := k.File.Peek(); s != "" {
		k.Receiver.move(k.Box, s)
	}
}

// Upkeep looks which subscriptions there are, ends those at former addresses and makes those that are missing. Of
// several that are missing, each takes five seconds.
func (k *Keeper) Upkeep(ctx context.Context) error {
	if k.Now().Before(k.idle) {
		return nil
	}
	owner := k.Owner()
	secret, note, err := k.File.Secret(ctx, owner)
	if note != nil {
		k.Log.Warn("notifications get a new address", "err", note)
	}
	if err != nil {
		return err
	}
	k.Receiver.move(k.Box, secret)
	k.address = Address(k.External, secret)
	all, err := k.Account.Subscriptions(ctx)
	if err != nil {
		return fmt.Errorf("list the subscriptions to notifications: %w", err)
	}
	wanted := Wanted(k.Wanted())
	k.Box.confirm(owner, listed(all, k.address), k.Now())
	if err := k.clean(ctx, all, wanted); err != nil {
		return err
	}
	return k.complete(ctx, wanted)
}

// listed are the categories of the subscriptions at an address.
func listed(all []withings.Subscription, address string) []int {
	var categories []int
	for _, s := range all {
		if s.Callback == address {
			categories = append(categories, s.Category)
		}
	}
	return categories
}

// clean ends the subscriptions of this exporter that are of no use: at a former address, or to a category that is not wanted
// any more. Those of other programs stay. One that cannot be ended does no harm.
func (k *Keeper) clean(ctx context.Context, all []withings.Subscription, wanted []int) error {
	for _, s := range all {
		if s.Callback == k.address && slices.Contains(wanted, s.Category) || !k.own(s.Callback) {
			continue
		}
		err := k.unsubscribe(ctx, s.Callback, s.Category)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !k.failed[s.Callback]:
			k.Log.Warn("a former subscription to notifications was not ended", "err", err)
			if k.failed == nil {
				k.failed = map[string]bool{}
			}
			k.failed[s.Callback] = true
		}
	}
	return nil
}

// own reports whether an address is or was this profile's: it ends in its secret, or is below the exporter's address and of no
// other profile, which may be the same person's.
func (k *Keeper) own(address string) bool {
	return k.Box.is(address) || strings.HasPrefix(address, Address(k.External, "")) && !k.Receiver.knows(address)
}

// complete makes the subscriptions that are missing, and once again those of which nothing has arrived for long.
func (k *Keeper) complete(ctx context.Context, wanted []int) error {
	var failed []error
	limit := silence
	if k.Doubt() {
		limit = doubted
	}
	for _, category := range wanted {
		silent := k.Box.silent(category, k.Now().Add(-limit))
		if k.Box.confirms(category) && !silent || k.tried(category) {
			continue
		}
		if silent {
			k.Log.Debug("subscribing to notifications again, since none has arrived for long", "category", category)
			if err := k.unsubscribe(ctx, k.address, category); err != nil {
				return fmt.Errorf("renew the subscription to notifications about %s: %w", Words(category), err)
			}
		}
		err := k.subscribe(ctx, category)
		switch {
		case err == nil:
		case errors.Is(err, withings.ErrCallback):
			return k.unreachable(err)
		case errors.Is(err, withings.ErrCategory):
			k.refuse(category)
			if !uncertain[category] {
				failed = append(failed, fmt.Errorf("subscribe to notifications about %s: %w; polling goes on as without them", Words(category), err))
			}
		default:
			return fmt.Errorf("subscribe to notifications about %s: %w", Words(category), err)
		}
	}
	return errors.Join(failed...)
}

// tried reports whether Withings has refused a category not long ago.
func (k *Keeper) tried(category int) bool {
	at, was := k.refused[category]
	return was && k.Now().Sub(at) < patience
}

// refuse notes that Withings refused a category.
func (k *Keeper) refuse(category int) {
	if k.refused == nil {
		k.refused = map[int]time.Time{}
	}
	k.refused[category] = k.Now()
}

// subscribe subscribes when it may.
func (k *Keeper) subscribe(ctx context.Context, category int) error {
	if err := k.wait(ctx, gapSubscribe); err != nil {
		return err
	}
	k.began = k.Now()
	err := k.Account.Subscribe(ctx, k.address, category)
	k.called = time.Now()
	if err == nil {
		k.Box.subscribed(category, k.Now())
	}
	return err
}

// unsubscribe ends a subscription when it may.
func (k *Keeper) unsubscribe(ctx context.Context, address string, category int) error {
	if err := k.wait(ctx, gapRevoke); err != nil {
		return err
	}
	err := k.Account.Unsubscribe(ctx, address, category)
	k.called = time.Now()
	if err == nil && address == k.address {
		k.Box.unsubscribed(category)
	}
	return err
}

// wait waits until a time has passed since the last call.
func (k *Keeper) wait(ctx context.Context, gap time.Duration) error {
	if k.called.IsZero() {
		return ctx.Err()
	}
	return k.Pause(ctx, gap-time.Since(k.called))
}

// Announced lists the wanted services whose news Withings is known to announce. It may be called at any time.
func (k *Keeper) Announced() []exporter.Service {
	return announced(k.Wanted(), k.Box.confirmedFor(k.Owner()))
}
