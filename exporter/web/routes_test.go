package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestEveryPathAnswersItsMethods(t *testing.T) {
	reloads := 0
	s := newServer(t, func(o *Options) {
		o.Reload = func(context.Context) (string, error) { reloads++; return "", nil }
	})
	tests := []struct {
		method, path string
		code         int
		kind, allow  string
	}{
		{"GET", "/", 200, "text/plain; charset=utf-8", ""},
		{"HEAD", "/", 200, "text/plain; charset=utf-8", ""},
		{"POST", "/", 405, "text/plain; charset=utf-8", "GET, HEAD"},
		{"GET", "/metrics", 200, "text/plain; charset=utf-8", ""},
		{"POST", "/metrics", 405, "text/plain; charset=utf-8", "GET, HEAD"},
		{"GET", "/-/healthy", 200, "text/plain; charset=utf-8", ""},
		{"DELETE", "/-/healthy", 405, "text/plain; charset=utf-8", "GET, HEAD"},
		{"GET", "/-/ready", 200, "text/plain; charset=utf-8", ""},
		{"GET", "/sd", 200, "application/json", ""},
		{"PUT", "/sd", 405, "text/plain; charset=utf-8", "GET, HEAD"},
		{"GET", "/favicon.ico", 200, "image/svg+xml", ""},
		{"GET", "/favicon.svg", 200, "image/svg+xml", ""},
		{"POST", "/-/reload", 200, "text/plain; charset=utf-8", ""},
		{"GET", "/-/reload", 405, "text/plain; charset=utf-8", "POST"},
		{"GET", "/metrics/", 404, "text/plain; charset=utf-8", ""},
		{"GET", "/debug/pprof/", 404, "text/plain; charset=utf-8", ""},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			w := do(t, s, tt.method, tt.path)
			if w.Code != tt.code {
				t.Errorf("got code %d, want %d", w.Code, tt.code)
			}
			if got := w.Header().Get("Content-Type"); got != tt.kind {
				t.Errorf("got type %q, want %q", got, tt.kind)
			}
			if got := w.Header().Get("Allow"); got != tt.allow {
				t.Errorf("got Allow %q, want %q", got, tt.allow)
			}
		})
	}
	if reloads != 1 {
		t.Errorf("got %d reloads, want only the POST to reload", reloads)
	}
}

func TestReadyOnlyOnceStateIsLoaded(t *testing.T) {
	loaded := false
	s := newServer(t, func(o *Options) { o.Ready = func() bool { return loaded } })
	if got := do(t, s, "GET", "/-/ready").Code; got != http.StatusServiceUnavailable {
		t.Errorf("before loading: got %d, want 503", got)
	}
	if got := do(t, s, "GET", "/-/healthy").Code; got != http.StatusOK {
		t.Errorf("alive before loading: got %d, want 200", got)
	}
	loaded = true
	if got := do(t, s, "GET", "/-/ready").Code; got != http.StatusOK {
		t.Errorf("after loading: got %d, want 200", got)
	}
}

func TestReloadDoesNotExistWithoutFunction(t *testing.T) {
	if got := do(t, newServer(t), "POST", "/-/reload").Code; got != http.StatusNotFound {
		t.Errorf("got %d, want 404", got)
	}
}

func TestReloadTellsTheCallerWhyItFailed(t *testing.T) {
	s := newServer(t, func(o *Options) {
		o.Reload = func(context.Context) (string, error) { return "", errors.New(`line 3: unknown key "profils"`) }
	})
	w := do(t, s, "POST", "/-/reload")
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "profils") {
		t.Errorf("got %d %q, want 500 and the reason", w.Code, w.Body)
	}
}

func TestReloadRefusesOtherSites(t *testing.T) {
	s := newServer(t, func(o *Options) {
		o.Reload = func(context.Context) (string, error) { t.Error("reloaded"); return "", nil }
	})
	if got := do(t, s, "POST", "/-/reload", "Sec-Fetch-Site", "cross-site").Code; got != http.StatusForbidden {
		t.Errorf("got %d, want 403", got)
	}
}

