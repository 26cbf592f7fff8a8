package simulator

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"
)

// errNobodyHome is what a callback without a server gives.
var errNobodyHome = errors.New("connection refused")

// callback is the other end of subscriptions: it keeps what is posted and answers as it is told.
type callback struct {
	mu     sync.Mutex // guards what follows
	heads  int
	posts  []*http.Request
	forms  []url.Values
	bodies []string
	answer func(*http.Request) (int, error) // nil: 200
}

// RoundTrip implements http.RoundTripper.
func (b *callback) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	if r.Method == http.MethodHead {
		b.heads++
	} else {
		text, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(text))
		b.posts, b.forms, b.bodies = append(b.posts, r), append(b.forms, form), append(b.bodies, string(text))
	}
	answer := b.answer
	b.mu.Unlock()
	status := http.StatusOK
	if answer != nil {
		var err error
		if status, err = answer(r); err != nil {
			return nil, err
		}
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Location": {"http://elsewhere.test/"}}, Body: http.NoBody, Request: r}, nil
}

// says sets the answer to every POST.
func (b *callback) says(status int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = func(r *http.Request) (int, error) {
		if r.Method == http.MethodHead {
			return http.StatusOK, nil
		}
		return status, err
	}
}

// taken returns what was posted, and forgets it.
func (b *callback) taken() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	taken := b.bodies
	b.posts, b.forms, b.bodies = nil, nil, nil
	return taken
}

// subscribed returns a Cloud whose first person's categories are announced to a callback.
func subscribed(t testing.TB, how Notifications, applis ...string) (*Cloud, *visitor, *callback) {
	t.Helper()
	to := &callback{}
	c, _ := newCloud(t, Options{Switches: Switches{Notifications: how}, Callbacks: &http.Client{Transport: to}})
	v := visit(c, Full)
	for _, appli := range applis {
		v.subscribe(t, appli)
	}
	return c, v, to
}

func (v *visitor) subscribe(t testing.TB, appli string) {
	t.Helper()
	answer := v.call(t, "/notify", params{"action": "subscribe", "callbackurl": testCallback, "appli": appli})
	if answer.Status != 0 {
		t.Fatalf("subscribe to %s: %s", appli, answer.raw)
	}
}

const testCallback = "https://exporter.test/notify/x"

// weigh adds a weight of the scale.
func (v *visitor) weigh(t testing.TB) int64 {
	t.Helper()
	id, err := v.c.AddGroup(v.user, Group{Device: v.c.byID[v.user].scale, Measures: []Measure{measure(1, 70000, -3)}})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// toNext moves the clock to the next notification, and says whether there is one.
func (v *visitor) toNext() bool {
	next, ok := v.c.NextDelivery()
	v.c.Advance(next.Sub(v.c.Now()))
	return ok
}

func TestSubscribingIsChecked(t *testing.T) {
	subscribe := params{"action": "subscribe", "callbackurl": testCallback, "appli": "1"}
	answering := func(head int) func(*http.Request) (int, error) {
		return func(*http.Request) (int, error) { return head, nil }
	}
	for _, step := range []struct {
		name  string
		how   Notifications
		head  int
		appli string
		want  int
	}{
		{name: "200", head: 200},
		{name: "204", head: 204},
		{name: "204, refused", how: Notifications{RefuseNoContent: true}, head: 204, want: 293},
		{name: "202, with 204 refused", how: Notifications{RefuseNoContent: true}, head: 202},
		{name: "405", head: 405, want: 293},
		{name: "stethoscope", head: 200, appli: "61", want: 503},
		{name: "stethoscope, known", how: Notifications{Uncertain: true}, head: 200, appli: "61"},
		{name: "variability, known", how: Notifications{Uncertain: true}, head: 200, appli: "62"},
		{name: "urine, known", how: Notifications{Uncertain: true}, head: 200, appli: "63"},
		{name: "64", how: Notifications{Uncertain: true}, head: 200, appli: "64", want: 503},
	} {
		_, v, to := subscribed(t, step.how)
		to.answer = answering(step.head)
		p := maps.Clone(subscribe)
		if step.appli != "" {
			p["appli"] = step.appli
		}
		if got := v.call(t, "/notify", p); got.Status != step.want {
			t.Errorf("%s: status %d, want %d", step.name, got.Status, step.want)
		}
		if len(to.bodies) != 0 {
			t.Errorf("%s: there was a POST", step.name)
		}
	}
}

func TestAFirstEmptyPostFollowsTheHead(t *testing.T) {
	_, _, to := subscribed(t, Notifications{EmptyPost: true}, "1", "4")
	if to.heads != 2 || len(to.bodies) != 2 || to.bodies[0] != "" || to.bodies[1] != "" {
		t.Errorf("%d HEAD requests, posts %q; want two of each, empty", to.heads, to.bodies)
	}
}

func TestQuickSubscriptionsFail(t *testing.T) {
	c, v, _ := subscribed(t, Notifications{Spacing: 5 * time.Second}, "1")
	call := func(action, appli string) int {
		return v.call(t, "/notify", params{"action": action, "callbackurl": testCallback, "appli": appli}).Status
	}
	c.Advance(4999 * time.Millisecond)
	if got := call("subscribe", "4"); got != 2556 {
		t.Errorf("4.999 s later: %d, want 2556", got)
	}
	c.Advance(time.Millisecond)
	if got := call("subscribe", "4"); got != 0 {
		t.Errorf("5 s later: %d", got)
	}
	c.Advance(999 * time.Millisecond)
	if got := call("revoke", "4"); got != 2556 {
		t.Errorf("a revoke 0.999 s later: %d, want 2556", got)
	}
	if got := len(c.subscriptions.of(v.user)); got != 2 {
		t.Errorf("%d subscriptions, want 2", got)
	}
	ben := visit(c, Scale)
	ben.subscribe(t, "1") // others are not concerned
	c.Advance(time.Millisecond)
	if got := call("revoke", "4"); got != 0 {
		t.Errorf("a revoke 1 s later: %d", got)
	}
	if got := call("list", ""); got != 0 {
		t.Errorf("listing at once: %d", got)
	}
}

func TestTooManySubscriptionsAreRefused(t *testing.T) {
	_, v, _ := subscribed(t, Notifications{Most: 2}, "1", "4", "1")
	if got := v.call(t, "/notify", params{"action": "subscribe", "callbackurl": testCallback, "appli": "16"}); got.Status != 305 {
		t.Errorf("a third: %d, want 305", got.Status)
	}
}
