package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter/statedir"
)

const (
	testClient = "c0ffee-client-id"
	testSecret = "5ec2e7-client-secret"
	testUser   = "41730256"
	allScopes  = "user.info,user.metrics,user.activity,user.sleepevents"
)

// clock is held by the test and moved by hand.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 7, 15, 8, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// pair is what the cloud knows about two tokens it gave out.
type pair struct {
	access, refresh string
	issued          time.Time
	replaced        time.Time // when its successor was issued; zero if it has none
	before          *pair
	dead            bool
}

// fault answers a token request in place of the cloud. It may let the cloud do
// its work first, by calling work.
type fault func(w http.ResponseWriter, work func() string)

// cloud is the token side of Withings, with the life times of its guide: codes
// of 30 seconds, access tokens of three hours, replaced refresh tokens of eight
// hours or until the new access token is used.
type cloud struct {
	t      *testing.T
	url    string
	clock  *clock
	mu     sync.Mutex
	codes  map[string]time.Time
	pairs  []*pair
	nonces map[string]bool
	faults []fault
	forms  []url.Values // of all requests, newest last
	count  int
	user   string // as JSON in the answer to a refresh
}

func newCloud(t *testing.T) *cloud {
	c := &cloud{t: t, clock: newClock(), codes: map[string]time.Time{}, nonces: map[string]bool{}, user: testUser}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// ServeHTTP answers the two token addresses, always with HTTP status 200.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost || len(r.URL.RawQuery) > 0 {
		c.t.Errorf("got %s %s, %v, want a form in the body of a POST", r.Method, r.URL, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forms = append(c.forms, r.PostForm)
	work := func() string { return c.answer(r.URL.Path, r.PostForm) }
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == tokenPath && len(c.faults) > 0 {
		f := c.faults[0]
		c.faults = c.faults[1:]
		f(w, work)
		return
	}
	fmt.Fprint(w, work())
}

func (c *cloud) answer(path string, form url.Values) string {
	action := form.Get("action")
	if form.Get("client_id") != testClient {
		return status(503, "Invalid Params: invalid client_id")
	}
	if path == noncePath {
		return c.nonce(form)
	}
	proven := form.Get("client_secret") == testSecret && action == requestToken
	if nonce := form.Get("nonce"); nonce != "" {
		proven = c.nonces[nonce] && form.Get("signature") == sign(action, testClient, nonce) && !form.Has("client_secret")
		delete(c.nonces, nonce)
	}
	if !proven {
		return status(401, "invalid client or signature")
	}
	switch action + " " + form.Get("grant_type") {
	case "requesttoken authorization_code":
		return c.exchange(form)
	case "requesttoken refresh_token":
		return c.refresh(form.Get("refresh_token"))
	case "getdemoaccess ":
		p := c.issue(nil)
		return fmt.Sprintf(`{"status":0,"body":{"access_token":%q,"refresh_token":%q,"expires_in":10800}}`, p.access, p.refresh)
	case "revoke ":
		for _, p := range c.pairs {
			p.dead = true
		}
		return `{"status":0,"body":{}}`
	}
	return status(2554, "Unknown action")
}

func (c *cloud) nonce(form url.Values) string {
	at := fmt.Sprint(c.clock.now().Unix())
	if form.Get("timestamp") != at || form.Get("signature") != sign("getnonce", testClient, at) {
		return status(503, "Invalid Params: signature")
	}
	c.count++
	nonce := fmt.Sprintf("nonce-%06d", c.count)
	c.nonces[nonce] = true
	return fmt.Sprintf(`{"status":0,"body":{"nonce":%q}}`, nonce)
}

func sign(values ...string) string {
	mac := hmac.New(sha256.New, []byte(testSecret))
	mac.Write([]byte(strings.Join(values, ",")))
	return hex.EncodeToString(mac.Sum(nil))
}

func (c *cloud) exchange(form url.Values) string {
	code := form.Get("code")
	born, known := c.codes[code]
	delete(c.codes, code)
	if !known || c.clock.now().Sub(born) > 30*time.Second || form.Get("redirect_uri") == "" {
		return status(503, "Invalid Params: invalid code "+code)
	}
	return tokenAnswer(c.issue(nil), `"`+testUser+`"`)
}

func (c *cloud) refresh(token string) string {
	i := slices.IndexFunc(c.pairs, func(p *pair) bool { return p.refresh == token })
	if i < 0 || !c.alive(c.pairs[i]) {
		return status(503, "Invalid Params: invalid refresh_token "+token)
	}
	return tokenAnswer(c.issue(c.pairs[i]), c.user)
}

func (c *cloud) alive(p *pair) bool {
	return !p.dead && (p.replaced.IsZero() || c.clock.now().Sub(p.replaced) < 8*time.Hour)
}

func (c *cloud) issue(before *pair) *pair {
	c.count++
	p := &pair{
		access: fmt.Sprintf("access-%06d", c.count), refresh: fmt.Sprintf("refresh-%06d", c.count),
		issued: c.clock.now(), before: before,
	}
	if before != nil && before.replaced.IsZero() {
		before.replaced = p.issued
	}
	c.pairs = append(c.pairs, p)
	return p
}

// use is a data call: it reports whether the access token is good and, if so,
// kills the pairs before it.
func (c *cloud) use(access string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.pairs, func(p *pair) bool { return p.access == access })
	if i < 0 || c.pairs[i].dead || c.clock.now().Sub(c.pairs[i].issued) >= 3*time.Hour {
		return false
	}
	for p := c.pairs[i].before; p != nil; p = p.before {
		p.dead = true
	}
	return true
}

