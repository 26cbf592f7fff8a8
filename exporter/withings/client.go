package withings

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/reach"
	"withings-exporter/exporter/retry"
)

const (
	// tries is how often a request is sent that fails for a temporary reason, and
	// slowTries how often one that gets no answer in time, since half a minute has
	// already shown that waiting does not help.
	tries, slowTries = 3, 2
	// requestTime is the limit for one request, from dialling to the last byte.
	requestTime = 30 * time.Second
	// probes is the limit for all requests of a poll together, each tried only once, for
	// hangTime after one got no answer at all: when Withings hangs, a poll ends within
	// 2*30+1+90 = 151 seconds, and the first failure shows after 61. After that a request
	// has its full time again, since an answer may just be slow.
	probes   = 90 * time.Second
	hangTime = 150 * time.Second
	// hurryTime replaces requestTime, and hurryProbes replaces probes, while a person
	// waits.
	hurryTime   = 15 * time.Second
	hurryProbes = 30 * time.Second
	// maxAnswer caps an answer after decompression; a page of 300 nights with
	// every field has under 1 MiB.
	maxAnswer = 32 << 20
)

// probe is the limit for one request of a poll, of the limit for all of them.
func probe(all time.Duration) time.Duration { return all / time.Duration(len(exporter.Asked())-1) }

// again is the time between two tries.
var again = retry.Backoff{First: time.Second, Most: 2 * time.Second}

// Observer counts what the client does.
type Observer interface {
	Requested(service exporter.Service, status string) // every request, by outcome
	RateLimited()                                      // a 601 or 429
	Skipped(reason string)                             // a reading left out, see Reasons
}

// Client asks the Withings API. One client serves all profiles of a process.
type Client struct {
	URL       string // of the API host, without a slash at the end
	HTTP      *http.Client
	Budget    *Budget
	Observe   Observer
	Log       *slog.Logger
	Now       func() time.Time
	Ambiguous bool // also take measures that may be another person's
	Hurry     bool // a person waits: requests go first, and when Withings hangs, all services have failed after 15+30 seconds

	warned warnings // what was logged already
}

// Tokens has a profile's access token and is told whether it worked.
type Tokens interface {
	Token(ctx context.Context) (string, error)
	Rejected(access string) // Withings rejected it: the next Token renews it, or says why not
	Used(access string)     // Withings accepted it
}

// Account is the data of one profile; it is an exporter.Fetcher.
type Account struct {
	client  *Client
	profile string
	tokens  Tokens

	kinds   kinds
	minimal bool      // Withings rejected undocumented fields: they are no longer asked for
	hung    time.Time // when Withings did not answer; zero once it has answered again
	trust   trust
}

var _ exporter.Fetcher = (*Account)(nil)

// Account returns the account of a profile's tokens. It is for one goroutine.
func (c *Client) Account(profile string, tokens Tokens) *Account {
	return &Account{client: c, profile: profile, tokens: tokens}
}

// Transport returns an HTTP client fit for the API: compressed answers, limits on
// every step.
func Transport() *http.Client {
	t := reach.Transport()
	t.ResponseHeaderTimeout = requestTime
	t.MaxIdleConnsPerHost = 4
	return &http.Client{Transport: t}
}

// call sends one request, several times if that may help, and passes the body of the
// answer to use, which must not keep it.
func (a *Account) call(ctx context.Context, q request, use func(body *fastjson.Value)) error {
	hangs := !a.hung.IsZero() && time.Since(a.hung) < hangTime
	err := a.persist(ctx, q, a.patience(hangs), use)
	switch {
	case !Unanswered(err):
		a.hung = time.Time{}
	case !hangs:
		a.hung = time.Now()
	}
	return err
}

// patience is how long to wait for an answer, and how often to try.
type patience struct {
	limit       time.Duration // of one try
	tries, slow int           // most tries, and how many of them may time out
}

