package withings

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
	"withings-exporter/exporter/envelope"
)

// hidden is the secret in the address of the tests. It must show up nowhere.
const hidden, callback = "pAth5ecre7-0fAnna", "https://home.example/withings/notify/" + "pAth5ecre7-0fAnna"

func TestASubscriptionIsAskedForAsWithingsWantsIt(t *testing.T) {
	inBubble(t, "subscribe and revoke", func(t *testing.T) {
		w := newWorld(script(says(`{"status":0,"body":{}}`)))
		if err := errors.Join(w.Subscribe(t.Context(), callback, 44), w.Unsubscribe(t.Context(), callback, 16)); err != nil {
			t.Fatal(err)
		}
		for i, want := range []url.Values{
			{"action": {"subscribe"}, "callbackurl": {callback}, "appli": {"44"}, "comment": {"withings-exporter"}},
			{"action": {"revoke"}, "callbackurl": {callback}, "appli": {"16"}},
		} {
			got := w.cloud.asked[i]
			if got.path != "https://api.example.net/notify" || got.form.Encode() != want.Encode() || got.token != secret {
				t.Errorf("asked %+v, want %v", got, want)
			}
		}
		if got := w.tally.requests["notify 0"]; got != 2 {
			t.Errorf("counted %v, want two of service notify", w.tally.requests)
		}
	})
}

func TestARefusedSubscriptionSaysWhatWasRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func() (*http.Response, error)
		is     error
		tries  int
	}{
		{"the callback", says(`{"status":293,"body":{},"error":"The callback URL is either unknown or invalid"}`), ErrCallback, 1},
		{"a category that nobody knows", says(`{"status":503,"body":{},"error":"Invalid Params: invalid appli"}`), ErrCategory, 1},
		{"a category without its scope", says(`{"status":2553}`), ErrCategory, 1},
		{"a scope, by HTTP status", answers(403, ""), ErrCategory, 1},
		{"too many subscriptions, which may pass", says(`{"status":305}`), nil, 3},
		{"a token", says(`{"status":401}`), exporter.ErrTokenRefused, 1},
		{"nothing, for now", says(`{"status":2556}`), nil, 3},
		{"no connection", fails(errRefused), nil, 3},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			w := newWorld(script(c.answer))
			err := w.Subscribe(t.Context(), callback, 44)
			for _, kind := range []error{ErrCallback, ErrCategory, exporter.ErrTokenRefused} {
				if errors.Is(err, kind) != (kind == c.is) {
					t.Errorf("that %v is %v is %v", err, kind, errors.Is(err, kind))
				}
			}
			if err == nil || w.cloud.count() != c.tries || !strings.Contains(err.Error(), "subscribe: ") {
				t.Errorf("error %v after %d requests, want %d", err, w.cloud.count(), c.tries)
			}
		})
	}
}

func TestThereIsNothingToRevokeTwice(t *testing.T) {
	for status, fails := range map[string]bool{"0": false, "286": false, "343": false, "294": true, "2556": true} {
		inBubble(t, "status "+status, func(t *testing.T) {
			w := newWorld(script(says(`{"status":` + status + `}`)))
			if err := w.Unsubscribe(t.Context(), callback, 1); (err != nil) != fails {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestSubscriptionsAreListedInEveryShapeOfPHP(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want []Subscription
		err  string
	}{
		"as documented": {`{"profiles":[{"appli":1,"callbackurl":"https://a.example/x","expires":2147483647,"comment":"exporter"},{"appli":44,"callbackurl":"https://a.example/y","comment":null}]}`,
			[]Subscription{{Category: 1, Callback: "https://a.example/x", Comment: "exporter"}, {Category: 44, Callback: "https://a.example/y"}}, ""},
		"numbers as text":     {`{"profiles":[{"appli":"16","callbackurl":"https://a.example/x"}]}`, []Subscription{{Category: 16, Callback: "https://a.example/x"}}, ""},
		"an object":           {`{"profiles":{"0":{"appli":2,"callbackurl":"https://a.example/x"}}}`, []Subscription{{Category: 2, Callback: "https://a.example/x"}}, ""},
		"none":                {`{"profiles":[]}`, nil, ""},
		"no body":             {`[]`, nil, ""},
		"null":                {`null`, nil, ""},
		"one without address": {`{"profiles":[{"appli":2},{"appli":1,"callbackurl":"https://a.example/x"}]}`, []Subscription{{Category: 1, Callback: "https://a.example/x"}}, ""},
		"one is no object":    {`{"profiles":["x",{"appli":1,"callbackurl":"https://a.example/x"}]}`, []Subscription{{Category: 1, Callback: "https://a.example/x"}}, ""},
		"one without number":  {`{"profiles":[{"appli":null,"callbackurl":"https://a.example/x"}]}`, nil, "1 of 1 subscriptions"},
		"most without number": {`{"profiles":[{"appli":1,"callbackurl":"https://a.example/x"},null,{"callbackurl":"https://a.example/x"}]}`, nil, "2 of 3 subscriptions"},
		"thousands":           {`{"profiles":[` + strings.Repeat(`{"appli":1,"callbackurl":"https://a.example/x"},`, 5000) + `{}]}`, slices.Repeat([]Subscription{{Category: 1, Callback: "https://a.example/x"}}, 1000), ""},
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWorld(script(says(`{"status":0,"body":` + c.body + `}`)))
			got, err := w.Subscriptions(t.Context())
			if !slices.Equal(got, c.want) || (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("got %d %v, error %v; want %v, %s", len(got), got, err, c.want, c.err)
			}
		})
	}
}

func TestAPeerThatRepeatsTheAddressIsNotQuotedWithIt(t *testing.T) {
	quoted, err := json.Marshal("callbackurl=" + callback)
	if err != nil {
		t.Fatal(err)
	}
	for name, echo := range map[string]string{"as it is": callback, "in a form": url.QueryEscape(callback), "escaped in JSON": strings.Trim(string(quoted), `"`),
		"twice in a form": url.QueryEscape(url.QueryEscape(callback))} {
		for _, body := range []string{`{"status":293,"error":"The callback URL ` + echo + ` is invalid"}`, `{"status":2556,"error":"` + echo + `"}`, `<html>` + echo} {
			inBubble(t, name, func(t *testing.T) {
				w := newWorld(script(says(body)))
				for _, err := range []error{w.Subscribe(t.Context(), callback, 1), w.Unsubscribe(t.Context(), callback, 1)} {
					if err == nil || strings.Contains(err.Error()+w.log.String(), hidden) {
						t.Errorf("error %v, log %s, want both without the address", err, w.log)
					}
				}
			})
		}
	}
}

func FuzzSubscriptions(f *testing.F) {
	f.Add(`{"profiles":[{"appli":1,"callbackurl":"https://a.example/x","expires":2147483647,"comment":"exporter"}]}`)
	f.Add(`{"profiles":{"a":{"appli":"1e3","callbackurl":7,"comment":[]}}}`)
	f.Fuzz(func(t *testing.T, body string) {
		_ = envelope.Open("list", http.StatusOK, []byte(`{"status":0,"body":`+body+`}`), func(body *fastjson.Value) {
			all, malformed := subscriptions(body)
			if len(all) > mostSubscriptions || malformed < 0 {
				t.Errorf("%d subscriptions, %d malformed", len(all), malformed)
			}
			for _, s := range all {
				if s.Callback == "" {
					t.Errorf("%+v has no address", s)
				}
			}
		})
	})
}
