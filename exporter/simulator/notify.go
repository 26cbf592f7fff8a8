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
)

// applis are the notification categories of section 7.2 and the scope each needs.
var applis = map[int64]string{
	1: scopeMetrics, 2: scopeMetrics, 4: scopeMetrics, 54: scopeMetrics, 55: scopeMetrics, 58: scopeMetrics,
	16: scopeActivity, 44: scopeActivity, 46: scopeInfo, 50: scopeSleep, 51: scopeSleep, 52: scopeSleep,
}

// subscription is one callback for one category.
type subscription struct {
	appli   int64
	url     string
	comment string
}

// subscriptions are kept per user.
type subscriptions struct {
	mu     sync.Mutex // guards byUser
	byUser map[int64][]subscription
}

func newSubscriptions() *subscriptions {
	return &subscriptions{byUser: make(map[int64][]subscription)}
}

// of returns a user's subscriptions.
func (s *subscriptions) of(user int64) []subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.byUser[user])
}

// put adds a subscription or replaces the one of the same category and address.
func (s *subscriptions) put(user int64, sub subscription) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.byUser[user]
	if i := slices.IndexFunc(list, sub.same); i >= 0 {
		list[i] = sub
		return
	}
	s.byUser[user] = append(list, sub)
}

// remove takes a subscription away and reports whether it was there.
func (s *subscriptions) remove(user int64, sub subscription) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.byUser[user])
	s.byUser[user] = slices.DeleteFunc(s.byUser[user], sub.same)
	return len(s.byUser[user]) < before
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
func (q *call) named() (subscription, *refusal) {
	appli, given, refused := q.integer("appli")
	if !given {
		appli = 1
	}
	if scope, known := applis[appli]; refused == nil && !known {
		refused = invalidParam("invalid appli")
	} else if refused == nil && !q.hasScope(scope) {
		refused = &refusal{status: 2553, text: "Unauthorized: the scope is missing"}
	}
	return subscription{appli: appli, url: q.form.Get("callbackurl"), comment: q.form.Get("comment")}, refused
}

// existing returns the subscription that a call names.
func (c *Cloud) existing(q *call) (subscription, *refusal) {
	sub, refused := q.named()
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
	sub, refused := q.named()
	switch {
	case refused != nil:
		return nil, refused
	case len(sub.comment) > maxComment:
		return nil, errComment
	case !c.answers(ctx, sub.url):
		return nil, errCallback
	}
	c.subscriptions.put(q.person.ID, sub)
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
		if scope, known := applis[appli]; refused != nil || !known || !q.hasScope(scope) {
			return nil, invalidParam("invalid new_appli")
		}
		next.appli = appli
	default:
		if next.comment = q.form.Get("comment"); len(next.comment) > maxComment {
			return nil, errComment
		}
	}
	c.subscriptions.remove(q.person.ID, old)
	c.subscriptions.put(q.person.ID, next)
	return Fields{}, nil
}

func (c *Cloud) unsubscribe(_ context.Context, q *call) (any, *refusal) {
	sub, refused := q.named()
	if refused != nil {
		return nil, refused
	}
	if !c.subscriptions.remove(q.person.ID, sub) {
		return nil, errNotRemoved
	}
	return Fields{}, nil
}

// answers asks a callback with HEAD, as Withings does at subscribe time; only a 2xx is good enough.
func (c *Cloud) answers(ctx context.Context, callback string) bool {
	u, err := url.Parse(callback)
	if err != nil || len(callback) > maxCallbackURL || !c.acceptable(u) {
		return false
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, callback, nil)
	if err != nil {
		return false
	}
	answer, err := c.options.Callbacks.Do(request)
	if err != nil {
		return false
	}
	answer.Body.Close()
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
