package auth

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/hint"
)

const wrongSecret = "wrong-client-secret"

// spoilt is the application with a wrong secret, as after a rotation.
func (h *fixture) spoilt() *App {
	app := h.app()
	app.ClientSecret, app.Given, app.Standing = wrongSecret, "both are from withings.yaml", new(Standing)
	return app
}

func TestWrongApplicationDoesNotEndAPermission(t *testing.T) {
	cases := []struct {
		name   string
		answer fault // instead of the cloud's, which names client and signature
		signed bool
	}{
		{"the text names the client", nil, false},
		{"the text names the secret", reply(200, status(503, "Invalid Params: invalid client_secret")), false},
		{"the text names nothing", reply(200, status(503, "Invalid Params")), false},
		{"there is no text", reply(200, status(401, "")), false},
		{"the text names both", reply(200, status(503, "Invalid Params: token of another client")), false},
		{"signed requests", nil, true},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			h := newFixture(t)
			file := h.content(t)
			app := h.spoilt()
			app.Signed = tc.signed
			s := NewSource(app, h.store(), profile)
			if tc.answer != nil {
				h.next(tc.answer)
			}
			h.clock.pass(3 * time.Hour)
			_, err := s.Token(t.Context())
			if !errors.Is(err, ErrApplicationRefused) || errors.Is(err, ErrNeedsAuthorization) {
				t.Errorf("got %v, want %v", err, ErrApplicationRefused)
			}
			if advice := hint.Of(err); !strings.HasPrefix(advice, "both are from withings.yaml; copy both again") || strings.Contains(advice, "auth") {
				t.Errorf("got advice %q, want to correct the application", advice)
			}
			if strings.Contains(fmt.Sprint(err), "found out") {
				t.Errorf("%v says that the cause is not known", err)
			}
			if at, why := h.store().Ended(); !at.IsZero() {
				t.Errorf("the state says %q", why)
			}
			if err := s.Authorized(); err != nil {
				t.Errorf("the permission has ended: %v", err)
			}
			if h.content(t) != file {
				t.Error("the token file was changed")
			}
			h.mustWork(t, h.source()) // with the right secret, and without a sign-in
		})
	}
}

func TestRefusalWithoutAReasonEndsAPermissionOnlyIfTheApplicationIsRight(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	h.clock.pass(3 * time.Hour)
	h.next(reply(200, status(503, "Invalid Params")))
	if _, err := s.Token(t.Context()); !errors.Is(err, ErrNeedsAuthorization) {
		t.Errorf("got %v, want %v", err, ErrNeedsAuthorization)
	}
	if last := h.forms[len(h.forms)-1]; last.Get("action") != "getnonce" {
		t.Errorf("asked %v last, want whether the application is right", last)
	}
}

// deaf lets no request for a nonce through.
type deaf struct{ http.RoundTripper }

func (d deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == noncePath {
		return nil, errors.New("connection broken off")
	}
	return d.RoundTripper.RoundTrip(r)
}

func TestRefusalOfUnknownCauseIsAskedAgain(t *testing.T) {
	h := newFixture(t)
	app := h.app()
	app.HTTPClient = &http.Client{Transport: deaf{http.DefaultTransport}}
	s := NewSource(app, h.store(), profile)
	h.clock.pass(3 * time.Hour)
	h.next(reply(200, status(503, "Invalid Params")))
	_, err := s.Token(t.Context())
	if err == nil || errors.Is(err, ErrNeedsAuthorization) || errors.Is(err, ErrApplicationRefused) || !strings.Contains(err.Error(), "could not be found out") {
		t.Errorf("got %v, want that the cause is not known", err)
	}
	h.clock.pass(time.Minute)
	h.mustWork(t, s)
}

func TestWrongApplicationIsFoundOnceForEverybody(t *testing.T) {
	h := newFixture(t)
	app := h.spoilt()
	var told []error
	app.Standing.Tell = func(err error) { told = append(told, err) }
	var everybody []*Source
	for i := range 20 {
		name := fmt.Sprintf("profile %d", i)
		store := NewStore(h.dir, name, testClient, h.clock.now)
		token, err := h.app().Exchange(t.Context(), h.code())
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Save(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		everybody = append(everybody, NewSource(app, store, name))
	}
	h.clock.pass(3 * time.Hour)
	before := h.requests()
	for range 60 {
		texts := map[string]bool{}
		for _, s := range everybody {
			_, err := s.Token(t.Context())
			if !errors.Is(err, ErrApplicationRefused) {
				t.Fatalf("got %v, want %v", err, ErrApplicationRefused)
			}
			texts[err.Error()] = true
		}
		if len(texts) != 1 {
			t.Errorf("20 profiles have %d reasons: %v", len(texts), texts)
		}
		h.clock.pass(time.Minute)
	}
	if n := h.requests() - before; n < 12 || n > 20 {
		t.Errorf("%d requests in an hour, want about one in five minutes", n)
	}
	if len(told) != 1 || !errors.Is(told[0], ErrApplicationRefused) || app.Standing.Refused() == nil {
		t.Errorf("told %v, want once", told)
	}
	app.ClientSecret = testSecret // as if it was accepted again
	h.clock.pass(5 * time.Minute)
	mustToken(t, everybody[0])
	if app.Standing.Refused() != nil || len(told) != 2 || told[1] != nil {
		t.Errorf("told %v, want that it works again", told)
	}
}

func TestOldTokenServesWhileTheApplicationIsWrong(t *testing.T) {
	h := newFixture(t)
	s := NewSource(h.spoilt(), h.store(), profile)
	h.clock.pass(3*time.Hour - earliest)
	if access := mustToken(t, s); !h.use(access) {
		t.Errorf("%s is not usable", access)
	}
	if !errors.Is(s.LastError(), ErrApplicationRefused) {
		t.Errorf("the last error is %v, want %v", s.LastError(), ErrApplicationRefused)
	}
}
