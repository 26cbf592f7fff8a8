package simulator

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	// triesPerCycle is how often one cycle of the plan tries.
	triesPerCycle = 2
	// lookAhead is how far NextDelivery looks into the lives of people.
	lookAhead = 7 * 24 * time.Hour
)

// announce tells the news of what a test did, known from now on. News of the future wait until then.
func (c *Cloud) announce(list ...news) {
	now := c.clock.now()
	for i := range list {
		from := now
		if at := time.Unix(list[i].at, 0); at.After(now) {
			from = at
		}
		c.notices.add(&list[i], from, c.subscriptions.of(list[i].user))
	}
	c.notices.stir()
}

// catchUp announces what has become readable in the lives of people who have a subscription.
func (c *Cloud) catchUp(now time.Time) {
	c.notices.mu.Lock()
	how, s := c.notices.how, span{c.notices.seen, now.Unix()}
	c.notices.seen = max(s.after, s.until)
	c.notices.mu.Unlock()
	if s.until <= s.after {
		return
	}
	for _, p := range c.people {
		subs := c.subscriptions.of(p.ID)
		if len(subs) == 0 {
			continue
		}
		for _, what := range c.life(p, s.later(how.Early), how, subs) {
			c.notices.add(&what, what.known(how), subs)
		}
	}
}

// later moves a span.
func (s span) later(d time.Duration) span {
	return span{s.after + int64(d.Seconds()), s.until + int64(d.Seconds())}
}

// known is when news of ordinary life set out.
func (n *news) known(how Notifications) time.Time {
	return time.Unix(n.at, 0).Add(-how.Early)
}

// Deliver sends every notification that is due by the simulated clock now, oldest first, and returns how many.
// One that fails is tried again later, as the plan of retries has it.
func (c *Cloud) Deliver(ctx context.Context) int {
	now := c.clock.now()
	c.catchUp(now)
	sent := 0
	for ctx.Err() == nil {
		one := c.notices.pop(now)
		if one == nil {
			break
		}
		if c.cycle(ctx, one, now) {
			sent++
		}
	}
	return sent
}

// cycle tries to send a notification, and reports whether there was still somebody to send it to.
func (c *Cloud) cycle(ctx context.Context, one *notice, now time.Time) bool {
	for try := range triesPerCycle {
		if !c.subscriptions.listens(one) {
			return try > 0
		}
		status := c.post(ctx, one.url, one.body)
		if ctx.Err() != nil { // the end of the simulation is nobody's fault
			c.notices.mu.Lock()
			defer c.notices.mu.Unlock()
			c.notices.push(*one)
			return false
		}
		d := Delivery{
			Time: now, UserID: one.user, Category: int(one.appli), Callback: one.url, Form: one.body, Cycle: one.cycle, Status: status,
		}
		c.notices.note(d)
		if c.subscriptions.tried(one, d, c.notices.switches()) {
			c.notices.mu.Lock()
			c.notices.counts.Cancelled++
			c.notices.mu.Unlock()
		}
		if d.Accepted() {
			return true
		}
	}
	c.notices.retry(*one, now)
	return true
}

// retry puts a notification that failed back into the queue, until the plan is at its end.
func (n *notices) retry(one notice, now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	plan := n.how.retries()
	if one.cycle++; one.cycle >= len(plan) {
		n.counts.GivenUp++
		return
	}
	next := plan[one.cycle]
	share := unit(hash(n.seed, uint64(topicNotice), textHash(one.body), uint64(one.number), uint64(one.cycle)))
	one.due = now.Add(next.After + next.Least + time.Duration(share*float64(next.Most-next.Least)))
	n.push(one)
}

// post sends a form to a callback and returns the status of the answer, 0 without one. Redirects are not followed.
func (c *Cloud) post(ctx context.Context, callback, body string) int {
	ctx, cancel := context.WithTimeout(ctx, callbackTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, callback, strings.NewReader(body))
	if err != nil {
		return 0
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := *c.options.Callbacks
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Do(request)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxRequestBytes)) // so that the connection can be used again
	return answer.StatusCode
}

// NextDelivery returns when the next notification is due by the simulated clock, if one is due within a week. What
// happens meanwhile can make it earlier.
func (c *Cloud) NextDelivery() (time.Time, bool) {
	now := c.clock.now()
	c.catchUp(now)
	c.notices.mu.Lock()
	how, from := c.notices.how, c.notices.seen
	next := time.Unix(from, 0).Add(lookAhead)
	found := len(c.notices.queue) > 0
	if found {
		next = c.notices.queue[0].due
	}
	c.notices.mu.Unlock()
	for step := int64(15 * 60); from < next.Unix(); from, step = from+step, min(2*step, secondsPerDay) {
		s := span{from, min(from+step, next.Unix())}
		for _, p := range c.people {
			if at, ok := c.firstOf(p, s.later(how.Early), how); ok && at.Before(next) {
				next, found = at, true
			}
		}
	}
	if next.Before(now) {
		next = now
	}
	return next.UTC(), found
}

// firstOf returns when the first notification of a person's life in a span is due.
func (c *Cloud) firstOf(p *person, s span, how Notifications) (first time.Time, found bool) {
	subs := c.subscriptions.of(p.ID)
	if len(subs) == 0 {
		return first, false
	}
	for _, what := range c.life(p, s, how, subs) {
		for i, sub := range subs {
			if sub.appli != what.appli || sub.dead {
				continue
			}
			f := c.notices.fateOf(&what, i, how)
			if at := what.known(how).Add(f.wait); !f.lost && (!found || at.Before(first)) {
				first, found = at, true
			}
		}
	}
	return first, found
}
