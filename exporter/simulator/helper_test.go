package simulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	testRedirect = "http://localhost:8019/auth/external/callback"
	allScopes    = "user.info,user.metrics,user.activity,user.sleepevents"
)

// testStart is an ordinary Wednesday, 20:30 in Vienna.
var testStart = time.Date(2026, time.July, 15, 18, 30, 0, 0, time.UTC)

// wall is a real clock that stands still until it is moved.
type wall struct {
	mu sync.Mutex
	t  time.Time
}

func (w *wall) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.t
}

func (w *wall) move(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.t = w.t.Add(d)
}

// newCloud returns a Cloud on a real clock that stands still, without a rate limit unless one is given.
func newCloud(t testing.TB, o Options) (*Cloud, *wall) {
	t.Helper()
	clock := &wall{t: testStart}
	o.Now = clock.now
	if o.Start.IsZero() {
		o.Start = testStart
	}
	if o.Switches.Limiter.Limit == 0 {
		o.Switches.Limiter.Limit = Unlimited
	}
	return New(o), clock
}

// params are the form of a request.
type params map[string]string

func (p params) values() url.Values {
	v := url.Values{}
	for name, value := range p {
		v.Set(name, value)
	}
	return v
}

// reply is a decoded answer.
type reply struct {
	HTTP   int
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
	Error  string          `json:"error"`
	raw    string
}

// into decodes the body.
func (r reply) into(t testing.TB, target any) {
	t.Helper()
	if err := json.Unmarshal(r.Body, target); err != nil {
		t.Fatalf("body %.200s: %v", r.Body, err)
	}
}

// post sends a request without a network.
func post(t testing.TB, c http.Handler, path, token string, p params) reply {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(p.values().Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	answer := reply{HTTP: w.Code, raw: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%s %v: answer %.200q: %v", path, p, w.Body.String(), err)
	}
	return answer
}

// tokens is the body of a token answer.
type tokens struct {
	UserID  json.RawMessage `json:"userid"`
	Access  string          `json:"access_token"`
	Refresh string          `json:"refresh_token"`
	Expires int             `json:"expires_in"`
	Scope   string          `json:"scope"`
}

// codeFor issues an authorization code as the consent page would.
func codeFor(c *Cloud, user int64, scopes string) string {
	return c.vault.code(grant{
		client: DefaultClientID, user: user, scopes: strings.Split(scopes, ","),
		redirect: testRedirect, at: c.clock.unhurried(),
	})
}

func exchangeForm(code string) params {
	return params{
		"action": "requesttoken", "grant_type": "authorization_code", "client_id": DefaultClientID,
		"client_secret": DefaultClientSecret, "code": code, "redirect_uri": testRedirect,
	}
}

func refreshForm(token string) params {
	return params{
		"action": "requesttoken", "grant_type": "refresh_token", "client_id": DefaultClientID,
		"client_secret": DefaultClientSecret, "refresh_token": token,
	}
}

// signIn returns a fresh pair of a user.
func signIn(t testing.TB, c *Cloud, user int64, scopes string) tokens {
	t.Helper()
	answer := post(t, c, "/v2/oauth2", "", exchangeForm(codeFor(c, user, scopes)))
	if answer.Status != 0 {
		t.Fatalf("sign in: status %d, %s", answer.Status, answer.Error)
	}
	var pair tokens
	answer.into(t, &pair)
	return pair
}

// visitor calls the API as one person, with a new token whenever the old one may have expired.
type visitor struct {
	c     *Cloud
	user  int64
	token string
	until time.Time
}

func visit(c *Cloud, kind Kind) *visitor { return &visitor{c: c, user: c.people[kind].ID} }

func (v *visitor) call(t testing.TB, path string, p params) reply {
	t.Helper()
	if v.c.Now().After(v.until) {
		v.token = signIn(t, v.c, v.user, allScopes).Access
		v.until = v.c.Now().Add(2 * time.Hour)
	}
	return post(t, v.c, path, v.token, p)
}

// listing is the body of any list answer.
type listing struct {
	UpdateTime any              `json:"updatetime"`
	Groups     []map[string]any `json:"measuregrps"`
	Activities []map[string]any `json:"activities"`
	Series     []map[string]any `json:"series"`
	More       any              `json:"more"`
	Offset     any              `json:"offset"`
}

func (l listing) rows() []map[string]any {
	return slices.Concat(l.Groups, l.Activities, l.Series)
}

func (l listing) more() bool { return l.More == true || l.More == 1.0 }

// all follows the pages to the end and returns every row and the number of pages.
func (v *visitor) all(t testing.TB, path string, p params) (rows []map[string]any, pages int) {
	t.Helper()
	p = maps.Clone(p)
	for {
		answer := v.call(t, path, p)
		if answer.Status != 0 {
			t.Fatalf("%v: status %d, %s", p, answer.Status, answer.Error)
		}
		var page listing
		answer.into(t, &page)
		rows = append(rows, page.rows()...)
		if pages++; !page.more() {
			return rows, pages
		}
		if pages > 1000 {
			t.Fatalf("%v: no end of pages", p)
		}
		p["offset"] = fmt.Sprintf("%.0f", page.Offset)
	}
}

// epoch writes a moment as a parameter.
func epoch(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// number returns a member of a row as an integer; it fails when there is none.
func number(t testing.TB, row map[string]any, name string) int64 {
	t.Helper()
	n, ok := row[name].(float64)
	if !ok {
		t.Fatalf("row %v: %s is no number", row, name)
	}
	return int64(n)
}
