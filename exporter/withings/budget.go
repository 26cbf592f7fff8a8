package withings

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"withings-exporter/exporter"
	"withings-exporter/exporter/retry"
)

// share is the part of a minute's requests that may go out at once after a quiet
// time; the others are spread over the minute, so that no minute ever has more
// than it may have. With the default of 100, the first poll of three
// profiles goes out at once.
const share = 4

// coolOff is how long nobody asks after a 601: longer when the next request meets
// the limit again.
var coolOff = retry.Backoff{First: time.Minute, Most: 5 * time.Minute}

// Budget shares one application's rate limit between all that ask. It is safe
// for concurrent use.
type Budget struct {
	now     func() time.Time
	limiter *rate.Limiter
	turn    chan struct{} // holds one element while somebody waits for the limiter
	tally   *Tally        // of all processes; nil when there is only this one

	mu        sync.Mutex // guards what follows; never held while waiting for anything
	perMinute int
	rests     pause // the cool-off under way, or the last one
}

// pause is a cool-off.
type pause struct {
	until  time.Time     // no request before
	length time.Duration // from its beginning on
}

// NewBudget allows at most so many requests in any minute, at least 1, by the clock on the
// wall: now must go with it. A tally, if not nil, has other processes count too, and
// tells of a cool-off from before.
func NewBudget(perMinute int, now func() time.Time, tally *Tally) *Budget {
	limit, burst := limits(perMinute)
	b := &Budget{now: now, limiter: rate.NewLimiter(limit, burst), turn: make(chan struct{}, 1),
		tally: tally, perMinute: max(perMinute, 1)}
	if tally != nil {
		b.rests = tally.pending(now())
	}
	return b
}

// Allow changes how many requests a minute there may be. What was used up stays
// used up, and a cool-off goes on.
func (b *Budget) Allow(perMinute int) {
	limit, burst := limits(perMinute)
	b.limiter.SetLimitAt(b.now(), limit)
	b.limiter.SetBurstAt(b.now(), burst)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.perMinute = max(perMinute, 1)
}

// limits are the rate and the burst that together make so many in any minute.
func limits(perMinute int) (rate.Limit, int) {
	burst := max(perMinute/share, 1)
	return rate.Limit(float64(max(perMinute-burst, 1)) / 60), burst
}

// Pace is how many requests a minute a budget lets through for long, beside the
// part of them that may go out at once after a quiet time.
func Pace(perMinute int) float64 {
	limit, _ := limits(perMinute)
	return float64(limit) * 60
}

// Duration is how long so many requests take after a quiet time.
func (b *Budget) Duration(requests int) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	limit, burst := limits(b.perMinute)
	return time.Duration(float64(max(requests-burst, 0)) / float64(limit) * float64(time.Second))
}

// Wait returns when the next request may go out, or when ctx ends. Requests go
// out in the order in which they came, also those that a cool-off held up.
func (b *Budget) Wait(ctx context.Context) error {
	select {
	case b.turn <- struct{}{}: // those who wait for this are served in order
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
		if b.rest() <= 0 { // no 601 has come in meanwhile
			return b.turnOfAll(ctx)
		}
	}
}

// turnOfAll returns when the other processes leave room for a request.
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

// share takes over a cool-off that another process has met.
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

// CoolOff stops everybody after a 601. Answers to requests that were under way
// together count once.
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
