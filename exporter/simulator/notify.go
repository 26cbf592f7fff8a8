package simulator

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

const (
	// callbackTimeout is how long a callback may take to answer the HEAD request.
	callbackTimeout = 5 * time.Second
	maxCallbackURL  = 255
	maxComment      = 255
	// neverExpires is what the real server says about every subscription.
	neverExpires = 2147483647
	// defaultSubscriptions is how many a user may have; the number of the real server is not known.
	defaultSubscriptions = 200
)

// subscription is one callback for one category.
type subscription struct {
	appli   int64
	url     string
	comment string

	dead    bool      // cancelled, but still on the list
	failed  int       // tries in a row
	failing time.Time // since when, if any failed
}

// subscriptions are kept per user. A list is never changed, only replaced, since it is read far more often.
type subscriptions struct {
	mu      sync.Mutex // guards what follows
	byUser  map[int64][]subscription
	changed map[int64]time.Time // when a user last changed one, on the unhurried clock
}

func newSubscriptions() *subscriptions {
	return &subscriptions{byUser: make(map[int64][]subscription), changed: make(map[int64]time.Time)}
}

// of returns a user's subscriptions, which must not be changed.
func (s *subscriptions) of(user int64) []subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byUser[user]
}

// put adds a subscription or replaces the one of the same category and address. One that was cancelled stays so
// until it is revoked.
func (s *subscriptions) put(user int64, sub subscription) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.byUser[user])
	if i := slices.IndexFunc(list, sub.same); i >= 0 {
		sub.dead = list[i].dead
		list[i] = sub
	} else {
		list = append(list, sub)
	}
	s.byUser[user] = list
}

// remove takes a subscription away and reports whether it was there.
func (s *subscriptions) remove(user int64, sub subscription) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.byUser[user])
	s.byUser[user] = slices.DeleteFunc(slices.Clone(s.byUser[user]), sub.same)
	return len(s.byUser[user]) < before
}

// tooQuick reports whether a user changed a subscription less than a time ago. Otherwise now is the last change.
func (s *subscriptions) tooQuick(user int64, now time.Time, spacing time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, changed := s.changed[user]; changed && now.Sub(last) < spacing {
		return true
	}
	s.changed[user] = now
	return false
}

// listens reports whether a notification still has a subscription.
func (s *subscriptions) listens(one *notice) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.byUser[one.user], func(sub subscription) bool {
		return sub.appli == one.appli && sub.url == one.url && !sub.dead
	})
}

// tried notes the result of a try, and reports whether it was one failure too many: the subscription is cancelled.
func (s *subscriptions) tried(one *notice, d Delivery, how Notifications) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.byUser[one.user]
	i := slices.IndexFunc(list, subscription{appli: one.appli, url: one.url}.same)
	if i < 0 {
		return false
	}
	if d.Accepted() && list[i].failed == 0 {
		return false
	}
	list = slices.Clone(list)
	s.byUser[one.user] = list
	sub := &list[i]
	if d.Accepted() {
		sub.failed, sub.failing = 0, time.Time{}
		return false
	}
	if sub.failed++; sub.failed == 1 {
		sub.failing = d.Time
	}
	if how.CancelAfter > 0 && sub.failed < how.CancelAfter || how.CancelAfter <= 0 && d.Time.Sub(sub.failing) < failingDays {
		return false
	}
	sub.dead = true
	if how.ForgetCancelled {
		s.byUser[one.user] = slices.Delete(list, i, i+1)
	}
	return true
}

func (s *subscriptions) clear(user int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byUser, user)
}

func (s subscription) same(other subscription) bool {
	return s.appli == other.appli && s.url == other.url
}

// named reads callbackurl and appli, which is 1 when it is missing.
func (c *Cloud) named(q *call) (subscription, *refusal) {
	appli, given, refused := q.integer("appli")
	if !given {
		appli = 1
	}
	if scope, known := c.appliScope(appli); refused == nil && !known {
		refused = invalidParam("invalid appli")
	} else if refused == nil && !q.hasScope(scope) {
		refused = &refusal{status: 2553, text: "Unauthorized: the scope is missing"}
	}
	return subscription{appli: appli, url: q.form.Get("callbackurl"), comment: q.form.Get("comment")}, refused
}

// existing returns the subscription that a call names.
func (c *Cloud) existing(q *call) (subscription, *refusal) {
	sub, refused := c.named(q)
	if refused != nil {
		return sub, refused
	}
	for _, known := range c.subscriptions.of(q.person.ID) {
		if known.same(sub) {
			return known, nil
		}
	}
	return sub, errNoSubscription
}

