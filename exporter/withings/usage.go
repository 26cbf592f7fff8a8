package withings

import (
	"math"
	"time"
)

const (
	// slot is how exactly the times of requests are remembered. Six of them and the one
	// under way count as the last hour.
	slot = 10 * time.Minute
	// slots are those of a day, and the one under way.
	slots = int64(24*time.Hour/slot) + 1
)

// usage is how many requests were sent in the last day: 300 bytes for each profile.
type usage struct {
	last  int64 // the slot under way, counted from the budget's beginning
	sent  [slots]uint16
	since time.Time // when the first was sent
}

// turn forgets what is older than a day.
func (u *usage) turn(at int64) {
	for steps := min(at-u.last, slots); steps > 0; steps-- {
		u.sent[(at-steps+1)%slots] = 0
	}
	u.last = max(u.last, at)
}

// add counts a request.
func (u *usage) add(at int64) {
	u.turn(at)
	if n := &u.sent[u.last%slots]; *n < math.MaxUint16 {
		*n++
	}
}

// within is how many there were in the last hours.
func (u *usage) within(at int64, length time.Duration) (n int) {
	u.turn(at)
	for back := range min(int64(length/slot)+1, slots, u.last+1) {
		n += int(u.sent[(u.last-back)%slots])
	}
	return n
}

// Usage is how many requests were sent.
type Usage struct {
	Hour, Day int           // in the last hour and in the last 24 hours, to ten minutes
	Counted   time.Duration // how long ago the first was sent of which is known; 0 for none
}

// Whole reports whether Day is a day's: what was sent before the program started is not known.
func (u Usage) Whole() bool { return u.Counted >= 24*time.Hour }

// plus adds those of another profile.
func (u Usage) plus(other Usage) Usage {
	return Usage{Hour: u.Hour + other.Hour, Day: u.Day + other.Day, Counted: max(u.Counted, other.Counted)}
}

// Sent notes a request for a profile, or for none.
func (b *Budget) Sent(profile string) {
	now := b.now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.usage == nil {
		b.usage = map[string]*usage{}
	}
	u := b.usage[profile]
	if u == nil {
		u = &usage{since: now}
		b.usage[profile] = u
	}
	u.add(b.slot(now))
}

// slot is the number of the slot at a moment. That of a clock that was set back does not go back.
func (b *Budget) slot(now time.Time) int64 { return max(int64(now.Sub(b.began)/slot), 0) }

// Usage is how many requests were sent for a profile since the program started.
func (b *Budget) Usage(profile string) Usage {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.usageOf(profile, b.now())
}

// usageOf is Usage. The mutex must be held.
func (b *Budget) usageOf(profile string, now time.Time) Usage {
	u := b.usage[profile]
	if u == nil {
		return Usage{}
	}
	at := b.slot(now)
	return Usage{Hour: u.within(at, time.Hour), Day: u.within(at, 24*time.Hour), Counted: max(now.Sub(u.since), 1)}
}

// Total is how many requests were sent since the program started.
func (b *Budget) Total() (all Usage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	for profile := range b.usage {
		all = all.plus(b.usageOf(profile, now))
	}
	return all
}

// Forget drops what is known of a profile.
func (b *Budget) Forget(profile string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.usage, profile)
}

// lateness is the longest that requests have waited past their due, by the hour.
type lateness struct {
	hour      int64 // the hour under way, counted from the budget's beginning
	now, last time.Duration
}

// note notes a request that went out late, or is late; 0 asks for the longest in the last one to two hours.
func (l *lateness) note(hour int64, late time.Duration) time.Duration {
	switch {
	case hour > l.hour+1:
		*l = lateness{hour: hour}
	case hour > l.hour:
		*l = lateness{hour: hour, last: l.now}
	}
	l.now = max(l.now, late)
	return max(l.now, l.last)
}

// Late is the longest that a request has waited for the rate limit past its due, in the
// last hour or two. A pause after a 601 counts, too.
func (b *Budget) Late() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if len(b.queue) > 0 {
		b.noteLate(b.queue[0], now)
	}
	return b.late.note(b.hour(now), 0)
}

// noteLate notes how late a request is. The mutex must be held.
func (b *Budget) noteLate(w *waiter, now time.Time) { b.late.note(b.hour(now), w.late(now)) }

func (b *Budget) hour(now time.Time) int64 { return b.slot(now) * int64(slot) / int64(time.Hour) }
