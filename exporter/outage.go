package exporter

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// ErrUnreachable is behind an error of a request that Withings has not answered: most likely it answers nobody.
var ErrUnreachable = errors.New("no answer")

// tryAgain is how often Withings is tried while it does not answer: one request for all profiles.
const tryAgain = time.Minute

// outage is a time in which Withings cannot be reached. Each profile waits longer after each poll without an answer; meanwhile
// one request a minute looks for all of them, and when it is answered, everybody is polled.
type outage struct {
	mu     sync.Mutex // guards what follows
	number int        // of the outages so far
	lasts  bool
	look   time.Time // when Withings is tried next
}

// begun notes that Withings has not answered, and returns the number of the outage.
func (o *outage) begun(now time.Time) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.lasts {
		o.lasts, o.look = true, now.Add(tryAgain)
		o.number++
	}
	return o.number
}

// ended notes that Withings has answered.
func (o *outage) ended() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lasts = false
}

// over reports whether an outage has ended.
func (o *outage) over(number int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.lasts || number != o.number
}

// turn reports whether it is time to try; it is that of whoever asks first.
func (o *outage) turn(now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.lasts || now.Before(o.look) {
		return false
	}
	o.look = now.Add(tryAgain)
	return true
}

// meet notes after a round whether Withings can be reached.
func (w *shift) meet(r *round) {
	switch {
	case r.heard:
		w.outage.ended()
		w.down, w.vain = 0, 0
	case r.unheard:
		w.down = w.outage.begun(time.Now())
	}
}

// revive has a profile polled at once that was not answered while others are, and tries whether Withings is back if it is time
// for that. It reports whether it has tried.
func (w *shift) revive(ctx context.Context) bool {
	now := time.Now()
	switch {
	case w.down == 0:
		return false
	case w.outage.over(w.down):
		// Whoever is not answered although others are waits longer each time.
		w.vain = min(max(2*w.vain, tryAgain), w.longest())
		w.poll, w.down = Earlier(w.poll, Later(now, w.began.Add(w.vain))), 0
		w.retry()
		w.profile.Status.change(func(c *Condition) {
			c.NextPoll, c.Unreachable, c.Longer = w.Now().Add(time.Until(w.poll)), false, false
			c.Returned = w.vain <= tryAgain // else it fails, whatever is answered to others
		})
		return false
	case !w.outage.turn(now):
		return false
	}
	r := w.round()
	if len(r.choice.Asked) == 0 {
		return false
	}
	r.hinted, r.due = true, r.choice.Asked[:1]
	if slices.Contains(r.choice.Asked, Device) {
		r.due = []Service{Device}
	}
	_ = r.poll(ctx)
	w.save(w.profile, w.log)
	w.meet(r)
	if r.heard {
		w.poll = now
		w.retry()
		w.profile.Status.change(func(c *Condition) { c.Unreachable, c.Longer, c.Returned = false, false, true })
	}
	return true
}

// retry has the next poll ask for all that failed, however lately it was asked.
func (w *shift) retry() {
	for service := range w.profile.Status.Condition().Problems {
		delete(w.schedule.asked, service)
	}
}
