package exporter

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// ErrUnreachable is behind an error of a request that Withings itself has not answered, such as one with the status of a
// broken server: most likely it answers nobody. ErrAnswered is behind one that Withings has answered with a status of its
// own. What has neither, such as a token file that cannot be read, says nothing of Withings.
var (
	ErrUnreachable = errors.New("no answer")
	ErrAnswered    = errors.New("answered")
)

// tryAgain is how often Withings, or the database, is tried while it does not answer: one request for all profiles.
const tryAgain = time.Minute

// skip is after how long it is the turn of the next in line to try: whoever is in line asks every few seconds.
const skip = 15 * time.Second

// outage is a time in which Withings cannot be reached; that of the database has one of its own. Each profile waits longer
// after each poll without an answer; meanwhile one request a minute looks for all of them, and when it is answered, everybody is
// polled. Who sends it changes, since one profile may not be answered whatever is with the others.
type outage struct {
	mu     sync.Mutex // guards what follows
	number int        // of the outages so far
	lasts  bool
	look   time.Time // when Withings is tried next
	line   []*shift  // who tries, in this order
	tried  int       // how often it was tried
}

// begun notes that Withings has not answered, and returns the number of the outage.
func (o *outage) begun(now time.Time) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.lasts {
		o.lasts, o.look, o.line, o.tried = true, now.Add(tryAgain), nil, 0
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

// on reports whether there is one now.
func (o *outage) on() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lasts
}

// over reports whether an outage has ended.
func (o *outage) over(number int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.lasts || number != o.number
}

// turn reports whether it is time for a shift to try, and how often it was tried before.
func (o *outage) turn(w *shift, now time.Time) (tried int, its bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.lasts {
		return 0, false
	}
	if !slices.Contains(o.line, w) {
		o.line = append(o.line, w)
	}
	for late := now.Sub(o.look); late >= skip && o.line[0] != w; late -= skip {
		o.line = o.line[1:] // it has ended, is being polled or has no token; if not, it joins again
	}
	if now.Before(o.look) || o.line[0] != w {
		return 0, false
	}
	o.line = append(o.line[1:], w)
	o.look, o.tried = now.Add(tryAgain), o.tried+1
	return o.tried - 1, true
}

// meet notes after a round whether Withings, and the database, can be reached. An outage may end in the middle of a round: it
// is over then, but not forgotten as long as something was not answered.
func (w *shift) meet(r *round) {
	w.meetDatabase(r)
	if r.unheard {
		w.down, w.again = w.outage.begun(time.Now()), time.Time{}
	}
	if r.heard {
		w.outage.ended()
		w.causes.heard(w.Poller)
		if !w.lost() {
			w.down, w.vain, w.again = 0, 0, time.Time{}
		}
	}
}

// lost reports whether some service was not answered when it was last asked.
func (w *shift) lost() bool {
	for _, problem := range w.profile.Status.Condition().Problems {
		if problem.Away {
			return true
		}
	}
	return false
}

// revive has a profile polled soon that was not answered, or only in part, while others are, and tries whether Withings is back
// if it is time for that. It reports whether it has tried.
func (w *shift) revive(ctx context.Context) bool {
	now := time.Now()
	if w.down == 0 {
		return false
	}
	if w.outage.over(w.down) {
		w.back()
		return false
	}
	tried, its := w.outage.turn(w, now)
	if !its {
		return false
	}
	r := w.round()
	if len(r.choice.Asked) == 0 {
		return false
	}
	r.hinted, r.due = true, []Service{trial(r.choice.Asked, tried)}
	_ = r.poll(ctx)
	w.save(w.profile, w.log)
	w.meet(r)
	if r.heard {
		w.back()
	}
	return true
}

// back has all that failed asked again soon, since Withings answers. What is not answered all the same waits longer each time.
func (w *shift) back() {
	w.vain = min(max(2*w.vain, tryAgain), w.longest())
	w.down, w.again = 0, w.began.Add(w.vain)
	w.foresee()
}

// foresee notes when the next poll begins, which is sooner if something was not answered and Withings answers.
func (w *shift) foresee() {
	back := false // and this is not known to be in vain
	if !w.again.IsZero() {
		w.poll = Earlier(w.poll, Later(w.again, time.Now()))
		back = w.vain <= tryAgain
	}
	w.profile.Status.change(func(c *Condition) {
		c.NextPoll = w.Now().Add(time.Until(w.poll))
		c.Unreachable, c.Returned, c.Longer = w.down != 0 && !w.outage.over(w.down), back, w.backoff > w.Interval && !back
	})
}

// trial is the service with which it is tried whether Withings is back: that of devices, whose answer is short, and every other
// time one of the others, since one service alone may not be answered.
func trial(asked []Service, tried int) Service {
	own := slices.DeleteFunc(slices.Clone(asked), func(s Service) bool { return s.Row().Follows != "" })
	if len(own) == 0 {
		return asked[0]
	}
	if tried%2 == 0 && slices.Contains(own, Device) {
		return Device
	}
	return own[tried/2%len(own)]
}

// retry has a poll ask for all that failed, however lately it was asked, if Withings has answered since.
func (w *shift) retry() {
	if over := w.down != 0 && w.outage.over(w.down); w.again.IsZero() && !over { // the poll may be due before revive looks
		return
	}
	w.again = time.Time{}
	for service := range w.profile.Status.Condition().Problems {
		delete(w.schedule.asked, service)
	}
}
