package auth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter/envelope"
)

func TestAddressToOpenNamesEverythingWithingsWants(t *testing.T) {
	app := &App{ClientID: testClient, ClientSecret: testSecret, RedirectURL: "http://localhost:8019/auth/external/callback"}
	u, err := url.Parse(app.AuthCodeURL("7f3a91"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := u.Scheme+"://"+u.Host+u.Path, "https://account.withings.com/oauth2_user/authorize2"; got != want {
		t.Errorf("got page %q, want %q", got, want)
	}
	want := url.Values{
		"response_type": {"code"}, "client_id": {testClient}, "state": {"7f3a91"}, "scope": {allScopes},
		"redirect_uri": {"http://localhost:8019/auth/external/callback"},
	}
	if got := u.Query().Encode(); got != want.Encode() {
		t.Errorf("got query %q, want %q", got, want.Encode())
	}
	app.AccountURL = "http://localhost:1234/cloud/"
	if got, want := app.AuthCodeURL("x"), "http://localhost:1234/cloud/oauth2_user/authorize2?"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want it to begin with %q", got, want)
	}
}

func TestCodeBecomesAPair(t *testing.T) {
	for _, signed := range []bool{false, true} {
		c := newCloud(t)
		app := c.app()
		app.Signed = signed
		got, err := app.Exchange(t.Context(), c.code())
		if err != nil {
			t.Fatalf("signed %t: %v", signed, err)
		}
		p := c.pairs[0]
		want := Token{
			UserID: testUser, ClientID: testClient, AccessToken: p.access, RefreshToken: p.refresh,
			Scope: allScopes, Issued: c.clock.now(), Expiry: c.clock.now().Add(3 * time.Hour),
		}
		if got != want {
			t.Errorf("signed %t: got %+v, want %+v", signed, got, want)
		}
		for _, form := range c.forms {
			if signed && slices.Contains(form["client_secret"], testSecret) {
				t.Errorf("the secret was sent with action %s although requests are signed", form.Get("action"))
			}
		}
	}
}

func TestRefreshTakesANumericUser(t *testing.T) {
	for _, signed := range []bool{false, true} {
		c := newCloud(t)
		app := c.app()
		app.Signed = signed
		first, err := app.Exchange(t.Context(), c.code())
		if err != nil {
			t.Fatal(err)
		}
		got, err := app.Refresh(t.Context(), first.RefreshToken)
		if err != nil {
			t.Fatalf("signed %t: %v", signed, err)
		}
		if got.UserID != testUser || got.RefreshToken == first.RefreshToken {
			t.Errorf("signed %t: got user %q and the same refresh token %t", signed, got.UserID, got.RefreshToken == first.RefreshToken)
		}
	}
}

func TestRefusedCodeSaysWhatToDo(t *testing.T) {
	cases := []struct {
		name string
		try  func(c *cloud, app *App) string
		want string
	}{
		{"made up", func(*cloud, *App) string { return "code-never-given" }, "good for 30 seconds and once"},
		{"late", func(c *cloud, _ *App) string { code := c.code(); c.clock.pass(31 * time.Second); return code }, "good for 30 seconds and once"},
		{"used", func(c *cloud, a *App) string { code := c.code(); _, _ = a.Exchange(t.Context(), code); return code }, "good for 30 seconds and once"},
		{"wrong secret", func(c *cloud, a *App) string { a.ClientSecret = "wrong-secret"; return c.code() }, "check the client id and the client secret"},
		{"wrong client", func(c *cloud, a *App) string { a.ClientID = "wrong"; return c.code() }, "check the client id, the client secret"},
		{"empty", func(*cloud, *App) string { return "" }, "authorise again"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := newCloud(t)
			app := c.app()
			code := tc.try(c, app)
			got, err := app.Exchange(t.Context(), code)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got error %v, want %q in it", err, tc.want)
			}
			if got != (Token{}) {
				t.Errorf("got a token beside the error")
			}
			if code != "" && strings.Contains(err.Error(), code) {
				t.Errorf("error %q quotes the code", err)
			}
		})
	}
}

