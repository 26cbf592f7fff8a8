package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// withPrefix sets the route prefix.
func withPrefix(prefix string) func(*Options) {
	return func(o *Options) { o.RoutePrefix = prefix }
}

func TestWithARoutePrefixEverythingIsBelowItAndNothingElsewhere(t *testing.T) {
	for _, c := range []struct {
		prefix, external string
		answered, lost   string // paths
	}{
		{"/withings", "", "/withings/ /withings/metrics /withings/-/healthy /withings/-/ready /withings/sd /withings/favicon.ico", "/metrics /-/healthy /sd /x /withingsmetrics /withings/x /withings//metrics"},
		{"withings/", "", "/withings/ /withings/metrics", "/metrics"},
		{"/a//b/", "", "/a/b/ /a/b/metrics", "/a/ /a/metrics /metrics"},
		{"/größe", "", "/gr%C3%B6%C3%9Fe/metrics", "/metrics"},
		{"/withings", "https://home.example/health", "/withings/metrics", "/health/ /health/metrics /metrics"},
		{"/withings", "https://home.example/withings", "/withings/metrics", "/metrics"},
		{"/", "https://home.example/health", "/ /metrics /-/healthy", "/health/ /health/metrics"},
		{"/metrics", "", "/metrics/metrics /metrics/", "/metrics/x"},
	} {
		s := newServer(t, withPrefix(c.prefix), withExternal(c.external))
		for path := range strings.FieldsSeq(c.answered) {
			if got := do(t, s, "GET", path).Code; got != http.StatusOK {
				t.Errorf("prefix %q, external URL %q: %s is answered with %d", c.prefix, c.external, path, got)
			}
		}
		for path := range strings.FieldsSeq(c.lost) {
			if got := do(t, s, "GET", path).Code; got != http.StatusNotFound {
				t.Errorf("prefix %q, external URL %q: %s is answered with %d, want 404", c.prefix, c.external, path, got)
			}
		}
	}
}

// TestWhoForgetsTheRoutePrefixIsToldWhereThePageIs, and not sent there: behind a proxy that strips the prefix, that would never end.
func TestWhoForgetsTheRoutePrefixIsToldWhereThePageIs(t *testing.T) {
	for _, c := range []struct{ prefix, external, path, link, text string }{
		{"/withings", "", "/", `<a href="withings/">status page</a>`, "the status page is at /withings/\nEverything is below /withings/, by --web.route-prefix. If a proxy strips that\npath, remove --web.route-prefix"},
		{"/withings", "", "/?profile=Anna", `<a href="withings/">status page</a>`, "remove --web.route-prefix"},
		{"/withings", "", "/metrics", `<a href="withings/">status page</a>`, "remove --web.route-prefix"},
		{"/withings", "https://home.example/withings", "/", `<a href="withings/">status page</a>`, "remove --web.route-prefix"},
		{"//elsewhere.example/x", "", "/", `<a href="elsewhere.example/x/">status page</a>`, "at /elsewhere.example/x/\n"},
		{"", "", "/withings/", `<a href="../">status page</a>`, "the status page is at /\nIf a proxy passes requests on with a path in front, set --web.route-prefix to"},
	} {
		for _, header := range []string{"", "X-Forwarded-For", "X-Forwarded-Prefix", "Forwarded"} {
			s := newServer(t, withPrefix(c.prefix), withExternal(c.external))
			r := httptest.NewRequest(http.MethodGet, c.path, nil)
			w := httptest.NewRecorder()
			if header != "" {
				r.Header.Set(header, "/withings")
			}
			if s.Handler().ServeHTTP(w, r); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), c.text) {
				t.Errorf("prefix %q, external URL %q, %s: %s is answered with %d %s, want 404 and %q", c.prefix, c.external, header, c.path, w.Code, w.Body, c.text)
			}
		}
		if page := browse(t, newServer(t, withPrefix(c.prefix), withExternal(c.external)), c.path); !strings.Contains(page, c.link) || !strings.Contains(page, "--web.route-prefix") {
			t.Errorf("prefix %q, external URL %q: %s has no %s:\n%s", c.prefix, c.external, c.path, c.link, page[strings.Index(page, "</style>"):])
		}
	}
}

