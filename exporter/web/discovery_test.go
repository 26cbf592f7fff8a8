package web

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
)

func TestDiscoveryNamesAReachableTarget(t *testing.T) {
	tests := []struct {
		name, external, host string
		tls                  bool
		target, scheme, path string
	}{
		{"address of the question", "", "nas:10054", false, "nas:10054", "http", "/metrics"},
		{"address of the question with TLS", "", "nas:10054", true, "nas:10054", "https", "/metrics"},
		{"usual port", "", "nas", false, "nas:80", "http", "/metrics"},
		{"usual port with TLS", "", "nas", true, "nas:443", "https", "/metrics"},
		{"IPv6", "", "[::1]:10054", false, "[::1]:10054", "http", "/metrics"},
		{"IPv6 without port", "", "[::1]", false, "[::1]:80", "http", "/metrics"},
		{"no host in the question", "", "", false, "127.0.0.1:10054", "http", "/metrics"},
		{"external URL", "https://home.example/withings", "nas:10054", false, "home.example:443", "https", "/withings/metrics"},
		{"external URL with port", "http://home.example:8080", "nas:10054", true, "home.example:8080", "http", "/metrics"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, withExternal(tt.external))
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/sd", nil)
			r.Host = tt.host
			if tt.tls {
				r.TLS = &tls.ConnectionState{}
			}
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r.WithContext(localAddress(r)))

			var got []targetGroup
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatalf("answer %q: %v", w.Body, err)
			}
			want := []targetGroup{{
				Targets: []string{tt.target},
				Labels:  map[string]string{"__scheme__": tt.scheme, "__metrics_path__": tt.path},
			}}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestDiscoveryAlwaysNamesHostAndPort(t *testing.T) {
	for host, want := range map[string]string{"a:": "a:80", "[fe80::1]:1": "[fe80::1]:1", "::1": "[::1]:80"} {
		got := withPort(host, "http")
		if got != want {
			t.Errorf("%q: got %q, want %q", host, got, want)
		}
		if _, _, err := net.SplitHostPort(got); err != nil {
			t.Errorf("%q: %v", host, err)
		}
	}
}

// localAddress returns the request's context as the server makes it.
func localAddress(r *http.Request) context.Context {
	return context.WithValue(r.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 10054})
}

// TestDiscoveryThroughASocketNamesNoTargetOfItsOwn has it asked as curl asks it, by a name that Prometheus cannot ask.
func TestDiscoveryThroughASocketNamesNoTargetOfItsOwn(t *testing.T) {
	for _, c := range []struct{ external, host, want string }{
		{"", "localhost", "[]\n"},
		{"", "", "[]\n"},
		{"", "nas.example", `[{"targets":["nas.example:80"],"labels":{"__metrics_path__":"/metrics","__scheme__":"http"}}]` + "\n"},
		{"https://home.example", "localhost", `[{"targets":["home.example:443"],"labels":{"__metrics_path__":"/metrics","__scheme__":"https"}}]` + "\n"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/sd", nil)
		r.Host = c.host
		socket := context.WithValue(r.Context(), http.LocalAddrContextKey, &net.UnixAddr{Name: "/run/s", Net: "unix"})
		w := httptest.NewRecorder()
		newServer(t, withExternal(c.external)).Handler().ServeHTTP(w, r.WithContext(socket))
		if got := w.Body.String(); got != c.want {
			t.Errorf("asked as %q with the external URL %q, it says %s, want %s", c.host, c.external, got, c.want)
		}
	}
}
