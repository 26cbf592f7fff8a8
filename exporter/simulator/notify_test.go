package simulator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestSubscriptions(t *testing.T) {
	heads := 0
	callback := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			heads++
		}
		if r.URL.Path == "/bad" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer callback.Close()
	good, bad := callback.URL+"/w", callback.URL+"/bad"
	c, _ := newCloud(t, Options{})
	v := visit(c, Full)
	for _, step := range []struct {
		name   string
		p      params
		status int
		body   string // "" means {}
	}{
		{"subscribe", params{"action": "subscribe", "callbackurl": good, "appli": "1", "comment": "exporter"}, 0, ""},
		{"subscribe again", params{"action": "subscribe", "callbackurl": good, "appli": "1", "comment": "exporter"}, 0, ""},
		{"get", params{"action": "get", "callbackurl": good}, 0, `{"appli":1,"callbackurl":"URL","comment":"exporter"}`},
		{"callback that answers 404", params{"action": "subscribe", "callbackurl": bad, "appli": "1"}, 293, ""},
		{"callback that is away", params{"action": "subscribe", "callbackurl": "http://127.0.0.1:1/", "appli": "1"}, 293, ""},
		{"no callback", params{"action": "subscribe", "appli": "1"}, 293, ""},
		{"long address", params{"action": "subscribe", "callbackurl": good + strings.Repeat("x", 255), "appli": "1"}, 293, ""},
		{"long comment", params{"action": "subscribe", "callbackurl": good, "appli": "1", "comment": strings.Repeat("x", 256)}, 304, ""},
		{"unknown category", params{"action": "subscribe", "callbackurl": good, "appli": "62"}, 503, ""},
		{"list", params{"action": "list"}, 0, `{"profiles":[{"appli":1,"callbackurl":"URL","expires":2147483647,"comment":"exporter"}]}`},
		{"list of another category", params{"action": "list", "appli": "44"}, 0, `{"profiles":[]}`},
		{"update nothing", params{"action": "update", "callbackurl": good, "appli": "1"}, 503, ""},
		{"update two things", params{"action": "update", "callbackurl": good, "appli": "1", "comment": "", "new_appli": "4"}, 503, ""},
		{"update to a bad callback", params{"action": "update", "callbackurl": good, "appli": "1", "new_callbackurl": bad}, 293, ""},
		{"update the category", params{"action": "update", "callbackurl": good, "appli": "1", "new_appli": "44"}, 0, ""},
		{"get the old one", params{"action": "get", "callbackurl": good, "appli": "1"}, 286, ""},
		{"revoke the old one", params{"action": "revoke", "callbackurl": good, "appli": "1"}, 294, ""},
		{"revoke", params{"action": "revoke", "callbackurl": good, "appli": "44"}, 0, ""},
		{"list at the end", params{"action": "list"}, 0, `{"profiles":[]}`},
	} {
		answer := v.call(t, "/notify", step.p)
		want := strings.ReplaceAll(step.body, "URL", good)
		if want == "" {
			want = "{}"
		}
		if answer.Status != step.status || string(answer.Body) != want {
			t.Errorf("%s: %s, want status %d and body %s", step.name, answer.raw, step.status, want)
		}
	}
	if heads < 2 {
		t.Errorf("the callback saw %d HEAD requests", heads)
	}
}

func TestStrictCallbacks(t *testing.T) {
	c, _ := newCloud(t, Options{
		Switches: Switches{StrictCallbacks: true},
		Callbacks: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, nil
		})},
	})
	for address, want := range map[string]int{
		"https://health.example.net/w":      0,
		"https://health.example.net:443/w":  0,
		"https://health.example.net:8443/w": 293,
		"http://health.example.net/w":       293,
		"https://192.0.2.1/w":               293,
		"https://localhost/w":               293,
	} {
		if got := visit(c, Full).call(t, "/notify", params{"action": "subscribe", "callbackurl": address}); got.Status != want {
			t.Errorf("%s: status %d, want %d", address, got.Status, want)
		}
	}
}

// roundTrip makes a function a transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSubscribingNeedsTheScopeOfTheCategory(t *testing.T) {
	c, _ := newCloud(t, Options{})
	pair := signIn(t, c, c.people[0].ID, "user.metrics")
	if got := post(t, c, "/notify", pair.Access, params{"action": "subscribe", "callbackurl": "http://localhost/", "appli": "50"}); got.Status != 2553 {
		t.Errorf("status %d, want 2553", got.Status)
	}
}
