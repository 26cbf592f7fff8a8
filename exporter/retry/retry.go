// Package retry says how long to wait before something is done again.
package retry

import (
	"math/rand/v2"
	"time"
)

// Backoff is how long to wait after something that failed: First, then twice as long
// every time, but no longer than Most.
type Backoff struct{ First, Most time.Duration }

// Next is the wait that follows one of this length, which is 0 if there was none.
// It depends on nothing else, so a wait can be kept in a file and shared.
func (b Backoff) Next(last time.Duration) time.Duration {
	return min(max(2*last, b.First), b.Most)
}

// Spread is a wait that is up to a twentieth shorter or longer, each time another,
// so that what began together, such as every installation after an outage, drifts apart.
func Spread(wait time.Duration) time.Duration {
	return wait - wait/20 + time.Duration(rand.Int64N(int64(wait/10)+1))
}