// passing are answers to a refresh after which the old pair must stay as it
// was and the next try is worth making.
var passing = []struct {
	name    string
	fault   fault
	outcome string
	want    string
}{
	{"timeout of Withings", reply(200, status(522, "Timeout")), "522", "status 522 (timeout)"},
	{"bad state", reply(200, status(524, "Bad state")), "524", "status 524"},
	{"error occurred", reply(200, status(2556, "An error occurred")), "2556", "status 2556"},
	{"unlisted status", reply(200, status(999, "")), "999", "unknown status"},
	{"rate limit", reply(200, status(601, "Too Many Requests")), "601", "too many requests"},
	{"rate limit by HTTP", reply(429, ""), "http_429", "too many requests"},
	{"unauthorized once", reply(200, status(2555, "Unknown error")), "2555", "unauthorized"},
	{"other parameters", reply(200, status(342, "signature")), "342", "invalid params"},
	{"HTTP 500", reply(500, "oops"), "http_500", "HTTP status 500"},
	{"HTTP 502 with an envelope", reply(502, status(503, "Invalid Params")), "http_502", "HTTP status 502"},
	{"HTTP 403 page", reply(403, "<html>proxy</html>"), "http_403", "HTTP status 403"},
	{"HTTP 401 without an envelope", reply(401, "{}"), "http_401", "HTTP status 401"},
	{"page of HTML", reply(200, "<html>We are back soon</html>"), "not_json", "not JSON"},
	{"nothing", reply(200, ""), "not_json", "not JSON"},
	{"cut short", reply(200, `{"status":0,"body":{"access_tok`), "not_json", "not JSON"},
	{"huge", reply(200, strings.Repeat(" ", answerLimit+1)), "too_large", "larger than 64 KiB"},
	{"no status", reply(200, `{"body":{"access_token":"a","refresh_token":"b"}}`), "not_json", "it has no status"},
	{"status false", reply(200, `{"status":false,"body":{}}`), "not_json", "it has no status"},
	{"no body", reply(200, `{"status":0}`), "0", "no body"},
	{"empty map as list", reply(200, `{"status":0,"body":[]}`), "0", "no body"},
	{"no tokens", reply(200, `{"status":0,"body":{"userid":1}}`), "0", "no usable access token"},
	{"empty access token", reply(200, `{"status":0,"body":{"access_token":"","refresh_token":"b"}}`), "0", "no usable access token"},
	{"empty refresh token", reply(200, `{"status":0,"body":{"access_token":"a","refresh_token":""}}`), "0", "no usable refresh token"},
	{"token with a line break", reply(200, `{"status":0,"body":{"access_token":"a\nb","refresh_token":"b"}}`), "0", "no usable access token"},
	{"connection cut", cut, "network", "it closed the connection"},
}

func TestFailedRefreshGivesNothingAndIsObserved(t *testing.T) {
	for _, tc := range passing {
		t.Run(tc.name, func(t *testing.T) {
			c := newCloud(t)
			var observed []string
			app := c.app()
			app.Observe = func(action, status string) { observed = append(observed, action+" "+status) }
			c.next(tc.fault)
			got, err := app.Refresh(t.Context(), "refresh-000001")
			if err == nil || !strings.Contains(err.Error(), tc.want) || isRefusal(err) {
				t.Errorf("got error %v, want %q in it and no refusal", err, tc.want)
			}
			if got != (Token{}) {
				t.Error("got a token beside the error")
			}
			if want := []string{"requesttoken " + tc.outcome}; !slices.Equal(observed, want) {
				t.Errorf("observed %q, want %q", observed, want)
			}
		})
	}
}

func TestRefusedRefreshIsToldFromAnOutage(t *testing.T) {
	for _, n := range []int{503, 401, 100, 101, 102, 200} {
		c := newCloud(t)
		c.next(reply(200, status(n, "Invalid Params: invalid refresh_token")))
		if _, err := c.app().Refresh(t.Context(), "refresh-000001"); !isRefusal(err) {
			t.Errorf("status %d on a refresh: got %v, want a refusal", n, err)
		}
	}
}

func TestRedirectIsNotFollowedWithTheSecret(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the form was carried elsewhere")
	}))
	defer elsewhere.Close()
	c := newCloud(t)
	c.next(func(w http.ResponseWriter, _ func() string) {
		w.Header().Set("Location", elsewhere.URL)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	if _, err := c.app().Refresh(t.Context(), "refresh-000001"); err == nil || !strings.Contains(err.Error(), "HTTP status 307") {
		t.Errorf("got error %v, want one naming the HTTP status", err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestRequestsGoThroughTheGivenClientAndHaveATimeLimit(t *testing.T) {
	app := newCloud(t).app()
	down := errors.New("no route")
	app.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if _, limited := r.Context().Deadline(); !limited {
			t.Error("the request has no time limit")
		}
		return nil, down
	})}
	if _, err := app.Refresh(t.Context(), "refresh-000001"); !errors.Is(err, down) {
		t.Errorf("got %v, want %v", err, down)
	}
}

func TestEveryRequestWaitsForTheRateBudget(t *testing.T) {
	c := newCloud(t)
	app := c.app()
	app.Signed = true
	var waits int
	app.Wait = func(context.Context) error { waits++; return nil }
	if _, err := app.Exchange(t.Context(), c.code()); err != nil {
		t.Fatal(err)
	}
	if waits != 2 || c.requests() != 2 {
		t.Errorf("waited %d times for %d requests, want 2 of each: nonce and token", waits, c.requests())
	}
	full := errors.New("cooling off")
	app.Wait = func(context.Context) error { return full }
	if _, err := app.Refresh(t.Context(), "refresh-000001"); !errors.Is(err, full) {
		t.Errorf("got error %v, want %v", err, full)
	}
	if got := c.requests(); got != 2 {
		t.Errorf("%d requests were made, want 2: none without room in the budget", got)
	}
}

func TestRefreshOnItsWayGetsAMomentAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		longer, done := outlive(ctx, lastWords)
		defer done()
		cancel()
		synctest.Wait()
		if longer.Err() != nil {
			t.Error("the refresh was given up at once")
		}
		start := time.Now()
		<-longer.Done()
		if got := time.Since(start); got != lastWords {
			t.Errorf("the refresh went on for %v, want %v", got, lastWords)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		_, done := outlive(ctx, lastWords)
		done()
		cancel() // must not leave anything running: the bubble would not end
	})
}

