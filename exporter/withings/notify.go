package withings

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/hint"
)

// notify is the service label of requests about notifications.
const notify = exporter.Service("notify")

// mostSubscriptions is how many subscriptions of a person are read; there are under 20 categories, and one address for
// each program. What is beyond it counts as not there.
const mostSubscriptions = 1000

// Comment is what Withings keeps with a subscription, for people who look at a list.
const Comment = "withings-exporter"

var (
	// ErrCallback is behind the error of a subscription whose address Withings does not accept: its HEAD request to it had
	// no good answer, or the address has a form that it does not take.
	ErrCallback = errors.New("callback refused")
	// ErrCategory is behind the error of a subscription to a category that Withings does not know, or not for this person.
	ErrCategory = errors.New("category refused")
)

// statusCallback is how Withings refuses an address, from its older list of statuses.
const statusCallback = 293

// gone are the statuses that say that there is no such subscription: none of the category, and no such address.
var gone = []int{286, 343}

// Subscription is a category of notifications that Withings sends to an address for a person.
type Subscription struct {
	Category int    // Withings' number of it, which it calls appli
	Callback string // the address; whoever knows it can send forged notifications, if it is ours
	Comment  string // as given with the subscription
}

// Subscribe has Withings send notifications of a category to an address. Withings asks the address with HEAD before it answers. The
// error is ErrCallback or ErrCategory if it refuses one of the two. The last part of the address is a secret.
func (a *Account) Subscribe(ctx context.Context, callback string, category int) error {
	q := manage("subscribe", callback, category)
	q.form.Set("comment", Comment)
	err := a.call(ctx, q, func(*fastjson.Value) {})
	told := refusal(err)
	switch {
	case told != nil && told.Status == statusCallback:
		return &kind{fmt.Errorf("%w: Withings does not accept the address", err), []error{ErrCallback, exporter.ErrNeedsPerson}}
	case hasClass(err, envelope.Unauthorized), hasClass(err, envelope.InvalidParams), hasClass(err, envelope.NotImplemented):
		return &kind{fmt.Errorf("%w: Withings does not accept a subscription to category %d", err, category), []error{ErrCategory}}
	}
	return a.failed(notify, err)
}

// Unsubscribe ends a subscription. That there is none is not an error.
func (a *Account) Unsubscribe(ctx context.Context, callback string, category int) error {
	err := a.call(ctx, manage("revoke", callback, category), func(*fastjson.Value) {})
	if told := refusal(err); told != nil && slices.Contains(gone, told.Status) {
		return nil
	}
	return a.failed(notify, err)
}

// Subscriptions lists all of the person's, those of other programs included if they use the same Withings application. What
// cannot be read is left out, unless it is more than half: to subscribe again to what is there does no harm.
func (a *Account) Subscriptions(ctx context.Context) ([]Subscription, error) {
	var all []Subscription
	malformed := 0
	q := request{service: notify, path: "/notify", action: "list", form: url.Values{"action": {"list"}}}
	err := a.call(ctx, q, func(body *fastjson.Value) { all, malformed = subscriptions(body) })
	switch {
	case err != nil:
		return nil, a.failed(notify, err)
	case malformed > len(all):
		return nil, hint.Wrap(fmt.Errorf("list: %d of %d subscriptions to notifications cannot be read", malformed, malformed+len(all)), "please report it")
	}
	return all, nil
}

// subscriptions reads an answer, and counts what cannot be read.
func subscriptions(body *fastjson.Value) (all []Subscription, malformed int) {
	for _, v := range list(body.Get("profiles")) {
		if len(all) == mostSubscriptions {
			break
		}
		category, known := integer(v.Get("appli"))
		callback := text(v.Get("callbackurl"))
		if !known || callback == "" {
			malformed++
			continue
		}
		all = append(all, Subscription{Category: int(category), Callback: callback, Comment: text(v.Get("comment"))})
	}
	return all, malformed
}

// manage is a request about one subscription.
func manage(action, callback string, category int) request {
	return request{service: notify, path: "/notify", action: action, secret: path.Base(callback), form: url.Values{
		"action": {action}, "callbackurl": {callback}, "appli": {strconv.Itoa(category)}}}
}
