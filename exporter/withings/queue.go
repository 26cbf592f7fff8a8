package withings

import (
	"container/heap"
	"context"
	"time"

	"withings-exporter/exporter"
)

const (
	// headStart is how long past its due a request counts at most when it is made. So
	// those of new and returning profiles, due before everything, go first, and nobody
	// who has waited for that long since he was due waits for later ones of them.
	headStart = time.Minute
	// mostPutOff is how long a request can be put off at most.
	mostPutOff = 24 * time.Hour
)

// hurryLasts is how long after the start of a process the requests of [Hurry] go before
// everything else: as long as a poll may take to come. Then they wait like others, so that
// a check of hundreds of people does not keep serve from reading.
const hurryLasts = 5 * time.Minute

// hurryKey is the key of what Hurry notes.
type hurryKey struct{}

// Hurry returns a context whose requests go before those of others, also of other
// processes, since a person waits for a command that asks little.
func Hurry(ctx context.Context) context.Context { return context.WithValue(ctx, hurryKey{}, true) }

// waiter is a request that waits for room.
type waiter struct {
	due   time.Time
	made  time.Time
	turn  uint64        // in which order they were made
	place int           // in the queue; -1 when it has left
	bell  chan struct{} // rings when it has become the first
}

// newWaiter is a request made now, by a process that has been running for some time.
func newWaiter(ctx context.Context, now time.Time, running time.Duration, turn uint64) *waiter {
	due, told := exporter.DueOf(ctx)
	switch first, last := now.Add(-headStart), now.Add(mostPutOff); {
	case ctx.Value(hurryKey{}) != nil && running < hurryLasts:
		due = now.Add(-mostPutOff)
	case !told:
		due = now
	case due.Before(first):
		due = first
	case due.After(last):
		due = last
	}
	return &waiter{due: due, made: now, turn: turn, place: -1, bell: make(chan struct{}, 1)}
}

// late is how long a request has been waiting although it was due.
func (w *waiter) late(now time.Time) time.Duration {
	if w.due.After(w.made) {
		return now.Sub(w.due)
	}
	return now.Sub(w.made)
}

// ring wakes the request up, if it sleeps.
func (w *waiter) ring() {
	select {
	case w.bell <- struct{}{}:
	default: // it will wake up anyway
	}
}

// sleep returns when the bell rings, or after some time unless that is negative. Its
// error is that of ctx.
func (w *waiter) sleep(ctx context.Context, wait time.Duration) error {
	var after <-chan time.Time
	if wait >= 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		after = timer.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-after:
	case <-w.bell:
	}
	return nil
}

// queue is a heap of requests: the one due earliest is the first, of several the one
// made first.
type queue []*waiter

var _ heap.Interface = (*queue)(nil)

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	if c := q[i].due.Compare(q[j].due); c != 0 {
		return c < 0
	}
	return q[i].turn < q[j].turn
}

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

// Push is for package heap; use enter.
func (q *queue) Push(x any) {
	w := x.(*waiter) //nolint:forcetypeassert // nothing else gets in
	w.place = len(*q)
	*q = append(*q, w)
}

// Pop is for package heap; use leave.
func (q *queue) Pop() any {
	last := len(*q) - 1
	w := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	w.place = -1
	return w
}

func (q *queue) enter(w *waiter) { heap.Push(q, w) }

// leave takes a request out, wherever it is.
func (q *queue) leave(w *waiter) {
	if w.place >= 0 {
		heap.Remove(q, w.place)
	}
}

// after is the first request besides another one; nil if there is none.
func (q queue) after(w *waiter) *waiter {
	switch {
	case q[0] != w:
		return q[0]
	case len(q) == 1:
		return nil
	case len(q) > 2 && q.Less(2, 1):
		return q[2]
	}
	return q[1]
}

// wake rings for the first.
func (q queue) wake() {
	if len(q) > 0 {
		q[0].ring()
	}
}

// wakeAll rings for all of them.
func (q queue) wakeAll() {
	for _, w := range q {
		w.ring()
	}
}