func TestAnswerSurvivesTheEndOfTheProgram(t *testing.T) {
	c := newCloud(t)
	app := c.app()
	first, err := app.Exchange(t.Context(), c.code())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c.next(func(w http.ResponseWriter, work func() string) {
		cancel() // the signal arrives while Withings is at work
		_, _ = w.Write([]byte(work()))
	})
	if _, err := app.Refresh(ctx, first.RefreshToken); err != nil {
		t.Errorf("the answer was thrown away: %v", err)
	}
}

func TestDemoAccessIsSignedAndNamesNobody(t *testing.T) {
	c := newCloud(t)
	got, err := c.app().Demo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.UserID != "" || got.Missing() != nil || !c.use(got.AccessToken) {
		t.Errorf("got %v, missing %q, want a working token of nobody", got, got.Missing())
	}
	if got := c.forms[1].Get("scope_oauth2"); got != allScopes {
		t.Errorf("asked for %q, want %q", got, allScopes)
	}
}

func TestRevokeKillsThePair(t *testing.T) {
	c := newCloud(t)
	token, err := c.app().Exchange(t.Context(), c.code())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.app().Revoke(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if c.use(token.AccessToken) {
		t.Error("the access token works after it was revoked")
	}
	if got := c.forms[len(c.forms)-1].Get("userid"); got != testUser {
		t.Errorf("revoked for user %q, want %q", got, testUser)
	}
	if err := c.app().Revoke(t.Context(), Token{}); err == nil {
		t.Error("revoking nobody's token went well")
	}
	wrong := c.app()
	wrong.ClientSecret = "wrong-secret"
	var told *envelope.Error
	if err := wrong.Revoke(t.Context(), token); !errors.As(err, &told) {
		t.Errorf("got %v with a wrong secret, want Withings' refusal", err)
	}
}

func TestAnswerIsReadAsItComes(t *testing.T) {
	pair := `"access_token":"a","refresh_token":"r"`
	cases := []struct {
		name, body, user string
		life             time.Duration
	}{
		{"user as string", `"userid":"41730256","expires_in":10800`, "41730256", 3 * time.Hour},
		{"user as number", `"userid":41730256,"expires_in":10800`, "41730256", 3 * time.Hour},
		{"large user", `"userid":9007199254740993`, "9007199254740993", 3 * time.Hour},
		{"user missing", `"expires_in":60`, "", time.Minute},
		{"user null", `"userid":null`, "", 3 * time.Hour},
		{"user false", `"userid":false`, "", 3 * time.Hour},
		{"user not a number", `"userid":"mum"`, "", 3 * time.Hour},
		{"user negative", `"userid":-1`, "", 3 * time.Hour},
		{"lifetime as string", `"expires_in":"10800"`, "", 3 * time.Hour},
		{"lifetime as float", `"expires_in":10800.0`, "", 3 * time.Hour},
		{"lifetime null", `"expires_in":null`, "", 3 * time.Hour},
		{"lifetime zero", `"expires_in":0`, "", 3 * time.Hour},
		{"lifetime endless", `"expires_in":1e300`, "", longestLife},
		{"scope a list", `"scope":["a"]`, "", 3 * time.Hour},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			var got Token
			if err := got.read(fastjson.MustParse("{" + pair + "," + tc.body + "}")); err != nil {
				t.Fatal(err)
			}
			life := got.Expiry.Sub(got.Issued)
			if got.UserID != tc.user || life != tc.life || got.AccessToken != "a" || got.RefreshToken != "r" {
				t.Errorf("got user %q and life %v, want %q and %v", got.UserID, life, tc.user, tc.life)
			}
		})
	}
}

func FuzzTokenAnswer(f *testing.F) {
	f.Add(200, `{"status":0,"body":{"userid":"41730256","access_token":"a","refresh_token":"b","expires_in":10800}}`)
	f.Add(200, `{"status":"503","body":[],"error":"Invalid Params: invalid code"}`)
	f.Add(502, `<html>`)
	f.Fuzz(func(t *testing.T, code int, data string) {
		var got Token
		var unread error
		err := envelope.Open(requestToken, code, []byte(data), func(body *fastjson.Value) { unread = got.read(body) })
		if err != nil {
			_ = err.Error()
			if got != (Token{}) {
				t.Errorf("answer %q gave something beside the error", data)
			}
			return
		}
		if code < 200 || code > 299 {
			t.Errorf("HTTP status %d counts as success", code)
		}
		if unread == nil && (got.AccessToken == "" || got.RefreshToken == "" || !got.Expiry.After(got.Issued) || strings.ContainsAny(got.AccessToken+got.RefreshToken, " \r\n\x00")) {
			t.Errorf("answer %q was taken", data)
		}
		if unread != nil && got != (Token{}) {
			t.Errorf("answer %q gave something beside the error", data)
		}
	})
}
