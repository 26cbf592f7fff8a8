package notify

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// End ends all subscriptions whose addresses end in a secret, a second apart, and returns how many there were. One that fails
// does not keep it from the others.
func End(ctx context.Context, account Account, s Secret, pause func(context.Context, time.Duration) error) (ended int, err error) {
	all, err := account.Subscriptions(ctx)
	if err != nil {
		return 0, fmt.Errorf("list the subscriptions to notifications: %w", err)
	}
	var failed []error
	for _, sub := range all {
		if !s.has(sub.Callback) {
			continue
		}
		if ended+len(failed) > 0 {
			if err := pause(ctx, gapRevoke); err != nil {
				return ended, err
			}
		}
		if err := account.Unsubscribe(ctx, sub.Callback, sub.Category); err != nil {
			failed = append(failed, fmt.Errorf("end the subscription to notifications about %s: %w", about(sub.Category), err))
			continue
		}
		ended++
	}
	return ended, errors.Join(failed...)
}

// about is what the news of a category are about, for a text.
func about(category int) string {
	if words := Words(category); words != "" {
		return words
	}
	return fmt.Sprintf("category %d", category)
}
