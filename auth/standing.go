package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/retry"
)

// asking is how long nobody's token is renewed after Withings has refused the application.
var asking = retry.Backoff{First: time.Minute, Most: 5 * time.Minute}

// Standing is whether Withings accepts an application, as the newest answer has shown. All profiles share one: a wrong secret is
// found once, and not once for each of them. The zero value is ready; nil keeps nothing.
type Standing struct {
	// Tell, if not nil, is called when the outcome is another than before: with nil if the application is accepted again.
	Tell func(err error)

	mu      sync.Mutex // guards what follows
	refused error
	pause   time.Duration
	until   time.Time // when the next may ask
}

// Refused is the ErrApplicationRefused that Withings' newest answer amounts to; nil if it accepts the application or has not
// been asked.
func (s *Standing) Refused() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}

// wait is why nobody should ask now; nil if somebody may.
func (s *Standing) wait(now time.Time) error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused == nil || !now.Before(s.until) {
		return nil
	}
	return s.refused
}

// judged notes an outcome. What is neither a success nor an ErrApplicationRefused says nothing.
func (s *Standing) judged(err error, now time.Time) {
	if s == nil || err != nil && !errors.Is(err, ErrApplicationRefused) {
		return
	}
	if s.note(err, now) && s.Tell != nil {
		s.Tell(err)
	}
}

// note keeps an outcome, and reports whether it is another than before.
func (s *Standing) note(err error, now time.Time) (news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	news = (err == nil) != (s.refused == nil)
	s.refused = err
	if err == nil {
		s.pause, s.until = 0, time.Time{}
		return news
	}
	s.pause = asking.Next(s.pause)
	s.until = now.Add(s.pause)
	return news
}

// Try is Prove, after which Standing has the outcome.
func (a *App) Try(ctx context.Context) error {
	err := a.Prove(ctx)
	a.Standing.judged(err, a.now())
	return err
}

// TryAgain is Try at growing intervals until Withings accepts the application, of which known says whether Withings has answered so
// far. What it refuses may be corrected in its dashboard, or be a fault of its own, and nobody else asks while all tokens are of another
// client id, or valid for hours. If the first answer accepts it, accepted is called; the end of a refusal is Standing's to tell. It
// reports whether Withings has answered when it returns, which is at once if there is nothing to ask.
func (a *App) TryAgain(ctx context.Context, known bool, accepted func()) bool {
	for pause := time.Duration(0); !known || a.Standing.Refused() != nil; {
		pause = asking.Next(pause)
		select {
		case <-ctx.Done():
			return known
		case <-time.After(pause):
		}
		if a.Standing.wait(a.now()) != nil { // somebody else has just asked
			continue
		}
		err := a.Try(ctx)
		if err == nil && !known {
			accepted()
		}
		known = known || err == nil || errors.Is(err, ErrApplicationRefused)
	}
	return known
}

// blame finds out why Withings refuses a renewal: the answer is the same for a refresh token that has ended and for a wrong client
// id or secret. It is nil for the refresh token. Unless Withings' text names what is wrong, a request that needs no token decides.
func (a *App) blame(ctx context.Context, err error) error {
	if namesGrant(err) {
		return nil
	}
	switch proof := a.Prove(ctx); {
	case proof == nil:
		a.Standing.judged(nil, a.now())
		return nil
	case errors.Is(proof, ErrApplicationRefused):
		return a.applicationRefused(err)
	default: // so that nobody is sent to sign in for nothing
		return fmt.Errorf("%w (and whether client id and client secret are right could not be found out: %w)", err, proof)
	}
}

// applicationRefused says what to do if Withings does not accept client id and secret.
func (a *App) applicationRefused(err error) error {
	from := ""
	if a.Given != "" {
		from = a.Given + "; "
	}
	return hint.Wrap(fmt.Errorf("%w: %w", ErrApplicationRefused, err), from+"copy both again from the application's page in Withings' developer dashboard, "+
		"id to id and secret to secret, and if they are the same there, check this machine's clock")
}

// namesApplication reports whether Withings' text says that client id, client secret or signature are wrong.
func namesApplication(err error) bool {
	return names(err, "client", "secret", "signature", "nonce") && !names(err, "token", "grant")
}

// namesGrant reports whether Withings' text says that the token is what is wrong.
func namesGrant(err error) bool {
	return names(err, "token", "grant") && !names(err, "client", "secret", "signature", "nonce")
}

// names reports whether Withings' text for a refusal has one of the words.
func names(err error, words ...string) bool {
	var told *envelope.Error
	if !errors.As(err, &told) {
		return false
	}
	text := strings.ToLower(told.Text)
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}