func TestTelemetryPathMoves(t *testing.T) {
	tests := []struct{ name, path string }{{"elsewhere", "/custom/metrics"}, {"in place of the page", "/"}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, func(o *Options) { o.TelemetryPath = tt.path })
			if got := do(t, s, "GET", tt.path).Body.String(); got != "withings_up 1\n" {
				t.Errorf("got %q at %s, want the metrics", got, tt.path)
			}
			if got := do(t, s, "GET", "/metrics").Code; got != http.StatusNotFound {
				t.Errorf("got %d at /metrics, want 404", got)
			}
		})
	}
}

func TestSubPathAnswersWhetherTheProxyStripsItOrNot(t *testing.T) {
	s := newServer(t, withExternal("https://home.example/withings/"))
	for path, want := range map[string]int{
		"/metrics": 200, "/withings/metrics": 200, "/": 200, "/withings/": 200, "/withings/-/ready": 200,
		"/withings/nothing": 404, "/withingsmetrics": 404,
	} {
		if got := do(t, s, "GET", path).Code; got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
	w := do(t, s, "GET", "/withings")
	if got := w.Header().Get("Location"); w.Code != http.StatusFound || got != "/withings/" {
		t.Errorf("without the last slash: got %d to %q, want 302 to /withings/", w.Code, got)
	}
}

func TestRouteWinsOverSubPathOfTheSameName(t *testing.T) {
	s := newServer(t, withExternal("https://home.example/metrics"))
	if got := do(t, s, "GET", "/metrics").Body.String(); got != "withings_up 1\n" {
		t.Errorf("got %q, want the metrics", got)
	}
}

func TestEveryAnswerCarriesSecurityHeaders(t *testing.T) {
	s := newServer(t)
	for _, path := range []string{"/", "/metrics", "/sd", "/-/healthy", "/nothing"} {
		header := do(t, s, "GET", path).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"X-Frame-Options": "deny", "Cache-Control": "no-store",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: got %s %q, want %q", path, name, got, want)
			}
		}
		if got := header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'; ") {
			t.Errorf("%s: got policy %q, want nothing allowed by default", path, got)
		}
	}
}

func TestContentPolicyNamesStyleSheetAndScriptAsSent(t *testing.T) {
	s := newServer(t)
	page := browse(t, s, "/")
	policy := do(t, s, "GET", "/").Header().Get("Content-Security-Policy")
	for rule, tag := range map[string]string{"style-src": "style", "script-src": "script"} {
		_, rest, _ := strings.Cut(page, "<"+tag+">")
		text, _, found := strings.Cut(rest, "</"+tag+">")
		if !found || text == "" {
			t.Fatalf("the page has no %s", tag)
		}
		sum := sha256.Sum256([]byte(text))
		want := rule + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		if !strings.Contains(policy, want) {
			t.Errorf("got %q, want it to hold %q", policy, want)
		}
		if n := strings.Count(page, "<"+tag); n != 1 {
			t.Errorf("%d elements %s, of which the policy allows one", n, tag)
		}
	}
	for _, forbidden := range []string{" style=", " onclick=", "http-equiv"} {
		if strings.Contains(page, forbidden) {
			t.Errorf("the page holds %q, which the policy forbids or moves the reader", forbidden)
		}
	}
}

func TestReloadTellsTheCallerWhatWaitsForARestart(t *testing.T) {
	s := newServer(t, func(o *Options) {
		o.Reload = func(context.Context) (string, error) { return "these changes wait: --state.dir", nil }
	})
	w := do(t, s, "POST", "/-/reload")
	if want := "configuration reloaded\nthese changes wait: --state.dir\n"; w.Code != http.StatusOK || w.Body.String() != want {
		t.Errorf("got %d %q, want 200 and %q", w.Code, w.Body, want)
	}
}
