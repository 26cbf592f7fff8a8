package simulator

import (
	"context"
	"time"
)

const (
	// playPause is the real time between two rounds of Play when the simulated clock is fast, and the longest time
	// between two rounds otherwise is playLimit.
	playPause = time.Second
	playLimit = time.Minute
	// playMost is how many notifications a round has when the clock is fast.
	playMost = 50
)

// Play sends the notifications when they are due, until ctx ends. When the simulated clock is faster than the real one,
// it sends once a second, of each kind to each subscription only the newest and no more than fifty: a day in nine
// seconds must not flood anybody.
func (c *Cloud) Play(ctx context.Context) {
	for ctx.Err() == nil {
		if c.options.Speed > 1 {
			c.catchUp(c.clock.now())
			c.notices.thin(c.clock.now(), playMost)
		}
		c.Deliver(ctx)
		if c.options.Speed > 1 {
			rest(ctx, playPause, nil)
		}
		wait := playLimit
		if next, ok := c.NextDelivery(); ok {
			wait = min(wait, time.Duration(float64(next.Sub(c.clock.now()))/c.options.Speed))
		}
		rest(ctx, max(wait, 0), c.notices.wake)
	}
}

// rest waits for a time, for a sign to look again, or for the end.
func rest(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-ctx.Done():
	}
}

// thin leaves of the notifications that are due only the newest of each category and callback, and of those the
// first few.
func (n *notices) thin(now time.Time, most int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	type kind struct {
		appli int64
		url   string
	}
	due := 0
	newest := map[kind]*notice{}
	for ; due < len(n.queue) && !n.queue[due].due.After(now); due++ {
		one := n.queue[due]
		newest[kind{one.appli, one.url}] = one
	}
	kept := make([]*notice, 0, len(n.queue))
	for _, one := range n.queue[:due] {
		if newest[kind{one.appli, one.url}] == one && len(kept) < most {
			kept = append(kept, one)
		}
	}
	n.counts.Lost += due - len(kept)
	n.queue = append(kept, n.queue[due:]...)
}
