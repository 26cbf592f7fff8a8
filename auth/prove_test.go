package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/hint"
)

func TestRightApplicationIsProvenWithoutTouchingAToken(t *testing.T) {
	h := newFixture(t)
	file, before := h.content(t), h.requests()
	if err := h.app().Prove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h.content(t) != file {
		t.Error("the token file was changed")
	}
	forms := h.forms[before:]
	if len(forms) != 1 || forms[0].Get("action") != "getnonce" || forms[0].Has("client_secret") {
		t.Errorf("sent %v, want one signed getnonce without the secret", forms)
	}
}

func TestWrongApplicationIsToldAsSuch(t *testing.T) {
	cases := []struct {
		name  string
		spoil func(*App)
	}{
		{"client id", func(a *App) { a.ClientID = "wrong-client-id" }},
		{"client secret", func(a *App) { a.ClientSecret = "wrong-client-secret" }},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			app := newCloud(t).app()
			app.Given = "both are from withings.yaml"
			tc.spoil(app)
			_, demo := app.Demo(t.Context())
			for _, err := range []error{app.Prove(t.Context()), demo} {
				if !errors.Is(err, ErrApplicationRefused) || !strings.HasPrefix(hint.Of(err), "both are from withings.yaml; copy both again") {
					t.Errorf("got %v, want %v and what to do", err, ErrApplicationRefused)
				}
				if err != nil && strings.Contains(err.Error(), "wrong-client-secret") {
					t.Errorf("error %q quotes the secret", err)
				}
			}
		})
	}
}

func TestOnlyARefusalBlamesTheApplication(t *testing.T) {
	cases := []struct {
		name    string
		code    int
		body    string
		refused bool
		status  int // of the envelope; 0 if there is none
	}{
		{"invalid params", 200, status(503, "Invalid Params"), true, 503},
		{"signature", 200, status(342, "signature"), true, 342},
		{"authentication failed", 200, status(401, "invalid client"), true, 401},
		{"old authentication failed", 200, status(100, ""), true, 100},
		{"rate limit", 200, status(601, ""), false, 601},
		{"timeout", 200, status(522, ""), false, 522},
		{"error occurred", 200, status(2556, ""), false, 2556},
		{"HTTP 500", 500, status(503, "Invalid Params"), false, 0},
		{"HTTP 403 page", 403, "<html>proxy</html>", false, 0},
		{"page of HTML", 200, "<html>We are back soon</html>", false, 0},
		{"no nonce", 200, `{"status":0,"body":{}}`, false, 0},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.code)
				fmt.Fprint(w, tc.body)
			}))
			defer server.Close()
			app := &App{ClientID: testClient, ClientSecret: testSecret, APIURL: server.URL}
			err := app.Prove(t.Context())
			if err == nil || errors.Is(err, ErrApplicationRefused) != tc.refused {
				t.Errorf("got %v, blaming the application: want %t", err, tc.refused)
			}
			var told *envelope.Error
			if errors.As(err, &told); told == nil && tc.status != 0 || told != nil && told.Status != tc.status {
				t.Errorf("got %v, want status %d inside", err, tc.status)
			}
		})
	}
}

func TestUnreachableWithingsDoesNotBlameTheApplication(t *testing.T) {
	app := newCloud(t).app()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := app.Prove(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, ErrApplicationRefused) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
