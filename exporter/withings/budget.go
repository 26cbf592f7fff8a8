package withings

import (
	"context"
	"slices"
	"sync"
	"time"

	"withings-exporter/exporter/retry"
)

// coolOff is how long no request is sent after a 601: longer if the next one gets a
// 601 again.
var coolOff = retry.Backoff{First: time.Minute, Most: 5 * time.Minute}

// Budget shares the rate limit of one application: the request due earliest goes
// first, see [exporter.Due]. It is safe for concurrent use.
type Budget struct {
	now   func() time.Time
	began time.Time // times of the window count from here, so that they do not leap with the clock
	tally *Tally    // of all processes; nil when there is only this one

	mu        sync.Mutex // guards what follows; never held while waiting for anything
	perMinute int
	rests     pause             // the current cool-off, or the last one
	sent      window            // by this process
	shared    time.Time         // other processes leave no room before
	queue     queue             // of requests that wait
	turns     uint64            // how many there have been
	serving   bool              // the first of them asks the tally
	usage     map[string]*usage // by profile; "" is for none
	late      lateness
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
	b := &Budget{now: now, began: now(), tally: tally, perMinute: max(perMinute, 1)}
	if tally != nil {
		b.rests = tally.pending(now())
	}
	return b
}

// Allow changes the limit. Requests already sent still count, and a cool-off goes on.
func (b *Budget) Allow(perMinute int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.perMinute = max(perMinute, 1)
	b.queue.wake()
}

// Duration is how long a number of requests takes after a quiet time.
func (b *Budget) Duration(requests int) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return duration(requests, b.perMinute)
}

// Outlook is what a process can expect that wants to send some requests.
type Outlook struct {
	Takes  time.Duration // until the last of them is sent
	Quiet  time.Duration // the same, had nobody sent anything in the last minute
	Others bool          // another process waits, too
}

// Outlook foresees that other processes send nothing, or if they wait for room now, that they
// use up what may be ahead of the pace and take every second turn: requests of [Hurry] go
// first, but others are sent while an answer is under way.
func (b *Budget) Outlook(ctx context.Context, requests int) (Outlook, error) {
	b.mu.Lock()
	now, perMinute := b.now(), b.perMinute
	at, sent := b.instant(now), b.sent.clone()
	b.mu.Unlock()
	o := Outlook{Quiet: duration(requests, perMinute)}
	if b.tally != nil && perMinute <= mostTallied {
		is, err := b.tally.look(ctx, b.now)
		if err != nil {
			return o, err
		}
		at, sent = now.UnixNano(), is.window
		o.Others = slices.ContainsFunc(is.Claims, func(c claim) bool { return c.Process != b.tally.process })
	}
	var shared time.Duration
	if o.Others {
		_, gap := shape(perMinute)
		requests *= 2
		shared = time.Duration(requests) * gap
	}
	o.Takes = max(sent.takes(at, perMinute, requests), shared, b.Until().Sub(now))
	return o, nil
}

// Held is how long the request has been waiting that goes next; 0 if none waits.
func (b *Budget) Held() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.queue) == 0 {
		return 0
	}
	return b.now().Sub(b.queue[0].made)
}

// Wait returns when the request may be sent, or when ctx ends. Those that are due
// earlier go first, and a cool-off holds all of them up; if it lasts longer than ctx does,
// it is not worth waiting.
func (b *Budget) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := b.enter(ctx)
	defer b.leave(w)
	for {
		if end, ok := ctx.Deadline(); ok && b.Until().After(end) {
			return context.DeadlineExceeded
		}
		wait, first := b.room(w)
		switch {
		case !first:
			wait = -1 // the bell says when it is
		case wait <= 0:
			if sent, err := b.take(ctx, w); sent || err != nil {
				return err
			}
			continue
		}
		if err := w.sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// enter has a request wait.
func (b *Budget) enter(ctx context.Context) *waiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turns++
	now := b.now()
	w := newWaiter(ctx, now, now.Sub(b.began), b.turns)
	b.queue.enter(w)
	return w
}

// leave ends the wait of a request, whatever came of it.
func (b *Budget) leave(w *waiter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queue.leave(w)
	b.queue.wake()
}

// room is how long it is until this process may send a request, for the first of those
// that wait. If that is now, the first is to take it.
func (b *Budget) room(w *waiter) (wait time.Duration, first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.serving || b.queue[0] != w {
		return 0, false
	}
	now := b.now()
	wait = max(b.rests.until.Sub(now), b.shared.Sub(now), b.sent.wait(b.instant(now), b.perMinute), 0)
	b.serving = wait == 0
	return wait, true
}

// instant is a time of the window.
func (b *Budget) instant(now time.Time) int64 { return b.began.UnixNano() + int64(now.Sub(b.began)) }

// take counts the request as sent if there is room among all processes, too.
func (b *Budget) take(ctx context.Context, w *waiter) (sent bool, err error) {
	b.mu.Lock()
	perMinute, want := b.perMinute, claim{Due: w.due.UnixNano()}
	if next := b.queue.after(w); next != nil {
		want.next = next.due.UnixNano()
	}
	b.mu.Unlock()
	var wait time.Duration
	var rests pause
	if b.tally != nil && perMinute <= mostTallied {
		wait, rests, err = b.tally.take(ctx, b.now, perMinute, want)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.serving = false
	if err != nil {
		return false, err
	}
	if rests.until.After(b.rests.until) {
		b.rests = rests
		b.queue.wakeAll()
	}
	now := b.now()
	if wait > 0 || b.rests.until.After(now) { // a 601 may have come meanwhile
		b.shared = now.Add(wait)
		b.queue.wake()
		return false, nil
	}
	b.sent.note(b.instant(now), perMinute)
	b.noteLate(w, now)
	return true, nil
}

// tightAfter is the part of a minute's requests that may wait before the limit counts as
// tight: the last of them goes out after seconds.
const tightAfter = 8

// Tight reports whether there is a cool-off or a queue, so that who has time should rather
// not ask now.
func (b *Budget) Tight() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now().Before(b.rests.until) || len(b.queue) > b.perMinute/tightAfter
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
	b.queue.wakeAll()
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
