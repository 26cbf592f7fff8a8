package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"withings-exporter/exporter/withings"
)

// End ends all subscriptions whose addresses end in a secret, a second apart, and returns how many there were. One that fails
// does not keep it from the others.
func End(ctx context.Context, account Account, s Secret, pause func(context.Context, time.Duration) error) (ended int, err error) {
	all, err := account.Subscriptions(ctx)
	if err != nil {
		return 0, fmt.Errorf("ask for the subscriptions to notifications: %w", err)
	}
	all = slices.DeleteFunc(all, func(sub withings.Subscription) bool { return !s.has(sub.Callback) })
	err = EndThese(ctx, account, all, pause, func(withings.Subscription) { ended++ })
	return ended, err
}

// EndThese ends subscriptions, a second apart, and tells which have ended. One that fails does not keep it from the others.
func EndThese(ctx context.Context, account Account, these []withings.Subscription, pause func(context.Context, time.Duration) error,
	ended func(withings.Subscription)) error {
	var failed []error
	for i, sub := range these {
		if i > 0 {
			if err := pause(ctx, gapRevoke); err != nil {
				return errors.Join(append(failed, err)...)
			}
		}
		if err := account.Unsubscribe(ctx, sub.Callback, sub.Category); err != nil {
			failed = append(failed, fmt.Errorf("end the subscription to notifications about %s: %w", About(sub.Category), err))
			continue
		}
		ended(sub)
	}
	return errors.Join(failed...)
}

// About is what the news of a category are about, for a text.
func About(category int) string {
	if words := Words(category); words != "" {
		return words
	}
	return fmt.Sprintf("category %d", category)
}
