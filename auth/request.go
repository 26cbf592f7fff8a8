package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/reach"
	"withings-exporter/exporter/redact"
)

const (
	// requestLimit is how long one request may take, answer included.
	requestLimit = 20 * time.Second
	// answerLimit is the largest answer read, in bytes; real ones have less than one kilobyte.
	answerLimit = 64 << 10
	// lastWords is how long a refresh may go on after its context has ended: an
	// answer nobody reads starts the eight hours the old refresh token has left.
	lastWords = 2 * time.Second
)

// httpError is an answer that is not Withings' but some server's in between,
// or an outage page.
type httpError struct {
	action string
	code   int
}

func (e *httpError) Error() string {
	return fmt.Sprintf("%s: HTTP status %d without an answer of Withings; it should pass, if not look for a proxy in between", e.action, e.code)
}

// malformedError is an answer that cannot be read or lacks what it must have.
type malformedError struct{ action, why string }

func (e *malformedError) Error() string { return e.action + ": " + e.why }

// call sends one form to the API and gives the body inside the envelope. The
// error is an *envelope.Error if Withings answered with a status.
func (a *App) call(ctx context.Context, path string, form url.Values) (json.RawMessage, error) {
	action := form.Get("action")
	if ctx.Value(reserved{}) == nil {
		if err := a.wait(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", action, err)
		}
	}
	if form.Get("grant_type") == "refresh_token" {
		var cancel context.CancelFunc
		ctx, cancel = outlive(ctx, lastWords)
		defer cancel()
	}
	body, err := a.post(ctx, path, form)
	a.observe(action, outcome(err))
	return body, err
}

// reserved marks a context whose requests have their room in the rate budget.
type reserved struct{}

// reserve waits for room in the rate budget for one renewal, and returns a context
// in which it is made without waiting. Who holds a lock must not wait: after the
// rate limit it takes minutes, and others want the lock.
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

// post is one request and its answer, within requestLimit.
func (a *App) post(ctx context.Context, path string, form url.Values) (json.RawMessage, error) {
	action := form.Get("action")
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address(a.APIURL, WithingsAPIURL, path), strings.NewReader(form.Encode()))
	if err != nil {
		what, _ := reach.Explain(err, a.secrets(form)...)
		return nil, fmt.Errorf("%s: %s; check --api.url", action, what)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := a.client().Do(req)
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return nil, fmt.Errorf("%s: %w", action, context.Canceled)
		}
		return nil, fmt.Errorf("%s: %w", action, reach.Failed("Withings", "--api.url", err, a.secrets(form)...))
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit+1))
	// What was read counts; a failing close cannot change it.
	_ = resp.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", action, reach.Failed("Withings", "--api.url", fmt.Errorf("read the answer: %w", err), a.secrets(form)...))
	}
	if len(data) > answerLimit {
		return nil, &malformedError{action, fmt.Sprintf("answer of more than %d bytes", answerLimit)}
	}
	body, err := open(action, resp.StatusCode, data)
	var told *envelope.Error
	if errors.As(err, &told) {
		told.Text = redact.Text(told.Text, a.secrets(form)...)
	}
	return body, err
}

// client is the application's HTTP client without redirects: following one
// would carry the secret to wherever it points.
func (a *App) client() *http.Client {
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if a.HTTPClient != nil {
		c.Transport, c.Timeout = a.HTTPClient.Transport, a.HTTPClient.Timeout
	}
	return c
}

// open takes an answer out of its envelope.
func open(action string, code int, data []byte) (json.RawMessage, error) {
	if code == http.StatusTooManyRequests {
		// Never seen from Withings, but if it comes it means what 601 means.
		return nil, &envelope.Error{Action: action, Status: 601, Text: "HTTP status 429"}
	}
	var answer struct {
		Status json.RawMessage `json:"status"`
		Body   json.RawMessage `json:"body"`
		Error  json.RawMessage `json:"error"`
		Detail json.RawMessage `json:"detail"`
	}
	err := json.Unmarshal(data, &answer)
	status, known := wholeNumber(answer.Status)
	failed := code < 200 || code > 299
	switch {
	case code >= 500, failed && (err != nil || !known || status == 0):
		return nil, &httpError{action, code}
	case err != nil:
		return nil, &malformedError{action, "answer is not JSON"}
	case !known:
		return nil, &malformedError{action, "answer without a status"}
	case status != 0:
		text := plainString(answer.Error)
		if text == "" {
			text = plainString(answer.Detail)
		}
		return nil, &envelope.Error{Action: action, Status: status, Text: text}
	}
	return answer.Body, nil
}

// outcome is what Observe is told about a request.
func outcome(err error) string {
	var (
		told      *envelope.Error
		foreign   *httpError
		malformed *malformedError
	)
	switch {
	case err == nil:
		return "0"
	case errors.As(err, &told):
		return strconv.Itoa(told.Status)
	case errors.As(err, &foreign):
		return "http_" + strconv.Itoa(foreign.code)
	case errors.As(err, &malformed):
		return "malformed"
	}
	return "unreachable"
}

// secretFields are the form fields an answer must not be quoted with.
var secretFields = []string{"client_secret", "code", "refresh_token", "nonce", "signature"}

// secrets are what is sent in confidence with a form, and the secret it is signed
// with.
func (a *App) secrets(form url.Values) []string {
	secrets := []string{a.ClientSecret}
	for _, field := range secretFields {
		secrets = append(secrets, form.Get(field))
	}
	return secrets
}
