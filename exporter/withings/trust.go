package withings

import (
	"context"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
	"withings-exporter/exporter/envelope"
)

// trust is what an account knows of its tokens. Withings may refuse the token for
// one service and take it for the others: then the service fails, and the profile
// is still authorised. A token that has died is refused by all of them.
type trust struct {
	by       map[exporter.Service]string // the token that each service took last
	last     string                      // the token that any service took last
	fresh    string                      // renewed after a refusal, and taken by none yet
	stubborn map[exporter.Service]bool   // refused a token that others take, or one fresh from a renewal
	doubts   int                         // services that became stubborn since one took the token
	asked    string                      // the token of the last request
}

// took notes that a service took a token.
func (t *trust) took(service exporter.Service, token string) {
	if t.by == nil {
		t.by = map[exporter.Service]string{}
	}
	t.by[service], t.last, t.doubts = token, token, 0
	delete(t.stubborn, service)
	if t.fresh == token {
		t.fresh = ""
	}
}

// refused notes that a service refused a token, and reports whether that may be
// the end of the token, so that another one is worth a try. The first service
// that refuses what others take is doubted itself; two in a row are not.
func (t *trust) refused(service exporter.Service, token string) (dead bool) {
	switch {
	case t.stubborn[service]:
		return false
	case token == t.fresh:
		t.doubt(service)
		return false
	case t.last == token && t.by[service] != token:
		t.doubt(service)
		return t.doubts > 1
	}
	return true
}

func (t *trust) doubt(service exporter.Service) {
	if t.stubborn == nil {
		t.stubborn = map[exporter.Service]bool{}
	}
	t.stubborn[service] = true
	t.doubts++
}

// attempt sends a request once, or twice when Withings refuses the token and
// another one can be had.
func (a *Account) attempt(ctx context.Context, q request, limit time.Duration, use func(*fastjson.Value)) error {
	token, err := a.try(ctx, q, limit, "", use)
	if !hasClass(err, envelope.AuthFailed) {
		a.heed(q.service, token, err)
		return err
	}
	dead := a.trust.refused(q.service, token)
	refusal := err
	if dead {
		a.tokens.Rejected(token)
	} else if next, err := a.tokens.Token(ctx); err != nil || next == token {
		return refusal
	} // else another process has renewed the token, and this one has ended with that
	renewed, err := a.try(ctx, q, limit, token, use)
	switch {
	case renewed == token:
		return refusal // nothing would change
	case hasClass(err, envelope.AuthFailed):
		if dead {
			a.trust.fresh = renewed
		}
		a.trust.doubt(q.service)
	default:
		a.heed(q.service, renewed, err)
	}
	return err
}

// heed notes that a service took a token, unless the request failed.
func (a *Account) heed(service exporter.Service, token string, err error) {
	if err == nil {
		a.trust.took(service, token)
	}
}

// Refused hears that no service took the token though all were asked: it needs
// another, or a person.
func (a *Account) Refused() { a.tokens.Rejected(a.trust.asked) }
