package simulator

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"
)

// getGoals is the cheapest data call.
func works(t *testing.T, c *Cloud, access string) bool {
	t.Helper()
	answer := post(t, c, "/v2/user", access, params{"action": "getgoals"})
	if answer.Status != 0 && answer.Status != 401 {
		t.Fatalf("getgoals: status %d, %s", answer.Status, answer.Error)
	}
	return answer.Status == 0
}

func refresh(t *testing.T, c *Cloud, token string) (tokens, bool) {
	t.Helper()
	answer := post(t, c, "/v2/oauth2", "", refreshForm(token))
	var pair tokens
	if answer.Status != 0 {
		if answer.Status != 503 || !strings.HasPrefix(answer.Error, "Invalid Params") || answer.HTTP != 200 {
			t.Fatalf("refused refresh: HTTP %d, status %d, %q", answer.HTTP, answer.Status, answer.Error)
		}
		return pair, false
	}
	answer.into(t, &pair)
	return pair, true
}

func TestCodeIsGoodOnceForThirtySecondsForItsCallback(t *testing.T) {
	for _, test := range []struct {
		name   string
		wait   time.Duration
		change params
		status int
	}{
		{"at once", 0, nil, 0},
		{"after thirty seconds", 30 * time.Second, nil, 0},
		{"after thirty-one seconds", 31 * time.Second, nil, 503},
		{"another callback", 0, params{"redirect_uri": "http://localhost:1/"}, 503},
		{"another code", 0, params{"code": "0000"}, 503},
		{"another client", 0, params{"client_id": "somebody"}, 503},
		{"another secret", 0, params{"client_secret": "wrong"}, 503},
		{"another grant", 0, params{"grant_type": "password"}, 503},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _ := newCloud(t, Options{})
			form := exchangeForm(codeFor(c, c.people[0].ID, allScopes))
			maps.Copy(form, test.change)
			c.Advance(test.wait)
			if got := post(t, c, "/v2/oauth2", "", form); got.Status != test.status {
				t.Errorf("status %d (%s), want %d", got.Status, got.Error, test.status)
			}
			if got := post(t, c, "/v2/oauth2", "", form); got.Status != 503 {
				t.Errorf("the second use has status %d, want 503", got.Status)
			}
		})
	}
}

func TestCodeLivesThirtyRealSecondsHoweverFastTheClock(t *testing.T) {
	c, real := newCloud(t, Options{Speed: 86400})
	form := exchangeForm(codeFor(c, c.people[0].ID, allScopes))
	real.move(29 * time.Second)
	if got := post(t, c, "/v2/oauth2", "", form); got.Status != 0 {
		t.Errorf("after 29 real seconds: status %d, %s", got.Status, got.Error)
	}
}

func TestUserIDIsStringAfterCodeAndNumberAfterRefresh(t *testing.T) {
	c, _ := newCloud(t, Options{})
	pair := signIn(t, c, c.people[0].ID, allScopes)
	var text string
	if err := json.Unmarshal(pair.UserID, &text); err != nil {
		t.Errorf("code exchange: userid %s is no string", pair.UserID)
	}
	if pair.Expires != 10800 || pair.Scope != allScopes || len(pair.Access) != 40 || len(pair.Refresh) != 40 {
		t.Errorf("code exchange: %+v", pair)
	}
	next, _ := refresh(t, c, pair.Refresh)
	var id int64
	if err := json.Unmarshal(next.UserID, &id); err != nil || id != c.people[0].ID {
		t.Errorf("refresh: userid %s, want the number %d", next.UserID, c.people[0].ID)
	}
}

func TestAccessTokenLivesThreeHours(t *testing.T) {
	c, _ := newCloud(t, Options{})
	pair := signIn(t, c, c.people[0].ID, allScopes)
	c.Advance(3*time.Hour - time.Second)
	if !works(t, c, pair.Access) {
		t.Error("dead a second before its time")
	}
	c.Advance(time.Second)
	answer := post(t, c, "/v2/user", pair.Access, params{"action": "getgoals"})
	want := `{"status":401,"body":{},"error":"XRequestID: Not provided invalid_token: The access token provided is invalid"}`
	if answer.HTTP != 200 || answer.raw != want {
		t.Errorf("expired: HTTP %d %s, want 200 %s", answer.HTTP, answer.raw, want)
	}
}