func (c *Cloud) subscribe(ctx context.Context, q *call) (any, *refusal) {
	sub, refused := c.named(q)
	switch {
	case refused != nil:
		return nil, refused
	case len(sub.comment) > maxComment:
		return nil, errComment
	}
	how := c.notices.switches()
	known := c.subscriptions.of(q.person.ID)
	switch {
	case len(known) >= orDefault(how.Most, defaultSubscriptions) && !slices.ContainsFunc(known, sub.same):
		return nil, errTooManyCallbacks
	case c.subscriptions.tooQuick(q.person.ID, c.clock.unhurried(), how.Spacing):
		return nil, errTooQuick
	case !c.answers(ctx, sub.url):
		return nil, errCallback
	}
	if how.EmptyPost {
		c.post(ctx, sub.url, "")
	}
	c.catchUp(q.now) // what has been does not concern the new one
	c.subscriptions.put(q.person.ID, sub)
	if last := c.lastMove(q.person, sub.appli, q.unix); how.Recall && last != nil {
		c.notices.add(last, q.now, []subscription{sub})
	}
	c.notices.stir()
	return Fields{}, nil
}

func (c *Cloud) getSubscription(_ context.Context, q *call) (any, *refusal) {
	sub, refused := c.existing(q)
	if refused != nil {
		return nil, refused
	}
	return Fields{{"appli", sub.appli}, {"callbackurl", sub.url}, {"comment", orNull(sub.comment)}}, nil
}

func (c *Cloud) listSubscriptions(_ context.Context, q *call) (any, *refusal) {
	appli, limited, refused := q.integer("appli")
	if refused != nil {
		return nil, refused
	}
	list := []any{}
	for _, sub := range c.subscriptions.of(q.person.ID) {
		if limited && sub.appli != appli {
			continue
		}
		list = append(list, Fields{
			{"appli", sub.appli}, {"callbackurl", sub.url}, {"expires", neverExpires}, {"comment", orNull(sub.comment)},
		})
	}
	return Fields{{"profiles", list}}, nil
}

// updateSubscription changes exactly one of address, category and comment.
func (c *Cloud) updateSubscription(ctx context.Context, q *call) (any, *refusal) {
	old, refused := c.existing(q)
	if refused != nil {
		return nil, refused
	}
	changes := 0
	for _, name := range []string{"new_callbackurl", "new_appli", "comment"} {
		if q.form.Has(name) {
			changes++
		}
	}
	if changes != 1 {
		return nil, invalidParam("exactly one of new_callbackurl, new_appli and comment")
	}
	next := old
	switch {
	case q.form.Has("new_callbackurl"):
		if next.url = q.form.Get("new_callbackurl"); !c.answers(ctx, next.url) {
			return nil, errCallback
		}
	case q.form.Has("new_appli"):
		appli, _, refused := q.integer("new_appli")
		if scope, known := c.appliScope(appli); refused != nil || !known || !q.hasScope(scope) {
			return nil, invalidParam("invalid new_appli")
		}
		next.appli = appli
	default:
		if next.comment = q.form.Get("comment"); len(next.comment) > maxComment {
			return nil, errComment
		}
	}
	c.catchUp(q.now)
	c.subscriptions.remove(q.person.ID, old)
	c.subscriptions.put(q.person.ID, next)
	c.notices.stir()
	return Fields{}, nil
}

func (c *Cloud) unsubscribe(_ context.Context, q *call) (any, *refusal) {
	sub, refused := c.named(q)
	if refused != nil {
		return nil, refused
	}
	if c.subscriptions.tooQuick(q.person.ID, c.clock.unhurried(), c.notices.switches().Spacing/5) {
		return nil, errTooQuick
	}
	if !c.subscriptions.remove(q.person.ID, sub) {
		return nil, errNotRemoved
	}
	return Fields{}, nil
}

// answers asks a callback with HEAD, as Withings does at subscribe time; only a 2xx is good enough, and not even
// every one of those if the switch says so.
func (c *Cloud) answers(ctx context.Context, callback string) bool {
	u, err := url.Parse(callback)
	if err != nil || len(callback) > maxCallbackURL || !c.acceptable(u) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, callbackTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, callback, nil)
	if err != nil {
		return false
	}
	answer, err := c.options.Callbacks.Do(request)
	if err != nil {
		return false
	}
	answer.Body.Close()
	if answer.StatusCode == http.StatusNoContent && c.notices.switches().RefuseNoContent {
		return false
	}
	return answer.StatusCode/100 == 2
}

// acceptable reports whether the form of a callback address is allowed.
func (c *Cloud) acceptable(u *url.URL) bool {
	host, port := u.Hostname(), u.Port()
	if !c.switches.StrictCallbacks {
		return (u.Scheme == "http" || u.Scheme == "https") && host != ""
	}
	return u.Scheme == "https" && host != "" && host != "localhost" && net.ParseIP(host) == nil &&
		(port == "" || port == "443" || port == "80")
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
