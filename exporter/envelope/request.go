package envelope

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter/reach"
	"withings-exporter/exporter/redact"
)

// Request is a form to send to Withings, and how to send it.
type Request struct {
	HTTP    *http.Client  // its transport and time limit are used; nil means Go's default
	URL     string        // of the API, with the path
	Service string        // its name in the log
	Form    url.Values    // with an action
	Token   string        // the access token, if the request needs one
	Secret  string        // another secret to hide, besides the token and those in the form
	Limit   time.Duration // from dialling to the last byte
	Most    int64         // bytes of the largest answer, after decompression
	Log     *slog.Logger  // nil logs nothing
	Split   *Split        // gets the rows of a long answer; nil if it is passed on whole
}

// secretFields are the form fields with secrets.
var secretFields = []string{"client_secret", "code", "refresh_token", "nonce", "signature"}

// Send posts the form and passes the body of the answer to use, which must not keep
// it. Redirects are not followed, see [reach.FirstAnswer]. The error names the action
// and contains no secrets: it is an [*Error] if there was an answer, otherwise it wraps
// a [*reach.Error] or context.Canceled.
func (r Request) Send(ctx context.Context, use func(body *fastjson.Value)) error {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, r.Limit)
	defer cancel()
	rows, known := 0, false
	err := r.send(ctx, func(body *fastjson.Value) {
		if r.Log != nil && r.Log.Enabled(ctx, slog.LevelDebug) {
			if rows, known = count(body); r.Split.Has() {
				rows += r.Split.Len()
			}
		}
		use(body)
	})
	if r.Log != nil {
		attrs := []any{"service", r.Service, "action", r.Form.Get("action"), "status", Outcome(err)}
		if known {
			attrs = append(attrs, "rows", rows)
		}
		r.Log.Debug("request to Withings", append(attrs, "milliseconds", time.Since(began).Milliseconds())...)
	}
	return err
}

func (r Request) send(ctx context.Context, use func(body *fastjson.Value)) error {
	action, secrets := r.Form.Get("action"), []string{r.Token, r.Secret}
	for _, field := range secretFields {
		secrets = append(secrets, r.Form.Get(field))
	}
	unreached := func(err error) error {
		if errors.Is(err, context.Canceled) {
			return fmt.Errorf("%s: %w", action, context.Canceled)
		}
		return fmt.Errorf("%s: %w", action, reach.Failed("Withings", "--api.url", err, secrets...))
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, strings.NewReader(r.Form.Encode()))
	if err != nil {
		what, _ := reach.Explain(err, secrets...)
		return &Error{Action: action, Text: "the address cannot be used: " + what, advice: checkURL, outcome: Network}
	}
	post.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if r.Token != "" {
		post.Header.Set("Authorization", "Bearer "+r.Token)
	}
	answer, err := r.client().Do(post)
	if err != nil {
		return unreached(err)
	}
	defer answer.Body.Close()
	status := answer.StatusCode
	// Of data, only a plain 200 is all that was asked for; a new token counts with any
	// 2xx, since without it the profile could not be read again.
	if status >= 300 && status < 400 || status >= 500 || r.Token != "" && status != http.StatusOK && status < 300 {
		return httpError(action, status, destination(answer, secrets))
	}
	buffer := buffers.Get().(*bytes.Buffer)
	defer recycle(buffer)
	buffer.Reset()
	n, err := buffer.ReadFrom(io.LimitReader(answer.Body, r.Most+1))
	switch {
	case err != nil && status == http.StatusOK:
		return unreached(fmt.Errorf("reading the answer: %w", err))
	case err != nil, n > r.Most && status != http.StatusOK:
		return httpError(action, status, "")
	case n > r.Most:
		return tooLarge(action, "is larger than "+size(r.Most))
	}
	err = r.Split.Open(action, status, buffer.Bytes(), use)
	if told := (*Error)(nil); errors.As(err, &told) {
		told.Text = redact.Text(told.Text, secrets...)
	}
	return err
}

// client returns the HTTP client for the request, which follows no redirects.
func (r Request) client() *http.Client {
	c := &http.Client{CheckRedirect: reach.FirstAnswer}
	if r.HTTP != nil {
		c.Transport, c.Timeout = r.HTTP.Transport, r.HTTP.Timeout
	}
	return c
}

// destination returns the location of a redirect without user, query, fragment and
// secrets; "" if there is none.
func destination(answer *http.Response, secrets []string) string {
	to, err := answer.Location()
	if err != nil {
		return ""
	}
	to.User, to.RawQuery, to.Fragment = nil, "", ""
	return redact.Text(to.String(), secrets...)
}

func size(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d KiB", bytes>>10)
	}
	return fmt.Sprintf("%d MiB", bytes>>20)
}
