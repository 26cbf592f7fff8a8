package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter/hint"
)

// waiting is a sign-in whose Callback is being waited on.
type waiting struct {
	*Callback
	h      *fixture
	login  *Login
	before int // requests made before
	ended  chan struct{}
	token  Token // to be read after ended
	err    error // likewise
}

// await begins a sign-in and waits for the browser; accept may be nil.
func (h *fixture) await(t *testing.T, limit time.Duration, accept func(context.Context, Token) error) *waiting {
	t.Helper()
	app := h.app()
	app.RedirectURL = "http://localhost:8019/auth/external/callback"
	w := &waiting{h: h, login: NewLogin(app, "Anna Müller", false), before: h.requests(), ended: make(chan struct{})}
	if accept == nil {
		accept = func(context.Context, Token) error { return nil }
	}
	var err error
	if w.Callback, err = w.login.Listen(t.Context(), "127.0.0.1:0", nil); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(w.ended)
		w.token, w.err = w.Wait(t.Context(), limit, accept)
	}()
	t.Cleanup(func() {
		<-w.ended
		if err := w.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return w
}

// exchanges is how many codes were exchanged since the sign-in began.
func (w *waiting) exchanges() int { return w.h.requests() - w.before }

// visit asks the callback for something and returns the answer and its text.
func (w *waiting) visit(t *testing.T, method, path string, query url.Values) (*http.Response, string) {
	t.Helper()
	u := url.URL{Scheme: "http", Host: w.Addr().String(), Path: path, RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(t.Context(), method, u.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

const callbackPath = "/auth/external/callback"

// good is what Withings sends the browser back with.
func (w *waiting) good() url.Values {
	return url.Values{"state": {w.login.state}, "code": {w.h.code()}}
}

func TestEverySignInHasAStateOfItsOwnInTheAddress(t *testing.T) {
	h := newFixture(t)
	seen := map[string]bool{}
	for range 100 {
		u, err := url.Parse(NewLogin(h.app(), "Anna", false).URL())
		if err != nil {
			t.Fatal(err)
		}
		state := u.Query().Get("state")
		raw, err := base64.RawURLEncoding.DecodeString(state)
		if err != nil || len(raw) != 32 || seen[state] {
			t.Fatalf("state %q: %d bytes, %v, seen before: %t; want 32 new ones", state, len(raw), err, seen[state])
		}
		seen[state] = true
		if u.Query().Has("mode") {
			t.Errorf("%s asks for a mode", u)
		}
	}
	if got := NewLogin(h.app(), "Anna", true).URL(); !strings.Contains(got, "mode=demo") {
		t.Errorf("%s is not for the demo account", got)
	}
}

func TestCallbackAnswersWhateverComes(t *testing.T) {
	w := newFixture(t).await(t, time.Hour, nil)
	other := func(change func(url.Values)) url.Values {
		q := w.good()
		change(q)
		return q
	}
	for _, c := range []struct {
		name, method, path string
		query              url.Values
		status             int
		text               string
	}{
		{"Withings looks whether somebody is there", http.MethodHead, callbackPath, nil, 200, ""},
		{"and with a whole answer", http.MethodHead, callbackPath, w.good(), 200, ""},
		{"opened by hand", http.MethodGet, callbackPath, nil, 200, "Waiting for Withings"},
		{"another path", http.MethodGet, "/favicon.ico", nil, 404, "Page not found"},
		{"a longer path", http.MethodGet, callbackPath + "/x", w.good(), 404, "Page not found"},
		{"another method", http.MethodPost, callbackPath, w.good(), 405, "only GET"},
		{"no state", http.MethodGet, callbackPath, other(func(q url.Values) { q.Del("state") }), 400, "another sign-in"},
		{"wrong state", http.MethodGet, callbackPath, other(func(q url.Values) { q.Set("state", "x") }), 400, "another sign-in"},
		{"wrong state of the right length", http.MethodGet, callbackPath, other(func(q url.Values) { q.Set("state", strings.Repeat("A", 43)) }), 400, "another sign-in"},
		{"refusal with a wrong state", http.MethodGet, callbackPath, url.Values{"state": {"x"}, "error": {"access_denied"}}, 400, "another sign-in"},
	} {
		resp, text := w.visit(t, c.method, c.path, c.query)
		if resp.StatusCode != c.status || !strings.Contains(text, c.text) {
			t.Errorf("%s: got %d and %q, want %d and %q", c.name, resp.StatusCode, text, c.status, c.text)
		}
	}
	if got := w.exchanges(); got != 0 {
		t.Errorf("%d codes were exchanged, want none", got)
	}
	if resp, text := w.visit(t, http.MethodGet, callbackPath, w.good()); resp.StatusCode != 200 || !strings.Contains(text, "Authorised") || !strings.Contains(text, "The terminal shows what was found, and what to do next.") {
		t.Errorf("after all that: got %d and %q, want it to work", resp.StatusCode, text)
	}
	<-w.ended
	if w.err != nil || w.token.UserID != testUser {
		t.Errorf("got %v, %v, want the token of user %s", w.token, w.err, testUser)
	}
}

func TestPagesLetTheBrowserDoNothingAndKeepNothing(t *testing.T) {
	w := newFixture(t).await(t, time.Hour, nil)
	resp, text := w.visit(t, http.MethodGet, callbackPath, w.good())
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
		"Content-Type": "text/html; charset=utf-8",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(text)
	if style == nil {
		t.Fatal("the page has no style")
	}
	hash := sha256.Sum256([]byte(style[1]))
	policy := resp.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, base64.StdEncoding.EncodeToString(hash[:])) {
		t.Errorf("policy %q does not allow just this style", policy)
	}
}

func TestManyVisitorsAtOnceMakeOneExchangeAndSeeTheSame(t *testing.T) {
	accepted := make(chan struct{})
	w := newFixture(t).await(t, time.Hour, func(context.Context, Token) error { <-accepted; return nil })
	query := w.good()
	var visits sync.WaitGroup
	for range 8 {
		visits.Go(func() {
			if resp, text := w.visit(t, http.MethodGet, callbackPath, query); resp.StatusCode != 200 || !strings.Contains(text, "Authorised") {
				t.Errorf("got %d and %q", resp.StatusCode, text)
			}
		})
	}
	close(accepted)
	visits.Wait()
	if got := w.exchanges(); got != 1 {
		t.Errorf("%d exchanges, want 1", got)
	}
}

func TestBrowserThatLeavesDoesNotEndTheSignIn(t *testing.T) {
	began, accepted := make(chan struct{}), make(chan struct{})
	w := newFixture(t).await(t, time.Hour, func(context.Context, Token) error { close(began); <-accepted; return nil })
	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.Addr().String()+callbackPath+"?"+w.good().Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-began
		leave()
	}()
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
		t.Error("the browser was answered before it left")
	}
	close(accepted)
	if <-w.ended; w.err != nil {
		t.Error(w.err)
	}
}

func TestRefusalsAreToldInWithingsWords(t *testing.T) {
	for _, c := range []struct {
		name  string
		query url.Values
		want  string
	}{
		{"denied", url.Values{"error": {"access_denied"}}, "access was denied"},
		{"something else", url.Values{"error": {"invalid_scope"}, "error_description": {"no such\nscope"}}, `"invalid_scope no such scope"`},
		{"its own secrets", url.Values{"error": {"bad " + testSecret}, "code": {"c0de-in-the-query"}, "error_description": {"of c0de-in-the-query"}},
			`"bad [hidden] of [hidden]"`},
		{"a long story", url.Values{"error": {strings.Repeat("x", 5000)}}, strings.Repeat("x", 299) + `…"`},
		{"nothing", url.Values{}, "without allowing access"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newFixture(t).await(t, time.Hour, nil)
			c.query.Set("state", w.login.state)
			resp, text := w.visit(t, http.MethodGet, callbackPath, c.query)
			if resp.StatusCode != http.StatusForbidden || !strings.Contains(text, "Access was not allowed") || !strings.Contains(text, "Anna Müller") {
				t.Errorf("got %d and %q", resp.StatusCode, text)
			}
			<-w.ended
			if !errors.Is(w.err, ErrRefused) || !strings.Contains(w.err.Error(), c.want) || !strings.Contains(w.err.Error(), "auth 'Anna Müller'") {
				t.Errorf("got %v, want %v with %q and the command", w.err, ErrRefused, c.want)
			}
		})
	}
}