func TestALostPageBelowTheRoutePrefixSaysNothingOfIt(t *testing.T) {
	if text := do(t, newServer(t, withPrefix("/withings")), "GET", "/withings/x").Body.String(); text != "404 page not found; the status page is at /withings/\n" {
		t.Errorf("it says %s", text)
	}
}

// TestALostPageLeadsWhereTheVisitorFindsTheStatusPage: who comes through the proxy of the external URL has that path in front.
func TestALostPageLeadsWhereTheVisitorFindsTheStatusPage(t *testing.T) {
	const home = "https://home.example"
	for _, c := range []struct{ prefix, external, path, at, advice string }{
		{"", home + "/withings", "/nope", "/withings/", ""},
		{"", home + "/withings", "/withings/nope", "/withings/", ""},
		{"", home + "/größe", "/nope", "/größe/", ""},
		{"", home, "/withings/", "/", "set --web.route-prefix to that path."},
		{"/", home + "/withings", "/nope", "/withings/", ""},
		{"/", home + "/withings", "/withings/", "/withings/", "If a proxy keeps /withings/, remove --web.route-prefix."},
		{"/a", home + "/withings", "/a/nope", "/withings/", ""},
		{"/a", home + "/withings", "/nope", "/a/", "remove --web.route-prefix, or let the proxy keep the path."},
		{"/a", home, "/a/nope", "/a/", ""},
	} {
		s := newServer(t, withPrefix(c.prefix), withExternal(c.external))
		text := strings.Join(strings.Fields(do(t, s, "GET", c.path).Body.String()), " ")
		if !strings.HasSuffix(text, c.advice) || !strings.HasPrefix(text, "404 page not found; the status page is at "+c.at) || c.advice == "" && !strings.HasSuffix(text, c.at) {
			t.Errorf("prefix %q, external URL %q: %s is answered with %q, want %s and %q", c.prefix, c.external, c.path, text, c.at, c.advice)
		}
		if page := browse(t, s, c.path); strings.Contains(page, "--web.route-prefix") != (c.advice != "") {
			t.Errorf("prefix %q, external URL %q: the page at %s has advice: %t", c.prefix, c.external, c.path, c.advice == "")
		}
	}
}

func TestTheSlashAtTheEndOfTheWayMayBeLeftOut(t *testing.T) {
	for _, c := range []struct{ prefix, external, path, want string }{
		{"/withings", "", "/withings", "/withings/"},
		{"/größe", "", "/gr%C3%B6%C3%9Fe?x=1", "/gr%C3%B6%C3%9Fe/?x=1"},
		{"", "https://home.example/health", "/health?profile=Anna", "/health/?profile=Anna"},
	} {
		w := do(t, newServer(t, withPrefix(c.prefix), withExternal(c.external)), "GET", c.path)
		if got := w.Header().Get("Location"); w.Code != http.StatusFound || got != c.want {
			t.Errorf("prefix %q, external URL %q: %s is answered with %d to %q, want 302 to %q", c.prefix, c.external, c.path, w.Code, got, c.want)
		}
	}
}

func TestARoutePrefixThatCanNeverBeAskedForIsRejected(t *testing.T) {
	for _, prefix := range []string{"/a?b", "/a#b", "/a%20b", "/a b", `\a`} {
		opts := testOptions()
		opts.RoutePrefix = prefix
		if _, err := New(opts); err == nil || !strings.Contains(err.Error(), "--web.route-prefix") {
			t.Errorf("%q is accepted: %v", prefix, err)
		}
	}
}

