package simulator

import (
	"sync"
	"time"
)

const (
	defaultLimit = 120 // requests per minute and application
	limitWindow  = time.Minute
)

// limiter counts requests per client id in real time.
type limiter struct {
	now     func() time.Time
	limit   int
	sliding bool

	mu   sync.Mutex // guards seen
	seen map[string][]time.Time
}

func newLimiter(now func() time.Time, s Limiter) *limiter {
	return &limiter{
		now:     now,
		limit:   orDefault(s.Limit, defaultLimit),
		sliding: s.Window == SlidingWindow,
		seen:    make(map[string][]time.Time),
	}
}

// allow counts a request of a client and reports whether it is within the limit. Refused requests are not
// counted, so a client that keeps knocking gets in again when the window moves on.
func (l *limiter) allow(client string) bool {
	if l.limit < 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	times := l.current(l.seen[client], now)
	allowed := len(times) < l.limit
	if allowed {
		times = append(times, now)
	}
	l.seen[client] = times
	return allowed
}

// current drops the requests that no longer count. The lock must be held.
func (l *limiter) current(times []time.Time, now time.Time) []time.Time {
	if l.sliding {
		for len(times) > 0 && now.Sub(times[0]) >= limitWindow {
			times = times[1:]
		}
		return times
	}
	if len(times) > 0 && now.Sub(times[0]) >= limitWindow {
		return times[:0]
	}
	return times
}
