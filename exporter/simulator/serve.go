package simulator

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// maxRequestBytes bounds a request body; a Withings request is a few hundred bytes.
const maxRequestBytes = 1 << 20

// service is one URL of the API: its actions share it.
type service struct {
	name    string
	actions map[string]endpoint
}

// endpoint is one action.
type endpoint struct {
	// open actions carry no bearer token: they prove the application instead.
	open bool
	// scopes of which the token must have one; empty means that any token will do.
	scopes []string
	run    handler
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

// routes is the table of the API: path, action, scope, handler.
func (c *Cloud) routes() map[string]service {
	metrics, activity, info := []string{scopeMetrics}, []string{scopeActivity}, []string{scopeInfo}
	return map[string]service{
		"/v2/oauth2": {"oauth2", map[string]endpoint{
			"requesttoken":             {open: true, run: c.requestToken},
			"revoke":                   {open: true, run: c.revoke},
			"getdemoaccess":            {open: true, run: c.demoAccess},
			"listusers":                {open: true, run: c.partnersOnly},
			"recoverauthorizationcode": {open: true, run: c.partnersOnly},
			"createclient":             {open: true, run: c.partnersOnly},
		}},
		"/v2/signature": {"signature", map[string]endpoint{
			"getnonce": {open: true, run: c.getNonce},
		}},
		"/measure": {"measure", map[string]endpoint{
			"getmeas": {scopes: metrics, run: c.getMeasures},
		}},
		"/v2/measure": {"measure", map[string]endpoint{
			"getactivity":         {scopes: activity, run: c.getActivity},
			"getintradayactivity": {scopes: activity, run: c.getIntraday},
			"getworkouts":         {scopes: activity, run: c.getWorkouts},
			"confirmuser":         {scopes: []string{scopeMetrics, scopeActivity}, run: c.confirmUser},
		}},
		"/v2/sleep": {"sleep", map[string]endpoint{
			"get":        {scopes: activity, run: c.getSleep},
			"getsummary": {scopes: activity, run: c.getSleepSummary},
		}},
		"/v2/heart": {"heart", map[string]endpoint{
			"list": {scopes: metrics, run: c.listHeart},
			"get":  {scopes: metrics, run: c.getHeart},
		}},
		"/v2/stetho": {"stetho", map[string]endpoint{
			"list": {scopes: metrics, run: c.listStetho},
			"get":  {scopes: metrics, run: c.getStetho},
		}},
		"/v2/user": {"user", map[string]endpoint{
			"getdevice": {scopes: info, run: c.getDevices},
			"getgoals":  {scopes: info, run: c.getGoals},
			"get":       {run: c.partnersOnly},
		}},
		"/notify": {"notify", map[string]endpoint{
			"subscribe": {run: c.subscribe},
			"get":       {run: c.getSubscription},
			"list":      {run: c.listSubscriptions},
			"update":    {run: c.updateSubscription},
			"revoke":    {run: c.unsubscribe},
		}},
	}
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
	q := &call{service: srv.name, action: r.Form.Get("action"), form: r.Form, now: c.clock.now()}
	entry := Request{Time: q.now, Service: q.service, Action: q.action, Offset: q.form.Get("offset")}

	token := bearer(r)
	end, known := srv.actions[q.action]
	entry.UserID = c.whoAsks(q, end, token)
	fault := c.faults.pick(entry.UserID, q)

	reply, replaced := fault.before()
	if !replaced {
		var body any
		refused := errUnknownAction
		if known {
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
func (c *Cloud) whoAsks(q *call, end endpoint, token string) int64 {
	if end.open {
		return c.vault.owner(q.form)
	}
	return c.vault.userOf(token)
}

// perform checks token, rate and scope, and runs the action. A call refused by the limiter has not used
// its access token.
func (c *Cloud) perform(ctx context.Context, q *call, end endpoint, token string) (any, *refusal) {
	if end.open {
		if c.switches.Limiter.CountTokenCalls && !c.limiter.allow(q.form.Get("client_id")) {
			return nil, errTooMany
		}
		return end.run(ctx, q)
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
	if len(end.scopes) > 0 && !q.hasScope(end.scopes...) {
		return nil, c.scopeRefusal()
	}
	return end.run(ctx, q)
}

// bearer returns the access token of a request: the header, or the parameter that old clients send.
func bearer(r *http.Request) string {
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return r.Form.Get("access_token")
}

// hasScope reports whether the token of the call has one of the scopes.
func (q *call) hasScope(any ...string) bool {
	return slices.ContainsFunc(any, func(s string) bool { return slices.Contains(q.scopes, s) })
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