func TestTokenThatIsNotAcceptedIsToldOnThePage(t *testing.T) {
	w := newFixture(t).await(t, time.Hour, func(context.Context, Token) error {
		return hint.Wrap(errors.New("that is <b>Ben</b>"), "look again")
	})
	resp, text := w.visit(t, http.MethodGet, callbackPath, w.good())
	if resp.StatusCode != http.StatusInternalServerError || !strings.Contains(text, "That is &lt;b&gt;Ben&lt;/b&gt;. Look again.") ||
		!strings.Contains(text, "To sign in again, run:</p>\n<pre><code><span>withings-exporter</span> <span>auth</span> ") {
		t.Errorf("got %d and %q, want the reason, escaped", resp.StatusCode, text)
	}
	if <-w.ended; w.err == nil || w.err.Error() != "that is <b>Ben</b>; look again" {
		t.Errorf("got %v, want the reason", w.err)
	}
}

func TestWaitingEndsWithTimeAndContext(t *testing.T) {
	h := newFixture(t)
	w := h.await(t, time.Nanosecond, nil)
	if <-w.ended; w.err == nil || !strings.Contains(w.err.Error(), "no answer from Withings' page") {
		t.Errorf("got %v, want nobody to have come", w.err)
	}
	// Who comes now, before the listener is gone, is told so.
	type visit struct {
		status int
		text   string
	}
	late := make(chan visit, 1)
	go func() {
		resp, text := w.visit(t, http.MethodGet, callbackPath, w.good())
		late <- visit{resp.StatusCode, text}
	}()
	w.settle(w.login.endedPage())
	if got := <-late; got.status != http.StatusGone || !strings.Contains(got.text, "Too late") {
		t.Errorf("got %d and %q", got.status, got.text)
	}

	login := NewLogin(w.login.app, "Anna", false)
	callback, err := login.Listen(t.Context(), "127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := callback.Wait(ctx, time.Hour, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if err := callback.Close(); err != nil {
		t.Error(err)
	}
}

