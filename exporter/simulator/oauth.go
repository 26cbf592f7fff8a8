package simulator

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// requestToken answers requesttoken: a code or a refresh token for a new pair.
func (c *Cloud) requestToken(_ context.Context, q *call) (any, *refusal) {
	if refused := c.provesClient(q); refused != nil {
		return nil, refused
	}
	client := q.form.Get("client_id")
	switch q.form.Get("grant_type") {
	case "authorization_code":
		p, ok := c.vault.exchange(q.form.Get("code"), client, q.form.Get("redirect_uri"), c.clock.unhurried(), q.now)
		if !ok {
			return nil, errInvalidCode
		}
		// The user id is a string here and an integer after a refresh: so does the real server.
		return tokenBody(p, strconv.FormatInt(p.session.grant.user, 10)).with("csrf_token", secret()[:8]), nil
	case "refresh_token":
		p, ok := c.vault.refresh(q.form.Get("refresh_token"), client, q.now)
		if !ok {
			return nil, errInvalidRefresh
		}
		return tokenBody(p, p.session.grant.user), nil
	}
	return nil, invalidParam("invalid grant_type")
}

// tokenBody is the answer to both grants.
func tokenBody(p *pair, userID any) Fields {
	return Fields{
		{"userid", userID},
		{"access_token", p.access},
		{"refresh_token", p.refresh},
		{"scope", strings.Join(p.session.grant.scopes, ",")},
		{"expires_in", int(accessLife.Seconds())},
		{"token_type", "Bearer"},
	}
}

// revoke ends all tokens of a user and removes the notifications. It must be signed.
func (c *Cloud) revoke(_ context.Context, q *call) (any, *refusal) {
	if refused := c.signed(q); refused != nil {
		return nil, refused
	}
	user, err := strconv.ParseInt(q.form.Get("userid"), 10, 64)
	if err != nil || c.byID[user] == nil {
		return nil, invalidParam("invalid userid")
	}
	c.vault.revoke(user, q.form.Get("client_id"))
	c.subscriptions.clear(user)
	return Fields{}, nil
}

// demoAccess gives tokens for the demo account without a browser, and without telling whose they are. The
// demo account of this cloud is its first person.
func (c *Cloud) demoAccess(_ context.Context, q *call) (any, *refusal) {
	if refused := c.signed(q); refused != nil {
		return nil, refused
	}
	scopes, ok := parseScopes(q.form.Get("scope_oauth2"))
	if !ok {
		return nil, invalidParam("invalid scope_oauth2")
	}
	p := c.vault.start(grant{client: q.form.Get("client_id"), user: c.people[0].ID, scopes: scopes}, q.now)
	return Fields{
		{"access_token", p.access},
		{"refresh_token", p.refresh},
		{"expires_in", int(accessLife.Seconds())},
	}, nil
}

// parseScopes splits the comma-separated list; it fails on an empty list and on unknown scopes, and a
// list with blanks, as generic OAuth clients send it, is one unknown scope.
func parseScopes(list string) ([]string, bool) {
	known := []string{scopeInfo, scopeMetrics, scopeActivity, scopeSleep}
	var scopes []string
	for scope := range strings.SplitSeq(list, ",") {
		if !slices.Contains(known, scope) {
			return nil, false
		}
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes, true
}
