package simulator

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// serveConsent is the account host: GET shows the page, POST takes the decision.
func (c *Cloud) serveConsent(w http.ResponseWriter, r *http.Request) {
	entry := Request{Time: c.clock.now(), Service: "account", Action: "authorize2"}
	ask, problem := c.readAsk(r.Form)
	switch {
	case problem != "":
		entry.HTTP = http.StatusBadRequest
		c.showProblem(w, problem)
	case r.Method == http.MethodGet:
		entry.HTTP = http.StatusOK
		c.showConsent(w, ask)
	default:
		entry.UserID, entry.HTTP = c.decide(w, r, ask)
	}
	c.journal.add(entry)
}

// ask is a checked authorize request.
type ask struct {
	client   string
	redirect string
	state    string
	scopes   []string
	demo     bool
}

// readAsk checks the parameters of section 1.2; the problem is a sentence for the person at the browser,
// who cannot be sent back to an address that is not trusted.
func (c *Cloud) readAsk(form url.Values) (ask, string) {
	a := ask{
		client:   form.Get("client_id"),
		redirect: form.Get("redirect_uri"),
		state:    form.Get("state"),
		demo:     form.Get("mode") == "demo",
	}
	scopes, ok := parseScopes(form.Get("scope"))
	a.scopes = scopes
	switch {
	case form.Get("response_type") != "code":
		return a, "The parameter response_type must be “code”."
	case a.client != c.options.ClientID:
		return a, "No application is registered under this client_id."
	case !c.registered(a.redirect):
		return a, "The redirect_uri is not one of the callback addresses registered for this application."
	case a.state == "":
		return a, "The parameter state is missing."
	case !ok:
		return a, "The parameter scope must be a comma-separated list of known scopes."
	case form.Has("mode") && !a.demo:
		return a, "The parameter mode must be “demo” or absent."
	}
	return a, ""
}

// registered reports whether a callback is one of the application's: the registered address or a longer
// path and query under it. An application without addresses may use any on the loopback interface.
func (c *Cloud) registered(redirect string) bool {
	u, err := url.Parse(redirect)
	if err != nil || u.Host == "" || u.Fragment != "" {
		return false
	}
	if len(c.options.RedirectURIs) == 0 {
		return u.Scheme == "http" && isLoopback(u.Hostname())
	}
	return slices.ContainsFunc(c.options.RedirectURIs, func(known string) bool {
		if redirect == known {
			return true
		}
		k, err := url.Parse(known)
		if err != nil || k.Scheme != u.Scheme || k.Host != u.Host {
			return false
		}
		base := strings.TrimSuffix(k.Path, "/")
		return u.Path == k.Path || strings.HasPrefix(u.Path, base+"/")
	})
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// choices are the people an ask may be granted for: everybody, or only the demo account.
func (c *Cloud) choices(a ask) []*person {
	if a.demo {
		return c.people[:1]
	}
	return c.people
}

// decide sends the browser back with a code, or with access_denied.
func (c *Cloud) decide(w http.ResponseWriter, r *http.Request, a ask) (user int64, status int) {
	back, err := url.Parse(a.redirect)
	if err != nil { // readAsk has parsed it
		c.showProblem(w, "The redirect_uri is not a valid address.")
		return 0, http.StatusBadRequest
	}
	query := back.Query()
	query.Set("state", a.state)
	switch r.PostForm.Get("decision") {
	case "deny":
		query.Set("error", "access_denied")
	case "allow":
		user, _ = strconv.ParseInt(r.PostForm.Get("person"), 10, 64)
		if !slices.ContainsFunc(c.choices(a), func(p *person) bool { return p.ID == user }) {
			c.showProblem(w, "Choose one of the people on the page.")
			return 0, http.StatusBadRequest
		}
		query.Set("code", c.vault.code(grant{
			client: a.client, user: user, scopes: a.scopes, redirect: a.redirect, at: c.clock.unhurried(),
		}))
	default:
		c.showProblem(w, "Choose Allow or Deny.")
		return 0, http.StatusBadRequest
	}
	back.RawQuery = query.Encode()
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, back.String(), http.StatusFound)
	return user, http.StatusFound
}