func TestLinksLeadHomeBelowARoutePrefix(t *testing.T) {
	for name, c := range map[string]struct{ prefix, external, path, want string }{
		"page":                                {"/withings", "", "/withings/", `href="./metrics"`},
		"lost page":                           {"/withings", "", "/withings/x", `href="./metrics"`},
		"lost page far down":                  {"/a/b", "", "/a/b/x/y/z", `href="../../metrics"`},
		"lost page outside":                   {"/withings", "", "/x", `href="withings/metrics"`},
		"lost page far outside":               {"/withings", "", "/x/y", `href="../withings/metrics"`},
		"lost page outside of an odd name":    {"/größe", "", "/x/y", `href="../gr%c3%b6%c3%9fe/metrics"`},
		"external URL without a path":         {"/withings", "https://home.example", "/withings/", `href="./metrics"`},
		"external URL with the same path":     {"/withings", "https://home.example/withings", "/withings/", `href="/withings/metrics"`},
		"external URL with another path":      {"/withings", "https://home.example/health", "/withings/", `href="/health/metrics"`},
		"proxy that strips the external path": {"/", "https://home.example/health", "/", `href="/health/metrics"`},
	} {
		page := browse(t, newServer(t, withPrefix(c.prefix), withExternal(c.external)), c.path)
		if !strings.Contains(strings.ToLower(page), c.want) {
			t.Errorf("%s: there is no %s in\n%s", name, c.want, page[strings.Index(page, "</style>"):])
		}
	}
}

func TestServiceDiscoveryKnowsTheRoutePrefix(t *testing.T) {
	for _, c := range []struct{ prefix, external, path, want string }{
		{"/withings", "", "/withings/sd", `"__metrics_path__":"/withings/metrics"`},
		{"/withings", "https://home.example/health", "/withings/sd", `"__metrics_path__":"/health/metrics"`},
		{"/withings", "https://home.example", "/withings/sd", `"__metrics_path__":"/withings/metrics"`},
		{"/", "https://home.example/health", "/sd", `"__metrics_path__":"/health/metrics"`},
	} {
		s := newServer(t, withPrefix(c.prefix), withExternal(c.external))
		if got := do(t, s, "GET", c.path).Body.String(); !strings.Contains(got, c.want) {
			t.Errorf("prefix %q, external URL %q: %s, want %s", c.prefix, c.external, got, c.want)
		}
	}
}

// TestNotificationsArriveWhateverAProxyMakesOfTheirPath: Withings is told the external URL.
func TestNotificationsArriveWhateverAProxyMakesOfTheirPath(t *testing.T) {
	for _, own := range []bool{false, true} {
		prefix, external := "/withings", "/withings/notify"
		if own {
			prefix, external = external, prefix
		}
		s := newServer(t, withPrefix(prefix), withExternal("https://home.example"+external), withNotifications, func(o *Options) {
			if own {
				o.NotifyAddress = "127.0.0.1:0"
			}
		})
		start(t, s)
		address := s.Addrs()[0]
		if own {
			address = s.NotifyAddr()
		}
		for _, path := range []string{"/notify/x", "/withings/notify/x", "/withings/notify/notify/x"} {
			if code, body := get(t, address, path); code != http.StatusOK || body != "GET /notify/x" {
				t.Errorf("address of their own %t, %s: %d %q", own, path, code, body)
			}
		}
		if code, _ := get(t, address, "/health/notify/x"); code != http.StatusNotFound {
			t.Errorf("address of their own %t: elsewhere they are answered with %d", own, code)
		}
	}
}

func TestARequestOfEveryMethodElsewhereIsLost(t *testing.T) {
	s := newServer(t, withPrefix("/withings"), func(o *Options) {
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "secret") })
		o.Reload = func(context.Context) (string, error) { return "", errors.New("reloaded") }
	})
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "OPTIONS"} {
		for _, path := range []string{"/metrics", "/-/reload", "/withings/../metrics"} {
			if w := do(t, s, method, path); w.Code != http.StatusNotFound {
				t.Errorf("%s %s is answered with %d: %s", method, path, w.Code, w.Body)
			}
		}
	}
}
