package notify

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/withings"
)

func TestAnAddressForLinksIsNoProblemAndTriedOnceADay(t *testing.T) {
	for name, c := range map[string]struct {
		external string
		password bool
		answers  reply // of a proxy in front
		says     string
	}{
		"a private network":     {"http://nas.lan:8080", false, reply{}, "is an address of a private network"},
		"no encryption":         {"http://home.example", false, reply{}, "does not begin with https://"},
		"a port":                {"https://home.example:8443", false, reply{}, "has port 8443 instead of 443"},
		"a password of serve":   {external, true, reply{}, "asks for a password"},
		"a password in front":   {external, false, reply{code: http.StatusUnauthorized}, "asks for a password"},
		"a sign-in page before": {external, false, reply{code: http.StatusFound, location: "https://login.example/?to=home"}, "redirects to https://login.example,"},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(t *testing.T, h *house) {
				h.External, h.Password = c.external, c.password
				if c.answers.code != 0 {
					h.Client = &http.Client{Transport: c.answers}
				}
				h.Known()
				if h.Box.Expected() != (c.answers.code != 0) {
					t.Error("what only asking tells is known before, or what is known is not")
				}
				h.ledger.answer = func(action string, _ int) error {
					if action == "subscribe" {
						return fmt.Errorf("subscribe: %w", withings.ErrCallback)
					}
					return nil
				}
				for range 48 {
					if err := h.Upkeep(t.Context()); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Hour)
				}
				if len(h.ledger.calls) != 4 || h.Box.Expected() || strings.Contains(h.log.String(), "level=WARN") || strings.Count(h.log.String(), "--web.external-url "+c.says) != 2 {
					t.Errorf("asked for %q, expected %t, log:\n%s", h.ledger.calls, h.Box.Expected(), &h.log)
				}
			})
		})
	}
}

// RoundTrip implements http.RoundTripper: it is the answer to everything.
func (r reply) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: r.code, Header: http.Header{"Location": {r.location}}, Body: http.NoBody}, nil
}

// TestWhereNotificationsAreMeantAPasswordIsAnError: whoever opens an address for them wants them.
func TestWhereNotificationsAreMeantAPasswordIsAnError(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.Meant, h.Client = true, &http.Client{Transport: reply{code: http.StatusUnauthorized}}
		h.ledger.answer = func(action string, _ int) error {
			if action == "subscribe" {
				return withings.ErrCallback
			}
			return nil
		}
		h.Known()
		if err := h.Upkeep(t.Context()); !errors.Is(err, withings.ErrCallback) || !h.Box.Expected() {
			t.Errorf("error %v, expected %t", err, h.Box.Expected())
		}
	})
}
