package exporter

import (
	"context"
	"time"
)

// dueKey is the key of the moment that Due notes.
type dueKey struct{}

// Due returns a context whose requests to Withings should be sent by a moment, of the
// clock of the machine. It is not a deadline: where the rate limit makes requests wait,
// those due earliest go first, and a late one is still sent. The zero time goes before
// everything; a request without a moment is due when it is made.
func Due(ctx context.Context, at time.Time) context.Context {
	return context.WithValue(ctx, dueKey{}, at)
}

// DueOf is the moment of the innermost Due of a context, and whether there is one.
func DueOf(ctx context.Context) (time.Time, bool) {
	at, ok := ctx.Value(dueKey{}).(time.Time)
	return at, ok
}
