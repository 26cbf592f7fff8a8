package envelope

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
	"withings-exporter/exporter/hint"
)

const (
	token  = "5ecre7-acce55-70ken"
	secret = "5ecre7-0f-7he-c0de"
)

// sent posts a form to a handler and returns what was logged and the error.
func sent(t *testing.T, change func(*Request), handler http.HandlerFunc) (logged string, err error) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	var log bytes.Buffer
	r := Request{
		URL: server.URL + "/measure", Service: "measure", Form: url.Values{"action": {"getmeas"}, "code": {secret}}, Token: token,
		Limit: time.Minute, Most: 1 << 10, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&r)
	}
	err = r.Send(t.Context(), func(body *fastjson.Value) {
		if body.GetInt("n") != 1 {
			t.Errorf("the body is %v", body)
		}
	})
	return log.String(), err
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestAnAnswerIsOneOfTheAPIOrHasAnOutcomeOfItsOwn(t *testing.T) {
	const good = `{"status":0,"body":{"n":1,"list":[1,2]}}`
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		outcome string
		meaning Class
	}{
		{"success", says(200, good), "0", OK},
		{"status in a string", says(200, `{"status":"0","body":{"n":1}}`), "0", OK},
		{"success, created", says(201, good), "http_201", Unknown},
		{"success, in part", says(206, good), "http_206", Unknown},
		{"a status", says(200, `{"status":601,"error":"x"}`), "601", TooManyRequests},
		{"a status that explains itself in detail", says(200, `{"status":503,"detail":"x"}`), "503", InvalidParams},
		{"HTTP 401 with a status", says(401, `{"status":503}`), "503", InvalidParams},
		{"HTTP 403 with a status that nobody lists", says(403, `{"status":403}`), "http_403", Unauthorized},
		{"HTTP 401 without", says(401, "no"), "http_401", AuthFailed},
		{"HTTP 403 with success", says(403, good), "http_403", Unauthorized},
		{"HTTP 429", says(429, ""), "http_429", TooManyRequests},
		{"HTTP 502 with a status", says(502, `{"status":503}`), "http_502", Unknown},
		{"HTTP 204", says(204, ""), "http_204", Unknown},
		{"a page", says(200, "<html>"), NotJSON, Unknown},
		{"no status", says(200, `{"body":{}}`), NotJSON, Unknown},
		{"a status that is no number", says(200, `{"status":false}`), NotJSON, Unknown},
		{"half a status", says(200, `{"status":0.5}`), NotJSON, Unknown},
		{"more than is read", says(200, strings.Repeat(" ", 2<<10)), TooLarge, Unknown},
		{"an error that is larger", says(404, strings.Repeat(" ", 2<<10)), "http_404", Unknown},
		{"a broken connection", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, Network, Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sent(t, nil, c.handler)
			if got := Outcome(err); got != c.outcome {
				t.Errorf("outcome %q of %v, want %q", got, err, c.outcome)
			}
			if Limited(c.outcome) != (c.meaning == TooManyRequests) {
				t.Errorf("that %q is the rate limit is %t", c.outcome, Limited(c.outcome))
			}
			var told *Error
			if errors.As(err, &told) && told.Meaning() != c.meaning {
				t.Errorf("%v means %q, want %q", err, told.Meaning(), c.meaning)
			}
			if told != nil && told.Status == 0 && told.Class() != Unknown {
				t.Errorf("%v has the class %q though Withings did not say so", err, told.Class())
			}
		})
	}
}

func TestASignInCountsWithAnyStatusOfSuccess(t *testing.T) {
	for _, status := range []int{200, 201, 206} {
		if _, err := sent(t, func(r *Request) { r.Token = "" }, says(status, `{"status":0,"body":{"n":1}}`)); err != nil {
			t.Errorf("HTTP status %d: %v", status, err)
		}
	}
}

func TestARedirectIsNotFollowedAndNotQuotedWithASecret(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the form was carried elsewhere")
	}))
	defer elsewhere.Close()
	lenient := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	_, err := sent(t, func(r *Request) { r.HTTP = lenient }, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+"/"+secret, http.StatusTemporaryRedirect)
	})
	if hint.Of(err) != "check --api.url and any proxy in between" {
		t.Errorf("the advice is %q", hint.Of(err))
	}
	if err == nil || !strings.Contains(err.Error(), "getmeas: HTTP status 307, a redirect to "+elsewhere.URL) || strings.Contains(err.Error(), secret) {
		t.Errorf("error %v", err)
	}
}

// TestEveryRequestIsLoggedOnceWithoutItsSecrets has the server repeat them.
func TestEveryRequestIsLoggedOnceWithoutItsSecrets(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   string
	}{
		"success": {`{"status":0,"body":{"n":1,"list":[1,2]}}`, "service=measure action=getmeas status=0 rows=2 milliseconds="},
		"no list": {`{"status":0,"body":{"n":1}}`, "service=measure action=getmeas status=0 milliseconds="},
		"a status": {`{"status":503,"error":"` + token + " " + secret + " pa55word" + `"}`,
			"service=measure action=getmeas status=503 milliseconds="},
	} {
		logged, err := sent(t, func(r *Request) { r.Secret = "pa55word" }, says(200, c.answer))
		if n := strings.Count(logged, "request to Withings"); n != 1 || !strings.Contains(logged, c.want) {
			t.Errorf("%s: logged %d times, want once with %q:\n%s", name, n, c.want, logged)
		}
		for _, hidden := range []string{token, secret, "pa55word"} {
			if strings.Contains(logged, hidden) || err != nil && strings.Contains(err.Error(), hidden) {
				t.Errorf("%s: %q is in %v or in\n%s", name, hidden, err, logged)
			}
		}
	}
}

type silence struct{}

func (silence) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestATimeoutAndTheEndOfTheProgramHaveOutcomesOfTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := Request{HTTP: &http.Client{Transport: silence{}}, URL: "http://withings.example", Limit: 20 * time.Second, Most: 1}
		began := time.Now()
		if err := r.Send(t.Context(), nil); Outcome(err) != TimedOut || time.Since(began) != r.Limit {
			t.Errorf("outcome %q after %s: %v", Outcome(err), time.Since(began), err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := r.Send(ctx, nil); Outcome(err) != Cancelled || !errors.Is(err, context.Canceled) {
			t.Errorf("outcome %q: %v", Outcome(err), err)
		}
	})
}

func TestTheHelpOfTheCounterNamesEveryOutcome(t *testing.T) {
	for _, m := range exporter.Own() {
		if m.Name != "api_requests_total" {
			continue
		}
		for _, outcome := range Outcomes() {
			if !strings.Contains(m.Help, " "+outcome) {
				t.Errorf("the help does not name %q: %s", outcome, m.Help)
			}
		}
		return
	}
	t.Error("the counter is not there")
}
