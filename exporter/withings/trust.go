package withings

import (
	"context"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
	"withings-exporter/exporter/envelope"
)

// trust is what an account knows of its tokens. Withings may reject a token for one
// service and accept it for the others: then only that service fails, and the
// profile stays authorised. A dead token is rejected by all of them.
type trust struct {
	by     map[exporter.Service]string // the token that each service accepted last
	last   string                      // the token that any service accepted last
	fresh  string                      // a token renewed after a rejection, and not accepted yet
	blamed map[exporter.Service]bool   // rejected a token that others accept, or a fresh one
	blames int                         // services blamed since one accepted the token
	asked  string                      // the token of the last request
}

// took notes that a service accepted a token.
func (t *trust) took(service exporter.Service, token string) {
	if t.by == nil {
		t.by = map[exporter.Service]string{}
	}
	t.by[service], t.last, t.blames = token, token, 0
	delete(t.blamed, service)
	if t.fresh == token {
		t.fresh = ""
	}
}

// refused notes that a service rejected a token, and reports whether the token may be
// dead, so that another is worth a try. The first service that rejects what others
// accept is blamed itself; after a second one in a row, the token is.
func (t *trust) refused(service exporter.Service, token string) (dead bool) {
	switch {
	case t.blamed[service]:
		return false
	case token == t.fresh:
		t.blame(service)
		return false
	case t.last == token && t.by[service] != token:
		t.blame(service)
		return t.blames > 1
	}
	return true
}

// blame notes that a service, not the token, is at fault.
func (t *trust) blame(service exporter.Service) {
	if t.blamed == nil {
		t.blamed = map[exporter.Service]bool{}
	}
	t.blamed[service] = true
	t.blames++
}

// attempt sends a request once, or twice if Withings rejects the token and there is
// another.
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
	} // otherwise another process has renewed the token, which ended this one
	renewed, err := a.try(ctx, q, limit, token, use)
	switch {
	case renewed == token:
		return refusal // nothing would change
	case hasClass(err, envelope.AuthFailed):
		if dead {
			a.trust.fresh = renewed
		}
		a.trust.blame(q.service)
	default:
		a.heed(q.service, renewed, err)
	}
	return err
}

// heed notes that a service accepted a token, unless the request failed.
func (a *Account) heed(service exporter.Service, token string, err error) {
	if err == nil {
		a.trust.took(service, token)
	}
}

// Refused is called when all services were asked and rejected the token: another is
// needed, or a person.
func (a *Account) Refused() { a.tokens.Rejected(a.trust.asked) }
