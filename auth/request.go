package auth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/hint"
)

const (
	// requestLimit is how long one request may take, answer included.
	requestLimit = 20 * time.Second
	// answerLimit is the largest answer read, in bytes; real ones have less than one kilobyte.
	answerLimit = 64 << 10
	// lastWords is how long a refresh may go on after its context has ended: if its answer
	// is not read, the old refresh token has only eight hours left.
	lastWords = 2 * time.Second
)

// call sends one form to the API and passes the body of the answer to read. The error
// is that of read, or says why there is no body.
func (a *App) call(ctx context.Context, path string, form url.Values, read func(body *fastjson.Value) error) error {
	action := form.Get("action")
	if ctx.Value(reserved{}) == nil {
		if err := a.wait(ctx); err != nil {
			return fmt.Errorf("%s: %w", action, err)
		}
	}
	if form.Get("grant_type") == "refresh_token" {
		var cancel context.CancelFunc
		ctx, cancel = outlive(ctx, lastWords)
		defer cancel()
	}
	var unread error
	err := envelope.Request{
		HTTP: a.HTTPClient, URL: address(a.APIURL, WithingsAPIURL, path), Service: "oauth2", Form: form, Secret: a.ClientSecret,
		Limit: requestLimit, Most: answerLimit, Log: a.Log,
	}.Send(ctx, func(body *fastjson.Value) { unread = read(body) })
	if a.Observe != nil {
		a.Observe(action, envelope.Outcome(err))
	}
	if unread != nil {
		return hint.Wrap(fmt.Errorf("%s: %w", action, unread), "if this lasts, please report it")
	}
	var told *envelope.Error
	if errors.As(err, &told) && told.Status == 0 && (told.Meaning() == envelope.AuthFailed || told.Meaning() == envelope.Unauthorized) {
		return hint.Wrap(err, "check the client id, the client secret, --api.url and any proxy in between")
	}
	return err
}

// reserved marks a context whose requests have their room in the rate budget.
type reserved struct{}

// reserve waits for room in the rate budget for one renewal, and returns a context in
// which it need not wait: a renewal holds a lock, and waiting may take minutes.
func (a *App) reserve(ctx context.Context) (context.Context, error) {
	requests := 1
	if a.Signed {
		requests = 2 // the nonce is one, too
	}
	for range requests {
		if err := a.wait(ctx); err != nil {
			return ctx, err
		}
	}
	return context.WithValue(ctx, reserved{}, true), nil
}

// wait returns when there is room for a request in the rate budget.
func (a *App) wait(ctx context.Context) error {
	if a.Wait == nil {
		return nil
	}
	if err := a.Wait(ctx); err != nil {
		return fmt.Errorf("wait for room in the rate budget: %w", err)
	}
	return nil
}

// outlive is a context that ends later than the given one by grace.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, cancel)
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, func() {
		stop()
		cancel()
	}
}