func TestRefreshTokenLivesOneYear(t *testing.T) {
	for _, test := range []struct {
		wait time.Duration
		want bool
	}{{365*24*time.Hour - time.Second, true}, {365 * 24 * time.Hour, false}} {
		c, _ := newCloud(t, Options{})
		pair := signIn(t, c, c.people[0].ID, allScopes)
		c.Advance(test.wait)
		if _, got := refresh(t, c, pair.Refresh); got != test.want {
			t.Errorf("after %v: good is %v, want %v", test.wait, got, test.want)
		}
	}
}

func TestSupersededRefreshToken(t *testing.T) {
	for _, test := range []struct {
		name string
		wait time.Duration
		use  bool // of the new access token
		want bool
	}{
		{"lives on while the new access token is unused", 8*time.Hour - time.Second, false, true},
		{"dies after eight hours", 8 * time.Hour, false, false},
		{"dies when the new access token is used", 0, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _ := newCloud(t, Options{})
			old := signIn(t, c, c.people[0].ID, allScopes)
			fresh, ok := refresh(t, c, old.Refresh)
			if !ok || fresh.Refresh == old.Refresh || fresh.Access == old.Access {
				t.Fatalf("the refresh did not rotate: %v", ok)
			}
			if test.use && !works(t, c, fresh.Access) {
				t.Fatal("the new access token does not work")
			}
			c.Advance(test.wait)
			if _, got := refresh(t, c, old.Refresh); got != test.want {
				t.Errorf("good is %v, want %v", got, test.want)
			}
		})
	}
}

func TestChainOfRefreshesNeverBreaks(t *testing.T) {
	c, _ := newCloud(t, Options{})
	pair := signIn(t, c, c.people[0].ID, allScopes)
	for i := range 200 {
		c.Advance(3 * time.Hour)
		next, ok := refresh(t, c, pair.Refresh)
		if !ok || !works(t, c, next.Access) {
			t.Fatalf("round %d: refused", i)
		}
		pair = next
	}
	if n := len(c.vault.byAccess) + len(c.vault.byRefresh); n > 10 {
		t.Errorf("%d tokens are kept after 200 rounds", n)
	}
}

func TestRefreshWithLostAnswerCanBeRepeated(t *testing.T) {
	c, _ := newCloud(t, Options{})
	old := signIn(t, c, c.people[0].ID, allScopes)
	refresh(t, c, old.Refresh) // the answer never arrived
	c.Advance(time.Hour)
	fresh, ok := refresh(t, c, old.Refresh)
	if !ok || !works(t, c, fresh.Access) {
		t.Fatal("the second attempt was refused")
	}
	if _, ok := refresh(t, c, old.Refresh); ok {
		t.Error("the old token survived the use of the new one")
	}
}

func TestOldAccessTokenAfterRefreshFollowsTheSwitch(t *testing.T) {
	for _, dies := range []bool{false, true} {
		c, _ := newCloud(t, Options{Switches: Switches{OldAccessTokenDies: dies}})
		old := signIn(t, c, c.people[0].ID, allScopes)
		refresh(t, c, old.Refresh)
		if got := works(t, c, old.Access); got == dies {
			t.Errorf("OldAccessTokenDies %v: works is %v", dies, got)
		}
	}
}

func TestTokensOfTwoPeopleAreIndependent(t *testing.T) {
	c, _ := newCloud(t, Options{})
	anna := signIn(t, c, c.people[0].ID, allScopes)
	ben := signIn(t, c, c.people[1].ID, allScopes)
	next, _ := refresh(t, c, anna.Refresh)
	works(t, c, next.Access)
	if _, ok := refresh(t, c, ben.Refresh); !ok {
		t.Error("one person's refresh ended the other's token")
	}
}

