// Package retry says how long to wait before another try.
package retry

import (
	"math/rand/v2"
	"time"
)

// Backoff is how long to wait after a failure: First, then twice as long each time, but
// no longer than Most.
type Backoff struct{ First, Most time.Duration }

// Next is the wait after one of this length, which is 0 if there was none. It depends
// on nothing else, so a wait can be saved in a file and shared.
func (b Backoff) Next(last time.Duration) time.Duration {
	return min(max(2*last, b.First), b.Most)
}

// Spread makes a wait up to a twentieth shorter or longer, at random, so that clients
// that started together, as after an outage, drift apart.
func Spread(wait time.Duration) time.Duration {
	return wait - wait/20 + time.Duration(rand.Int64N(int64(wait/10)+1))
}
