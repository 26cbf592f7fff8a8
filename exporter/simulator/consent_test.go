package simulator

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// authorizeURL builds the address a client sends the browser to.
func authorizeURL(base string, change params) string {
	query := params{
		"response_type": "code", "client_id": DefaultClientID, "state": "s/+ &é", "scope": allScopes,
		"redirect_uri": testRedirect,
	}
	maps.Copy(query, change)
	return base + authorizePath + "?" + query.values().Encode()
}

func TestConsentLeadsToACodeOfThatPerson(t *testing.T) {
	c, _ := newCloud(t, Options{})
	server := httptest.NewServer(c)
	defer server.Close()
	for _, p := range c.People() {
		back, err := Consent(t.Context(), server.Client(), authorizeURL(server.URL, nil), p.Name)
		if err != nil {
			t.Fatal(err)
		}
		if got := back.Query().Get("state"); got != "s/+ &é" {
			t.Errorf("state %q came back changed", got)
		}
		if !strings.HasPrefix(back.String(), testRedirect+"?") {
			t.Errorf("sent to %s", back)
		}
		answer := post(t, c, "/v2/oauth2", "", exchangeForm(back.Query().Get("code")))
		var pair tokens
		answer.into(t, &pair)
		if user := c.vault.userOf(pair.Access); user != p.ID {
			t.Errorf("%s: the token is of user %d, want %d", p.Name, user, p.ID)
		}
	}
}

func TestDenySendsAccessDenied(t *testing.T) {
	c, _ := newCloud(t, Options{})
	server := httptest.NewServer(c)
	defer server.Close()
	back, err := Deny(t.Context(), server.Client(), authorizeURL(server.URL, nil))
	if err != nil {
		t.Fatal(err)
	}
	query := back.Query()
	if query.Get("error") != "access_denied" || query.Has("code") || query.Get("state") != "s/+ &é" {
		t.Errorf("redirected with %v", query)
	}
}

func TestConsentNamesWhoIsOffered(t *testing.T) {
	c, _ := newCloud(t, Options{})
	server := httptest.NewServer(c)
	defer server.Close()
	_, err := Consent(t.Context(), server.Client(), authorizeURL(server.URL, nil), "Nobody")
	if !errors.Is(err, ErrNoSuchPerson) || !strings.Contains(err.Error(), "Anna, Ben, Carla") {
		t.Errorf("error %v", err)
	}
}

func TestDemoModeOffersTheDemoAccountOnly(t *testing.T) {
	c, _ := newCloud(t, Options{})
	server := httptest.NewServer(c)
	defer server.Close()
	address := authorizeURL(server.URL, params{"mode": "demo"})
	if _, err := Consent(t.Context(), server.Client(), address, "Anna"); err != nil {
		t.Error(err)
	}
	if _, err := Consent(t.Context(), server.Client(), address, "Ben"); !errors.Is(err, ErrNoSuchPerson) {
		t.Errorf("Ben is offered too: %v", err)
	}
}

func TestConsentRefusesBadRequests(t *testing.T) {
	c, _ := newCloud(t, Options{})
	for _, test := range []struct {
		name   string
		change params
	}{
		{"response type", params{"response_type": "token"}},
		{"client", params{"client_id": "somebody"}},
		{"callback elsewhere", params{"redirect_uri": "http://example.net/"}},
		{"callback over https", params{"redirect_uri": "https://localhost/"}},
		{"callback without host", params{"redirect_uri": "localhost"}},
		{"state", params{"state": ""}},
		{"blanks between scopes", params{"scope": "user.info user.metrics"}},
		{"unknown scope", params{"scope": "user.everything"}},
		{"no scope", params{"scope": ""}},
		{"mode", params{"mode": "test"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				w := httptest.NewRecorder()
				c.ServeHTTP(w, httptest.NewRequest(method, authorizeURL("", test.change)+"&decision=allow&person=1", nil))
				if w.Code != http.StatusBadRequest || w.Header().Get("Location") != "" {
					t.Errorf("%s: HTTP %d to %q, want 400 and no redirect", method, w.Code, w.Header().Get("Location"))
				}
			}
		})
	}
}

func TestRegisteredCallbacks(t *testing.T) {
	c, _ := newCloud(t, Options{RedirectURIs: []string{"https://health.example.net/", "http://localhost:8019/auth"}})
	for address, want := range map[string]bool{
		"https://health.example.net/":             true,
		"https://health.example.net/deep?x=1":     true,
		"https://health.example.net.evil.org/":    false,
		"http://health.example.net/":              false,
		"http://localhost:8019/auth":              true,
		"http://localhost:8019/auth/callback":     true,
		"http://localhost:8019/authority":         false,
		"http://localhost:8020/auth":              false,
		"https://health.example.net/deep#section": false,
	} {
		if got := c.registered(address); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}

func TestConsentPageEscapesWhatItShows(t *testing.T) {
	c, _ := newCloud(t, Options{})
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest(http.MethodGet, authorizeURL("", params{"state": `"><script>alert(1)</script>`}), nil))
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "<script>") {
		t.Errorf("HTTP %d, the state is in the page as it came", w.Code)
	}
}

func TestConsentEndsWithItsContext(t *testing.T) {
	c, _ := newCloud(t, Options{})
	server := httptest.NewServer(c)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Consent(ctx, server.Client(), authorizeURL(server.URL, nil), "Anna"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestConsentWithoutAChoiceIsRefused(t *testing.T) {
	c, _ := newCloud(t, Options{})
	for _, body := range []string{"decision=allow", "decision=allow&person=7", "person=7"} {
		r := httptest.NewRequest(http.MethodPost, authorizeURL("", nil), strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		if location, _ := url.Parse(w.Header().Get("Location")); w.Code != http.StatusBadRequest || location.Query().Has("code") {
			t.Errorf("%s: HTTP %d to %v", body, w.Code, location)
		}
	}
}

func TestTheMatHasTheNameUnderWhichPeopleBuyIt(t *testing.T) {
	owned := []Device{{Model: "Body Scan", Type: "Scale"}, {Type: "Sleep Monitor", ModelID: modelMat}, {Type: "Gateway"}}
	if got, want := deviceWords(owned), "Body Scan, Sleep Analyzer, Gateway"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