func TestSignedCalls(t *testing.T) {
	nonce := func(t *testing.T, c *Cloud) string {
		answer := post(t, c, "/v2/signature", "", params{
			"action": "getnonce", "client_id": DefaultClientID, "timestamp": "1784102400",
			"signature": signature(DefaultClientSecret, "getnonce", DefaultClientID, "1784102400"),
		})
		var body struct{ Nonce string }
		answer.into(t, &body)
		return body.Nonce
	}
	sign := func(p params, n string) params {
		p["client_id"], p["nonce"] = DefaultClientID, n
		p["signature"] = signature(DefaultClientSecret, p["action"], DefaultClientID, n)
		delete(p, "client_secret")
		return p
	}

	t.Run("a wrong signature gets no nonce", func(t *testing.T) {
		c, _ := newCloud(t, Options{})
		got := post(t, c, "/v2/signature", "", params{"action": "getnonce", "client_id": DefaultClientID, "timestamp": "1", "signature": "00"})
		if got.Status != 503 {
			t.Errorf("status %d, want 503", got.Status)
		}
	})
	t.Run("a signature stands for the secret, once", func(t *testing.T) {
		c, _ := newCloud(t, Options{})
		pair := signIn(t, c, c.people[0].ID, allScopes)
		n := nonce(t, c)
		if got := post(t, c, "/v2/oauth2", "", sign(refreshForm(pair.Refresh), n)); got.Status != 0 {
			t.Errorf("status %d, %s", got.Status, got.Error)
		}
		if got := post(t, c, "/v2/oauth2", "", sign(refreshForm(pair.Refresh), n)); got.Status != 503 {
			t.Errorf("the nonce was good twice: status %d", got.Status)
		}
	})
	t.Run("a nonce lives thirty minutes", func(t *testing.T) {
		c, _ := newCloud(t, Options{})
		pair := signIn(t, c, c.people[0].ID, allScopes)
		n := nonce(t, c)
		c.Advance(30*time.Minute + time.Second)
		if got := post(t, c, "/v2/oauth2", "", sign(refreshForm(pair.Refresh), n)); got.Status != 503 {
			t.Errorf("status %d, want 503", got.Status)
		}
	})
	t.Run("revoke ends both tokens and the notifications", func(t *testing.T) {
		c, _ := newCloud(t, Options{})
		user := c.people[0].ID
		pair := signIn(t, c, user, allScopes)
		c.subscriptions.put(user, subscription{appli: 1, url: "http://localhost/"})
		form := sign(params{"action": "revoke", "userid": strings.Trim(string(pair.UserID), `"`)}, nonce(t, c))
		if got := post(t, c, "/v2/oauth2", "", form); got.raw != `{"status":0,"body":{}}` {
			t.Fatalf("answer %s", got.raw)
		}
		_, refreshed := refresh(t, c, pair.Refresh)
		if works(t, c, pair.Access) || refreshed || len(c.subscriptions.of(user)) != 0 {
			t.Error("something outlived the revoke")
		}
	})
	t.Run("demo access needs no browser and names no user", func(t *testing.T) {
		c, _ := newCloud(t, Options{})
		form := sign(params{"action": "getdemoaccess", "scope_oauth2": "user.metrics,user.info"}, nonce(t, c))
		var pair tokens
		post(t, c, "/v2/oauth2", "", form).into(t, &pair)
		if !works(t, c, pair.Access) || pair.UserID != nil {
			t.Errorf("%+v", pair)
		}
	})
	t.Run("revoke without a signature is refused", func(t *testing.T) {
		c, _ := newCloud(t, Options{Switches: Switches{BadClientStatus: 101}})
		if got := post(t, c, "/v2/oauth2", "", params{"action": "revoke", "client_id": DefaultClientID}); got.Status != 101 {
			t.Errorf("status %d, want the one of the switch", got.Status)
		}
	})
}