// forget kills a refresh token although it was never used.
func (c *cloud) forget(refresh string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.pairs {
		if p.refresh == refresh {
			p.dead = true
		}
	}
}

// next makes the coming token requests fail.
func (c *cloud) next(faults ...fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, faults...)
}

// requests counts the requests so far.
func (c *cloud) requests() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.forms)
}

// code is a fresh authorisation code, as after consent.
func (c *cloud) code() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	code := fmt.Sprintf("code-%06d", c.count)
	c.codes[code] = c.clock.now()
	return code
}

func (c *cloud) app() *App {
	return &App{
		ClientID: testClient, ClientSecret: testSecret, RedirectURL: "http://localhost:8019/auth/external/callback",
		APIURL: c.url, Now: c.clock.now,
	}
}

func status(n int, text string) string {
	return fmt.Sprintf(`{"status":%d,"body":{},"error":%q}`, n, text)
}

func tokenAnswer(p *pair, user string) string {
	return fmt.Sprintf(`{"status":0,"body":{"userid":%s,"access_token":%q,"refresh_token":%q,"scope":%q,"expires_in":10800,"token_type":"Bearer","csrf_token":"Qm7uYtR2"}}`,
		user, p.access, p.refresh, allScopes)
}

// reply answers in place of the cloud, which does nothing.
func reply(code int, body string) fault {
	return func(w http.ResponseWriter, _ func() string) {
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

// cut closes the connection before the cloud has done anything.
func cut(http.ResponseWriter, func() string) { panic(http.ErrAbortHandler) }

// loseAnswer lets the cloud do its work and closes the connection before the answer.
func loseAnswer(_ http.ResponseWriter, work func() string) {
	work()
	panic(http.ErrAbortHandler)
}

// fixture is one profile's files in a state directory, authorised.
type fixture struct {
	*cloud
	dir *statedir.Dir
}

const profile = "Anna Müller"

func newFixture(t *testing.T) *fixture {
	t.Helper()
	dir, err := statedir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &fixture{newCloud(t), dir}
	h.authorize(t)
	return h
}

// authorize does what a person does: agree, exchange the code, store.
func (h *fixture) authorize(t *testing.T) Token {
	t.Helper()
	token, err := h.app().Exchange(t.Context(), h.code())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.store().Save(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	return token
}

func (h *fixture) store() *Store { return NewStore(h.dir, profile, testClient, h.clock.now) }

// source is a Source as of a new process.
func (h *fixture) source() *Source { return NewSource(h.app(), h.store(), profile) }

// content is the token file, as it is on the disk.
func (h *fixture) content(t *testing.T) fileJSON {
	t.Helper()
	data, err := statedir.Read(h.store().Path(), fileLimit)
	if err != nil {
		t.Fatal(err)
	}
	var f fileJSON
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// mustToken is the access token of the source, which has to have one.
func mustToken(t *testing.T, s *Source) string {
	t.Helper()
	access, err := s.Token(t.Context())
	if err != nil {
		t.Fatalf("no token: %v", err)
	}
	return access
}

// mustWork asks for a token and makes a data call with it, as a poll does.
func (h *fixture) mustWork(t *testing.T, s *Source) string {
	t.Helper()
	access := mustToken(t, s)
	if !h.use(access) {
		t.Fatalf("data call refused with %s", access)
	}
	s.Used(access)
	return access
}
