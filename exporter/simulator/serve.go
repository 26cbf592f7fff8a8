package simulator

import (
	"context"
	"net/http"
	"path"
	"slices"
	"strings"
)

// maxRequestBytes bounds a request body; a Withings request is a few hundred bytes.
const maxRequestBytes = 1 << 20

// service is one URL of the API: its actions by name.
type service map[string]*endpoint

// endpoint is one action.
type endpoint struct {
	path, action string
	// needs is what a call must have: noToken, anyToken, or a token with one of these comma-separated scopes.
	needs string
	run   func(*Cloud, context.Context, *call) (any, *refusal) // the context ends with the request
}

// The scopes of section 1.3 of the reference.
const (
	scopeInfo     = "user.info"
	scopeMetrics  = "user.metrics"
	scopeActivity = "user.activity"
	scopeSleep    = "user.sleepevents"
)

// authorizePath is the only page for people; everything else is the API.
const authorizePath = "/oauth2_user/authorize2"

// What an endpoint may need besides scopes.
const (
	anyToken = ""
	noToken  = "none" // the call proves the application instead
)

// endpoints is the table of the API: path, action, scope, handler. The last part of the path names the service.
var endpoints = [...]endpoint{
	{"/v2/oauth2", "requesttoken", noToken, (*Cloud).requestToken},
	{"/v2/oauth2", "revoke", noToken, (*Cloud).revoke},
	{"/v2/oauth2", "getdemoaccess", noToken, (*Cloud).demoAccess},
	{"/v2/oauth2", "listusers", noToken, (*Cloud).partnersOnly},
	{"/v2/oauth2", "recoverauthorizationcode", noToken, (*Cloud).partnersOnly},
	{"/v2/oauth2", "createclient", noToken, (*Cloud).partnersOnly},
	{"/v2/signature", "getnonce", noToken, (*Cloud).getNonce},
	{"/measure", "getmeas", scopeMetrics, (*Cloud).getMeasures},
	{"/v2/measure", "getactivity", scopeActivity, (*Cloud).getActivity},
	{"/v2/measure", "getintradayactivity", scopeActivity, (*Cloud).getIntraday},
	{"/v2/measure", "getworkouts", scopeActivity, (*Cloud).getWorkouts},
	{"/v2/measure", "confirmuser", scopeMetrics + "," + scopeActivity, (*Cloud).confirmUser},
	{"/v2/sleep", "get", scopeActivity, (*Cloud).getSleep},
	{"/v2/sleep", "getsummary", scopeActivity, (*Cloud).getSleepSummary},
	{"/v2/heart", "list", scopeMetrics, (*Cloud).listHeart},
	{"/v2/heart", "get", scopeMetrics, (*Cloud).getHeart},
	{"/v2/stetho", "list", scopeMetrics, (*Cloud).listStetho},
	{"/v2/stetho", "get", scopeMetrics, (*Cloud).getStetho},
	{"/v2/user", "getdevice", scopeInfo, (*Cloud).getDevices},
	{"/v2/user", "getgoals", scopeInfo, (*Cloud).getGoals},
	{"/v2/user", "get", anyToken, (*Cloud).partnersOnly},
	{"/notify", "subscribe", anyToken, (*Cloud).subscribe},
	{"/notify", "get", anyToken, (*Cloud).getSubscription},
	{"/notify", "list", anyToken, (*Cloud).listSubscriptions},
	{"/notify", "update", anyToken, (*Cloud).updateSubscription},
	{"/notify", "revoke", anyToken, (*Cloud).unsubscribe},
}

// routes sorts the endpoints by path.
func routes() map[string]service {
	services := make(map[string]service)
	for i := range endpoints {
		end := &endpoints[i]
		if services[end.path] == nil {
			services[end.path] = make(service)
		}
		services[end.path][end.action] = end
	}
	return services
}

// ServeHTTP answers for both hosts: the consent page and the API.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		http.Error(w, "only GET and POST are answered here", http.StatusMethodNotAllowed)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxRequestBytes)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	if r.URL.Path == authorizePath {
		c.serveConsent(w, r)
		return
	}
	srv, ok := c.services[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	c.serveAPI(w, r, srv)
}

// serveAPI answers one API request: who asks, is there a fault for it, may it, what is the answer.
func (c *Cloud) serveAPI(w http.ResponseWriter, r *http.Request, srv service) {
	q := &call{service: path.Base(r.URL.Path), action: r.Form.Get("action"), form: r.Form, now: c.clock.now()}
	q.unix = q.now.Unix()
	entry := Request{Time: q.now, Service: q.service, Action: q.action, Offset: q.form.Get("offset")}

	token := bearer(r)
	end := srv[q.action] // nil for an unknown action
	entry.UserID = c.whoAsks(q, end, token)
	fault := c.faults.pick(entry.UserID, q)

	reply, replaced := fault.before()
	if !replaced {
		var body any
		refused := errUnknownAction
		if end != nil {
			body, refused = c.perform(r.Context(), q, end, token)
		}
		reply = envelope(body, refused)
		reply = fault.bend(reply, q.form)
	}
	entry.Status, entry.HTTP = reply.status, reply.http
	c.journal.add(entry)
	fault.write(r.Context(), w, reply)
}

// whoAsks names the user of a call as far as it can be known before the call is allowed: 0 means nobody.
func (c *Cloud) whoAsks(q *call, end *endpoint, token string) int64 {
	if end != nil && end.needs == noToken {
		return c.vault.owner(q.form)
	}
	return c.vault.userOf(token)
}

// perform checks token, rate and scope, and runs the action. A call refused by the limiter has not used
// its access token.
func (c *Cloud) perform(ctx context.Context, q *call, end *endpoint, token string) (any, *refusal) {
	if end.needs == noToken {
		if c.switches.Limiter.CountTokenCalls && !c.limiter.allow(q.form.Get("client_id")) {
			return nil, errTooMany
		}
		return end.run(c, ctx, q)
	}
	holder, ok := c.vault.check(token, q.now)
	if !ok {
		return nil, errInvalidToken
	}
	if !c.limiter.allow(holder.client) {
		return nil, errTooMany
	}
	c.vault.use(token)
	q.person, q.scopes = c.byID[holder.user], holder.scopes
	if end.needs != anyToken && !q.hasScope(strings.Split(end.needs, ",")...) {
		return nil, c.scopeRefusal()
	}
	return end.run(c, ctx, q)
}

// bearer returns the access token of a request: the header, or the parameter that old clients send.
func bearer(r *http.Request) string {
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return r.Form.Get("access_token")
}

// hasScope reports whether the token of the call has one of the scopes.
func (q *call) hasScope(scopes ...string) bool {
	return slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(q.scopes, s) })
}

// scopeRefusal is the answer to a token that lacks a scope, as the switch has it.
func (c *Cloud) scopeRefusal() *refusal {
	const text = "Unauthorized: the scope is missing"
	switch c.switches.MissingScope {
	case ScopeStatus214:
		return &refusal{status: 214, text: text}
	case ScopeStatus277:
		return &refusal{status: 277, text: text}
	case ScopeStatus2553:
		return &refusal{status: 2553, text: text}
	}
	return &refusal{status: http.StatusForbidden, text: text, http: http.StatusForbidden}
}

// partnersOnly answers what an application without a contract gets on the services for partners.
func (c *Cloud) partnersOnly(context.Context, *call) (any, *refusal) {
	return nil, errInvalidParams
}
