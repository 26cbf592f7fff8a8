package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// drawnECG is a drawing with the size of its paper.
const drawnECG = "<svg><style>@page{size:297mm 210mm}</style></svg>"

// withECG draws an ECG that says what was asked, and counts how often.
func withECG(asked *[]string) func(*Options) {
	return func(o *Options) {
		o.ECG = func(_ context.Context, profile string, signal int64) ([]byte, error) {
			*asked = append(*asked, profile)
			switch signal {
			case 404:
				return nil, &Problem{Status: http.StatusNotFound, Text: "There is none."}
			case 500:
				return nil, errors.New("a secret detail")
			}
			return []byte(drawnECG), nil
		}
	}
}

func TestAnECGIsDrawnForWhoeverOpensIt(t *testing.T) {
	var asked []string
	s := newServer(t, withECG(&asked), withExternal("https://home.example/health"))
	for _, path := range []string{"/ecg/123.svg?profile=Anna+%26+Ben", "/health/ecg/123.svg?profile=Anna+%26+Ben"} {
		asked = nil
		w := do(t, s, http.MethodGet, path)
		if w.Code != http.StatusOK || w.Body.String() != drawnECG || w.Header().Get("Content-Type") != "image/svg+xml" {
			t.Errorf("%s: %d %s %q", path, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
		if len(asked) != 1 || asked[0] != "Anna & Ben" {
			t.Errorf("%s: asked for %q", path, asked)
		}
	}
	if path := ECGPage("Anna & Ben", 123); "/"+path != "/ecg/123.svg?profile=Anna+%26+Ben" {
		t.Errorf("pages lead to %s", path)
	}
}

// TestABrowserPrintsAnECGOnItsOwnPaper: the policy allows just the style sheet of the
// drawing, unless the operator has chosen another.
func TestABrowserPrintsAnECGOnItsOwnPaper(t *testing.T) {
	var asked []string
	s := newServer(t, withECG(&asked))
	sum := sha256.Sum256([]byte("@page{size:297mm 210mm}"))
	want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';"
	if got := do(t, s, http.MethodGet, "/ecg/123.svg").Header().Get(policyHeader); !strings.Contains(got, want) {
		t.Errorf("got %q, want it to hold %q", got, want)
	}
	chosen := httptest.NewRecorder()
	chosen.Header().Set(policyHeader, "default-src 'self'")
	s.handler.ServeHTTP(chosen, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/ecg/123.svg", nil))
	if got := chosen.Header().Get(policyHeader); got != "default-src 'self'" {
		t.Errorf("the operator's policy became %q", got)
	}
}

func TestOnlyTheNumberOfASignalIsAskedFor(t *testing.T) {
	var asked []string
	s := newServer(t, withECG(&asked))
	for _, path := range []string{"/ecg/", "/ecg/.svg", "/ecg/0.svg", "/ecg/-1.svg", "/ecg/+1.svg", "/ecg/1.png", "/ecg/1", "/ecg/x.svg", "/ecg/1e3.svg", "/ecg/../ecg/1.svg",
		"/ecg/1.svg/", "/ecg/99999999999999999999.svg", "/ecg/1/2.svg", "/ecg/١.svg"} {
		if w := do(t, s, http.MethodGet, path); w.Code != http.StatusNotFound {
			t.Errorf("%s is answered with %d", path, w.Code)
		}
	}
	for _, method := range []string{http.MethodHead, http.MethodPost, http.MethodPut} {
		if w := do(t, s, method, "/ecg/1.svg"); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != http.MethodGet {
			t.Errorf("%s is answered with %d, allowed is %s", method, w.Code, w.Header().Get("Allow"))
		}
	}
	if len(asked) != 0 {
		t.Errorf("asked %d times", len(asked))
	}
	if w := do(t, newServer(t), http.MethodGet, "/ecg/1.svg"); w.Code != http.StatusNotFound {
		t.Errorf("without anybody who draws it is %d", w.Code)
	}
}

func TestAPageElsewhereCannotHaveECGsDrawn(t *testing.T) {
	var asked []string
	s := newServer(t, withECG(&asked))
	for _, c := range []struct {
		name, site, mode, dest, user string
		drawn                        bool
	}{
		{name: "a program", drawn: true},
		{"an address that was typed", "none", "navigate", "document", "?1", true},
		{"a link on the status page", "same-origin", "navigate", "document", "?1", true},
		{"a link in Grafana on the same machine", "same-site", "navigate", "document", "?1", true},
		{"a link in Grafana elsewhere", "cross-site", "navigate", "document", "?1", true},
		{"a picture", "cross-site", "no-cors", "image", "", false},
		{"a picture of another port", "same-site", "no-cors", "image", "", false},
		{"a script", "cross-site", "cors", "empty", "", false},
		{"a frame", "cross-site", "navigate", "iframe", "?1", false},
		{"an embedded object", "cross-site", "navigate", "object", "?1", false},
		{"a window that opens by itself", "cross-site", "navigate", "document", "", false},
	} {
		asked = nil
		var headers []string
		for name, value := range map[string]string{"Sec-Fetch-Site": c.site, "Sec-Fetch-Mode": c.mode, "Sec-Fetch-Dest": c.dest, "Sec-Fetch-User": c.user} {
			if value != "" {
				headers = append(headers, name, value)
			}
		}
		w := do(t, s, http.MethodGet, "/ecg/1.svg?profile=Anna", headers...)
		if drawn := w.Code == http.StatusOK; drawn != c.drawn || len(asked) > 0 != c.drawn {
			t.Errorf("%s: %d, asked %d times", c.name, w.Code, len(asked))
		}
	}
}

func TestAProblemIsToldInWordsAndAMistakeIsNot(t *testing.T) {
	var asked []string
	s := newServer(t, withECG(&asked))
	if w := do(t, s, http.MethodGet, "/ecg/404.svg"); w.Code != http.StatusNotFound || w.Body.String() != "There is none.\n" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	if w := do(t, s, http.MethodGet, "/ecg/500.svg"); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

func TestAReadingLeadsToItsPage(t *testing.T) {
	p := fine("Anna")
	p.Readings = append(p.Readings, Reading{Label: "ECG", Value: "negative", At: now, Page: ECGPage("Anna", 7)})
	page := browse(t, newServer(t, withStatus(Status{Profiles: []Profile{p}})), "/")
	if want := `<a href="./ecg/7.svg?profile=Anna">negative</a>`; !strings.Contains(page, want) {
		t.Errorf("the page lacks %s", want)
	}
	page = browse(t, newServer(t, withStatus(Status{Profiles: []Profile{p}}), withExternal("https://home.example/health")), "/")
	if want := `<a href="/health/ecg/7.svg?profile=Anna">negative</a>`; !strings.Contains(page, want) {
		t.Errorf("behind a proxy, the page lacks %s", want)
	}
}
