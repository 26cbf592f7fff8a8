package withings

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"withings-exporter/exporter"
	"withings-exporter/exporter/retry"
)

// share is the part of a minute's requests that may be sent at once after a quiet
// time. The others are spread over the minute, so that no minute exceeds the limit.
// With the default of 100, the first poll of two profiles is sent at once.
const share = 4

// coolOff is how long no request is sent after a 601: longer if the next one gets a
// 601 again.
var coolOff = retry.Backoff{First: time.Minute, Most: 5 * time.Minute}

// Budget shares the rate limit of one application. It is safe for concurrent use.
type Budget struct {
	now     func() time.Time
	limiter *rate.Limiter
	turn    chan struct{} // full while a request waits for the limiter
	tally   *Tally        // of all processes; nil when there is only this one

	mu        sync.Mutex // guards what follows; never held while waiting for anything
	perMinute int
	rests     pause // the current cool-off, or the last one
}

// pause is a cool-off.
type pause struct {
	until  time.Time     // no request before
	length time.Duration // in all
}

// NewBudget allows at most perMinute requests in any minute, but at least 1. Real time
// counts, so now must be a real clock. A tally, if not nil, adds the requests of
// other processes and remembers a cool-off.
func NewBudget(perMinute int, now func() time.Time, tally *Tally) *Budget {
	limit, burst := limits(perMinute)
	b := &Budget{now: now, limiter: rate.NewLimiter(limit, burst), turn: make(chan struct{}, 1),
		tally: tally, perMinute: max(perMinute, 1)}
	if tally != nil {
		b.rests = tally.pending(now())
	}
	return b
}

// Allow changes the limit. Requests already sent still count, and a cool-off goes on.
func (b *Budget) Allow(perMinute int) {
	limit, burst := limits(perMinute)
	b.limiter.SetLimitAt(b.now(), limit)
	b.limiter.SetBurstAt(b.now(), burst)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.perMinute = max(perMinute, 1)
}

// limits are the rate and the burst that together allow perMinute in any minute.
func limits(perMinute int) (rate.Limit, int) {
	burst := max(perMinute/share, 1)
	return rate.Limit(float64(max(perMinute-burst, 1)) / 60), burst
}

// Pace is how many requests a minute a budget allows in the long run, without those
// that may be sent at once after a quiet time.
func Pace(perMinute int) float64 {
	limit, _ := limits(perMinute)
	return float64(limit) * 60
}

// Duration is how long a number of requests takes after a quiet time.
func (b *Budget) Duration(requests int) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	limit, burst := limits(b.perMinute)
	return time.Duration(float64(max(requests-burst, 0)) / float64(limit) * float64(time.Second))
}

// Wait returns when the next request may be sent, or when ctx ends. Requests are
// served in order, including those that a cool-off held up.
func (b *Budget) Wait(ctx context.Context) error {
	select {
	case b.turn <- struct{}{}: // waiting senders are served in order
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		if err := exporter.Pause(ctx, b.rest()); err != nil {
			return err
		}
		slot := b.limiter.ReserveN(b.now(), 1)
		if err := exporter.Pause(ctx, slot.DelayFrom(b.now())); err != nil {
			slot.CancelAt(b.now())
			return err
		}
		if b.rest() <= 0 { // there was no 601 in the meantime
			return b.turnOfAll(ctx)
		}
	}
}

// turnOfAll returns when the limit has room for a request among all processes.
func (b *Budget) turnOfAll(ctx context.Context) error {
	for b.tally != nil {
		b.mu.Lock()
		perMinute := b.perMinute
		b.mu.Unlock()
		if perMinute > mostTallied {
			break
		}
		wait, rests, err := b.tally.take(ctx, b.now, perMinute)
		if err != nil {
			return err
		}
		b.share(rests)
		if wait <= 0 {
			break
		}
		if err := exporter.Pause(ctx, wait); err != nil {
			return err
		}
	}
	return nil
}

// share takes over a cool-off of another process.
func (b *Budget) share(p pause) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.until.After(b.rests.until) {
		b.rests = p
	}
}

// rest is what remains of a cool-off.
func (b *Budget) rest() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rests.until.Sub(b.now())
}

// CoolOff stops all requests after a 601. Several 601 at the same time count once.
func (b *Budget) CoolOff() {
	now := b.now()
	b.mu.Lock()
	if now.Before(b.rests.until) {
		b.mu.Unlock()
		return
	}
	length := coolOff.Next(b.rests.length)
	b.rests = pause{until: now.Add(length), length: length}
	rests := b.rests
	b.mu.Unlock()
	if b.tally != nil {
		b.tally.coolOff(context.Background(), b.now, rests) // ends by itself, after seconds
	}
}

// Fine notes that Withings answers again.
func (b *Budget) Fine() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.now().Before(b.rests.until) {
		b.rests.length = 0
	}
}

// Until is the end of a cool-off, zero when there is none.
func (b *Budget) Until() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.now().Before(b.rests.until) {
		return b.rests.until
	}
	return time.Time{}
}