// patience is less while Withings hangs or a person waits.
func (a *Account) patience(hangs bool) patience {
	switch hurry := a.client.Hurry; {
	case hangs && hurry:
		return patience{limit: probe(hurryProbes), tries: 1, slow: 1}
	case hangs:
		return patience{limit: probe(probes), tries: 1, slow: 1}
	case hurry:
		return patience{limit: hurryTime, tries: tries, slow: 1}
	}
	return patience{limit: requestTime, tries: tries, slow: slowTries}
}

// persist sends a request as often as p says.
func (a *Account) persist(ctx context.Context, q request, p patience, use func(body *fastjson.Value)) error {
	most, wait := p.tries, time.Duration(0)
	for try := 1; ; try++ {
		err := a.attempt(ctx, q, p.limit, use)
		if envelope.Outcome(err) == envelope.TimedOut {
			most = min(most, p.slow)
		}
		limited := hasClass(err, envelope.TooManyRequests)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, ErrNoRoom):
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case !transient(err) && !limited:
			return err
		case try >= most && try > 1:
			return fmt.Errorf("%w; tried %d times", err, try)
		case try >= most:
			return err
		case limited: // the budget makes the next try wait
		default:
			wait = again.Next(wait)
			if stop := exporter.Pause(ctx, wait); stop != nil {
				return stop
			}
		}
	}
}

// try sends a request when the budget allows, and reports the outcome. It returns the
// token that was used; a request is not sent with the refused one.
func (a *Account) try(ctx context.Context, q request, limit time.Duration, refused string, use func(*fastjson.Value)) (string, error) {
	c := a.client
	token, err := a.ready(ctx)
	if err != nil {
		return "", err
	}
	if token == refused {
		return token, nil
	}
	a.trust.asked = token
	err = a.send(ctx, limit, q, token, use)
	c.Budget.Sent(a.profile)
	c.Observe.Requested(q.service, envelope.Outcome(err))
	switch {
	case err == nil:
		c.Budget.Fine()
		a.tokens.Used(token)
	case hasClass(err, envelope.TooManyRequests):
		c.Observe.RateLimited()
		c.Budget.CoolOff()
	}
	return token, err
}

// renewals is how often a token may be renewed between the wait for room and the request.
const renewals = 2

// ready returns a token once there is room for a request. It asks for it after the wait,
// during which it may expire. If that takes long, as a renewal does that waits for room
// itself, the room has gone to others by then, and there is another wait.
func (a *Account) ready(ctx context.Context) (token string, err error) {
	for range 1 + renewals {
		if err := a.client.Room(ctx); err != nil {
			return "", err
		}
		since := time.Now()
		if token, err = a.tokens.Token(ctx); err != nil {
			return "", &tokenError{err}
		}
		if time.Since(since) < delays {
			break
		}
	}
	return token, nil
}

// ErrNoRoom is behind the error of a request that was never sent, since the rate limit held
// it back until its time was over, or a cool-off lasts longer than that.
var ErrNoRoom = errors.New("no room in the rate limit")

// Room returns when the budget has room for a request. It may say that there is none before
// the time is over, see [Budget.Wait].
func (c *Client) Room(ctx context.Context) error {
	if c.Hurry {
		ctx = Hurry(ctx)
	}
	err := c.Budget.Wait(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", ErrNoRoom, err)
	}
	return err
}

// send sends one request, with a time limit.
func (a *Account) send(ctx context.Context, limit time.Duration, q request, token string, use func(*fastjson.Value)) error {
	return envelope.Request{
		HTTP: a.client.HTTP, URL: a.client.URL + q.path, Service: string(q.service), Form: q.form, Token: token, Secret: q.secret,
		Limit: limit, Most: cmp.Or(q.bytes, maxAnswer), Split: q.split, Log: a.client.Log.With("profile", a.profile),
	}.Send(ctx, use)
}

// once logs a warning the first time in this process.
func (c *Client) once(key, message string, args ...any) {
	first, last := c.warned.first(key)
	if first {
		c.Log.Warn(message, args...)
	}
	if last {
		c.Log.Warn("too many different warnings; further ones are only counted", "limit", mostWarned)
	}
}