func TestSignInDoesNotShowItsSecrets(t *testing.T) {
	h := newFixture(t)
	login := NewLogin(h.app(), "Anna", false)
	if shown := render(login); strings.Contains(shown, login.state) || strings.Contains(shown, testSecret) {
		t.Errorf("it shows as\n%s", shown)
	}
	if strings.Contains(login.URL(), testSecret) {
		t.Errorf("the address has the secret in it: %s", login.URL())
	}
}

func TestPastedTextNeverComesBackInAnError(t *testing.T) {
	h := newFixture(t)
	login := NewLogin(h.app(), "Anna", false)
	const code = "c0de5ec2e7c0de5ec2e7"
	for _, text := range []string{
		code + " x", "?code=" + code, "code=" + code + "&state=x", "http://h/p?code=" + code + "&state=%zz",
		"http://h/p?code=" + code + "%00&state=" + login.state, login.URL() + "&code=" + code,
	} {
		if got, err := login.Pasted(text); err == nil || strings.Contains(err.Error(), code) {
			t.Errorf("%q: got %q, %v, want an error without the code", text, got, err)
		}
	}
}

func FuzzPasted(f *testing.F) {
	login := NewLogin(&App{ClientID: testClient, ClientSecret: testSecret, RedirectURL: "http://localhost:8019/x"}, "Anna", false)
	good := "http://localhost:8019/x?code=0123456789abcdef&state=" + login.state
	for _, text := range []string{good, "0123456789abcdef", "", "?", "http://[", "code=x&state=%", login.URL(), good + "#x", "\xff\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, err := login.Pasted(text)
		switch {
		case err == nil && !isSecret(code):
			t.Errorf("got the code %q, which no form can carry", code)
		case err != nil && code != "":
			t.Errorf("got %q beside %v", code, err)
		}
		if got, err := login.Pasted(fmt.Sprintf("http://localhost:8019/x?code=0123456789abcdef&state=%s&more=%s", login.state, url.QueryEscape(text))); err != nil || got != "0123456789abcdef" {
			t.Errorf("got %q, %v beside another parameter", got, err)
		}
	})
}
