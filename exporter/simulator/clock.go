package simulator

import (
	"sync"
	"time"
)

// clock turns real time into simulated time. Simulated time never goes back, even when the real clock does.
type clock struct {
	real  func() time.Time
	base  time.Time // real time at the start
	start time.Time // simulated time at the start
	speed float64   // simulated seconds per real second

	mu     sync.Mutex // guards the fields below
	jumped time.Duration
	last   time.Time
}

func newClock(real func() time.Time, start time.Time, speed float64) *clock {
	base := real()
	if start.IsZero() {
		start = base
	}
	start = start.Round(0).UTC()
	return &clock{real: real, base: base, start: start, speed: speed, last: start}
}

// now returns the simulated time in UTC.
func (k *clock) now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	elapsed := time.Duration(float64(k.real().Sub(k.base)) * k.speed)
	if t := k.start.Add(elapsed + k.jumped); t.After(k.last) {
		k.last = t
	}
	return k.last
}

// unhurried returns a time that ignores the speed factor but follows jumps. A code lives for 30 seconds; on
// a fast demo those must be real ones, or no client could ever exchange it in time.
func (k *clock) unhurried() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.start.Add(k.real().Sub(k.base) + k.jumped)
}

// advance jumps forward; a negative jump is ignored because simulated time never goes back.
func (k *clock) advance(d time.Duration) {
	if d <= 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.jumped += d
}
