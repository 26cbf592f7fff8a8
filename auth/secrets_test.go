package auth

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// render shows a value in every way a program might print it by mistake.
func render(v any) string {
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	slog.New(slog.NewTextHandler(&b, nil)).Info("text", "value", v)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("json", "value", v)
	data, err := json.Marshal(v)
	fmt.Fprintf(&b, "%s %v\n", data, err)
	return b.String()
}

func TestSecretsDoNotShow(t *testing.T) {
	h := newFixture(t)
	token := h.authorize(t)
	app, s := h.app(), h.source()
	mustToken(t, s)
	values := []any{
		token, &token, []Token{token}, map[string]Token{"x": token}, struct{ T Token }{token},
		*app, app, s, h.store(), struct{ S *Source }{s}, errors.Join(fmt.Errorf("%v %+v", token, app)),
	}
	for _, v := range values {
		out := render(v)
		for _, secret := range []string{testSecret, token.AccessToken, token.RefreshToken, fmt.Sprintf("%x", token.AccessToken)} {
			if strings.Contains(out, secret) {
				t.Errorf("%T shows %q in\n%s", v, secret, out)
			}
		}
	}
	if got := token.String(); !strings.Contains(got, testUser) || !strings.Contains(got, "2026-07-15T11:00:00Z") {
		t.Errorf("got %q, want the user and the expiry", got)
	}
	if got := render(app); !strings.Contains(got, testClient) {
		t.Errorf("got %q, want the client id", got)
	}
	app.APIURL = "https://user:hunter2-password@proxy.example"
	if got := render(app); strings.Contains(got, "hunter2") {
		t.Errorf("got %q with the password of the address", got)
	}
}

// TestErrorsDoNotQuoteSecrets lets Withings quote back whatever it was sent.
func TestErrorsDoNotQuoteSecrets(t *testing.T) {
	const code = "code-never-given"
	h := newFixture(t)
	old := h.authorize(t).RefreshToken
	requests := []struct {
		name, sent string
		make       func() (Token, error)
	}{
		{"exchange", code, func() (Token, error) { return h.app().Exchange(t.Context(), code) }},
		{"refresh", old, func() (Token, error) { return h.app().Refresh(t.Context(), old) }},
	}
	for _, r := range requests {
		echo := "bad " + testSecret + " " + r.sent
		encoded := base64.StdEncoding.EncodeToString([]byte("client:" + testSecret))
		escaped := strings.ReplaceAll(url.QueryEscape(r.sent), "-", "%2D")
		answers := []fault{
			reply(200, status(503, echo)),
			reply(200, status(522, echo)),
			reply(200, status(401, "Basic "+encoded+" and "+encoded)),
			reply(200, status(503, "code="+escaped+" refresh_token="+escaped+" "+escaped)),
			reply(200, status(2555, strings.ToUpper(testSecret)+" "+strings.ToUpper(r.sent))),
			func(w http.ResponseWriter, _ func() string) {
				w.Header().Set("Location", "http://[::1/"+url.PathEscape(echo))
				w.WriteHeader(http.StatusFound)
			},
			reply(500, echo),
			reply(200, echo),
			reply(200, fmt.Sprintf(`{"status":%q}`, r.sent)),
			reply(200, fmt.Sprintf(`{"status":0,"body":{"access_token":"access-echo","refresh_token":%q}}`, r.sent+"\n")),
			loseAnswer,
		}
		for i, f := range answers {
			h.next(f)
			_, err := r.make()
			if err == nil {
				t.Fatalf("%s, answer %d: no error", r.name, i)
			}
			shown := render(err)
			for _, secret := range []string{testSecret, r.sent, "access-echo", encoded, escaped, testSecret[:6]} {
				if strings.Contains(strings.ToLower(shown), strings.ToLower(secret)) {
					t.Errorf("%s, answer %d: %q is quoted in %v", r.name, i, secret, err)
				}
			}
		}
	}
}

func TestTokenRequestsAreLoggedOnceWithoutTheirSecrets(t *testing.T) {
	c := newCloud(t)
	var log bytes.Buffer
	app, code := c.app(), c.code()
	app.Signed, app.Log = true, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	token, err := app.Exchange(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"service=oauth2 action=getnonce status=0", "service=oauth2 action=requesttoken status=0"} {
		if strings.Count(log.String(), want) != 1 {
			t.Errorf("want %q once in\n%s", want, log.String())
		}
	}
	for _, secret := range []string{testSecret, code, token.AccessToken, token.RefreshToken, c.forms[1].Get("nonce"), c.forms[1].Get("signature")} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q is in\n%s", secret, log.String())
		}
	}
}

func TestMissingScopesAreNamed(t *testing.T) {
	cases := []struct {
		name, scope string
		want        []string
	}{
		{"all", allScopes, nil},
		{"by spaces, in another order", "user.sleepevents user.activity, user.metrics user.info", nil},
		{"more than asked", allScopes + ",user.other", nil},
		{"some", "user.info,user.metrics", []string{"user.activity", "user.sleepevents"}},
		{"others", "user.other", Scopes},
		{"not told", " ", nil},
	}
	for _, tc := range cases {
		if got := (Token{Scope: tc.scope}).Missing(); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
	h := newFixture(t)
	h.next(reply(200, `{"status":0,"body":{"userid":1,"access_token":"a","refresh_token":"r","scope":"user.info"}}`))
	h.authorize(t)
	if got := h.source().Missing(); len(got) != 3 {
		t.Errorf("got %q, want three scopes", got)
	}
}

func TestTokenIsGoodUntilItsExpiry(t *testing.T) {
	now := newClock().now()
	token := Token{AccessToken: "a", Expiry: now.Add(time.Hour)}
	if !token.ValidAt(now) || token.ValidAt(now.Add(time.Hour)) || (Token{Expiry: now.Add(time.Hour)}).ValidAt(now) {
		t.Error("want a token good before its expiry only, and never an empty one")
	}
}
