package withings

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/envelope"
)

// failures are all the ways in which a request comes to nothing.
var failures = []struct {
	name   string
	answer func() (*http.Response, error)
	label  string // status label of the metric
	text   string // part of the error
	passes bool   // it may pass, so it is tried three times
}{
	{"timeout in the cloud", says(`{"status":522}`), "522", "status 522 (timeout)", true},
	{"bad state", says(`{"status":524,"body":{}}`), "524", "status 524 (bad state)", true},
	{"an error occurred", says(`{"status":2556,"error":"oops"}`), "2556", "(an error occurred): oops", true},
	{"a status nobody lists", says(`{"status":999,"body":[]}`), "999", "status 999 (unknown status)", true},
	{"HTTP 500", answers(500, "<html>"), "http_500", "HTTP status 500, which is a fault of Withings or of a proxy", true},
	{"HTTP 502", answers(502, ""), "http_502", "HTTP status 502", true},
	{"HTTP 503", answers(503, ""), "http_503", "HTTP status 503", true},
	{"HTTP 408", answers(408, ""), "http_408", "HTTP status 408", true},
	{"a web page", says("<!DOCTYPE html><html>maintenance</html>"), "not_json", "it is a web page", true},
	{"nothing", says(" \n"), "not_json", "it is empty", true},
	{"JSON that breaks off", says(`{"status":0,"body":{"measuregrps":[{"grpid":1`), "not_json", "it breaks off or is damaged, 45 bytes", true},
	{"JSON without a status", says(`{"body":{}}`), "not_json", "it has no status", true},
	{"something else", says(`hello`), "not_json", "5 bytes of something else", true},
	{"an answer cut short", cutShort, "network", "cannot reach Withings: its answer breaks off", true},
	{"no connection", fails(errRefused), "network", "connection refused", true},
	{"no answer", silent, "timeout", "cannot reach Withings: no answer in time", true},
	{"invalid params", says(`{"status":503,"error":"Invalid Params: lastupdate"}`), "503", "please report it", false},
	{"no such action", says(`{"status":2554}`), "2554", "please report it", false},
	{"unauthorised", says(`{"status":2555}`), "2555", `withings-exporter auth Anna`, false},
	{"HTTP 403", answers(403, "no"), "http_403", `withings-exporter auth Anna`, false},
	{"HTTP 404", answers(404, "no"), "http_404", "HTTP status 404; check --api.url", false},
	{"a redirect", answers(302, ""), "http_302", "a redirect; check --api.url", false},
}

func TestFailuresThatPassAreTriedThreeTimes(t *testing.T) {
	for _, f := range failures {
		inBubble(t, f.name, func(t *testing.T) {
			w := newWorld(script(f.answer))
			_, _, err := w.fetch(exporter.Measure, w.known())
			if err == nil || !strings.Contains(err.Error(), f.text) || !strings.Contains(err.Error(), "getmeas: ") {
				t.Errorf("error %v, want one of getmeas with %q", err, f.text)
			}
			if errors.Is(err, exporter.ErrNeedsPerson) == f.passes {
				t.Errorf("that a person has to act on %q is %v", err, f.passes)
			}
			want := 1
			switch {
			case f.label == envelope.TimedOut: // waiting for half a minute three times helps nobody
				want = 2
			case f.passes:
				want = 3
			}
			if got := w.tally.requests["measure "+f.label]; got != want || w.cloud.count() != want {
				t.Errorf("%d requests, counted %v, want %d with status %q", w.cloud.count(), w.tally.requests, want, f.label)
			}
		})
	}
}

func TestAFailureThatPassesIsForgotten(t *testing.T) {
	for _, f := range failures {
		if !f.passes {
			continue
		}
		inBubble(t, f.name, func(t *testing.T) {
			steps := []func() (*http.Response, error){f.answer, f.answer, says(page(1, ""))}
			if f.label == envelope.TimedOut {
				steps = steps[1:]
			}
			w := newWorld(script(steps...))
			_, batches, err := w.fetch(exporter.Measure, w.known())
			if err != nil || len(batches) != 1 || len(batches[0].Records) != 1 {
				t.Errorf("error %v, batches %v, want one record", err, batches)
			}
			if got := w.tally.requests["measure 0"]; got != 1 {
				t.Errorf("requests %v, want one that succeeded", w.tally.requests)
			}
		})
	}
}

func TestAFailedServiceIsNoProgress(t *testing.T) {
	inBubble(t, "second page fails", func(t *testing.T) {
		w := newWorld(script(says(page(1, `,"more":1,"offset":1,"updatetime":1784102461`)), says(`{"status":503}`)))
		fetched, batches, err := w.fetch(exporter.Measure, w.known())
		if err == nil || fetched != (exporter.Fetched{}) {
			t.Errorf("error %v, progress %v, want none", err, fetched)
		}
		if len(batches) != 1 || len(batches[0].Records) != 1 {
			t.Errorf("batches %v, want that of the first page", batches)
		}
	})
}

func TestNoFailureShowsTheToken(t *testing.T) {
	refused := says(`{"status":401,"error":"The access token provided is invalid"}`)
	for _, f := range failures {
		inBubble(t, f.name, func(t *testing.T) {
			w := newWorld(script(f.answer))
			_, _, err := w.fetch(exporter.Measure, w.known())
			assertSecret(t, w, err)
		})
	}
	inBubble(t, "token refused", func(t *testing.T) {
		w := newWorld(script(refused))
		_, _, err := w.fetch(exporter.Measure, w.known())
		assertSecret(t, w, err)
	})
	inBubble(t, "an address nobody can use", func(t *testing.T) {
		w := newWorld(script(silent))
		w.client.URL = "https://anna:pa55word@[::1"
		_, _, err := w.fetch(exporter.Measure, w.known())
		assertSecret(t, w, err)
		if err == nil || strings.Contains(err.Error(), "pa55word") || !strings.Contains(err.Error(), "--api.url") {
			t.Errorf("error %v, want advice without the password", err)
		}
	})
}

func assertSecret(t *testing.T, w *world, err error) {
	t.Helper()
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("error %v, want one without the token", err)
	}
	if strings.Contains(w.log.String(), secret) {
		t.Errorf("the log shows the token: %s", w.log)
	}
	for _, q := range w.cloud.asked {
		if strings.Contains(q.path+q.form.Encode(), secret) {
			t.Errorf("the request shows the token outside its header: %s %s", q.path, q.form)
		}
	}
}

func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	refusals := map[string]func() (*http.Response, error){
		"status 401": says(`{"status":401,"body":{}}`),
		"status 100": says(`{"status":100}`),
		"HTTP 401":   answers(401, ""),
	}
	for name, refused := range refusals {
		inBubble(t, name+" of an old token", func(t *testing.T) {
			w := newWorld(func(_ int, q asked) (*http.Response, error) {
				if q.token == secret {
					return refused()
				}
				return says(page(1, ""))()
			})
			w.purse.tokens = []string{secret, "renewed"}
			_, batches, err := w.fetch(exporter.Measure, w.known())
			if err != nil || len(batches) != 1 {
				t.Errorf("error %v, batches %v", err, batches)
			}
			if !slices.Equal(w.purse.rejected, []string{secret}) || !slices.Equal(w.purse.used, []string{"renewed"}) {
				t.Errorf("rejected %q, used %q", w.purse.rejected, w.purse.used)
			}
		})
		inBubble(t, name+" of every token", func(t *testing.T) {
			w := newWorld(script(refused))
			w.purse.tokens = []string{secret, "second", "third", "fourth"}
			// A clock that races, as in a demonstration, must not make it endless.
			w.client.Now = func() time.Time { return noon.Add(time.Duration(w.cloud.count()) * time.Hour) }
			_, _, err := w.fetch(exporter.Measure, w.known())
			if err == nil || !strings.Contains(err.Error(), `run: withings-exporter auth Anna`) {
				t.Errorf("error %v, want advice", err)
			}
			if w.cloud.count() != 2 || !slices.Equal(w.purse.rejected, []string{secret}) || len(w.purse.used) > 0 {
				t.Errorf("%d requests, rejected %q, used %q", w.cloud.count(), w.purse.rejected, w.purse.used)
			}
		})
		inBubble(t, name+" of the only token", func(t *testing.T) {
			w := newWorld(script(refused))
			if _, _, err := w.fetch(exporter.Measure, w.known()); err == nil {
				t.Error("no error")
			}
			if w.cloud.count() != 1 || !slices.Equal(w.purse.rejected, []string{secret}) {
				t.Errorf("%d requests, rejected %q, want one of each", w.cloud.count(), w.purse.rejected)
			}
		})
	}
}

func TestWithoutATokenNothingIsAsked(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
	}{
		{"not authorised", exporter.ErrNotAuthorized},
		{"the renewal was refused", &envelope.Error{Action: "requesttoken", Status: 503, Text: "Invalid Params"}},
		{"the renewal was limited", &envelope.Error{Action: "requesttoken", Status: 601}},
		{"the renewal failed for now", &envelope.Error{Action: "requesttoken", Status: 524}},
		{"the renewal found no connection", errRefused},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			w := newWorld(script(silent))
			w.purse.err = c.err
			_, _, err := w.fetch(exporter.Sleep, w.known())
			if !errors.Is(err, c.err) || err.Error() != c.err.Error() {
				t.Errorf("error %q, want %q as it is", err, c.err)
			}
			if w.cloud.count() != 0 || w.purse.asked != 1 {
				t.Errorf("%d requests, token asked for %d times, want 0 and 1", w.cloud.count(), w.purse.asked)
			}
			if !w.client.Budget.Until().IsZero() || w.minimal {
				t.Errorf("cool-off until %s, fields given up %t, want neither", w.client.Budget.Until(), w.minimal)
			}
		})
	}
}

func TestTheEndOfTheContextEndsARequestAtOnce(t *testing.T) {
	failing := says(`{"status":522}`)
	for _, c := range []struct {
		name     string
		answer   func(int, asked) (*http.Response, error)
		after    time.Duration
		requests int
	}{
		{"while Withings is silent", script(silent), time.Millisecond, 1},
		{"while waiting for a retry", script(failing), time.Millisecond, 1},
		{"while waiting for the rate", script(says(`{"status":601}`)), time.Millisecond, 1},
		{"in the last retry", script(failing, failing, silent), 4 * time.Second, 3},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			w := newWorld(c.answer)
			ctx, cancel := context.WithCancel(t.Context())
			began := time.Now()
			time.AfterFunc(c.after, cancel)
			_, err := w.Fetch(ctx, exporter.Measure, w.known(), func(exporter.Batch) {})
			if err != context.Canceled {
				t.Errorf("error %v, want %v and nothing else", err, context.Canceled)
			}
			if took := time.Since(began); took != c.after {
				t.Errorf("it took %s, want to end with the context", took)
			}
			if w.cloud.count() != c.requests {
				t.Errorf("%d requests, want %d", w.cloud.count(), c.requests)
			}
		})
	}
}

func TestARequestHasHalfAMinute(t *testing.T) {
	inBubble(t, "two of them", func(t *testing.T) {
		w := newWorld(script(silent))
		began := time.Now()
		if _, _, err := w.fetch(exporter.Measure, w.known()); err == nil {
			t.Error("no error")
		}
		if took, want := time.Since(began), 2*requestTime+time.Second; took != want { // with a pause of 1 s
			t.Errorf("it took %s, want %s", took, want)
		}
	})
}

func TestTheRateLimitStopsEverybody(t *testing.T) {
	for name, limited := range map[string]func() (*http.Response, error){
		"status 601": says(`{"status":601,"body":{},"error":"Too Many Requests"}`),
		"HTTP 429":   answers(429, ""),
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWorld(script(limited, limited, says(nothing)))
			other := w.client.Account("Ben", &purse{tokens: []string{"ben"}})
			done := make(chan error)
			go func() {
				<-time.After(time.Second) // by the clock of the bubble: Ben comes into the cool-off
				_, err := other.Fetch(t.Context(), exporter.Goal, exporter.Progress{}, func(exporter.Batch) {})
				done <- err
			}()
			began := time.Now()
			_, _, err := w.fetch(exporter.Measure, w.known())
			if err := errors.Join(err, <-done); err != nil {
				t.Error(err)
			}
			if w.tally.limited != 2 {
				t.Errorf("%d answers counted as limited, want 2", w.tally.limited)
			}
			for i, q := range w.cloud.asked {
				if rest := q.at.Sub(began); i > 0 && rest < time.Minute {
					t.Errorf("request %d of %q went out %s after the limit, want a minute", i, q.token, rest)
				}
			}
		})
	}
}

func TestTheRateLimitEndsAPollInTheEnd(t *testing.T) {
	inBubble(t, "601 for ever", func(t *testing.T) {
		w := newWorld(script(says(`{"status":601}`)))
		if _, _, err := w.fetch(exporter.Measure, w.known()); err == nil || !strings.Contains(err.Error(), "too many requests") {
			t.Errorf("error %v", err)
		}
		var rests []time.Duration
		for i := range 2 {
			rests = append(rests, w.cloud.asked[i+1].at.Sub(w.cloud.asked[i].at))
		}
		if want := []time.Duration{time.Minute, 2 * time.Minute}; w.cloud.count() != 3 || !slices.Equal(rests, want) {
			t.Errorf("%d requests with %s between them, want 3 with %s", w.cloud.count(), rests, want)
		}
	})
}

func TestUnknownKindsAreLoggedOnce(t *testing.T) {
	inBubble(t, "two polls", func(t *testing.T) {
		w := newWorld(script(says(`{"status":0,"body":` + group(`{"value":1,"type":240,"unit":0}`) + `}`)))
		for range 2 {
			if _, _, err := w.fetch(exporter.Measure, w.known()); err != nil {
				t.Fatal(err)
			}
		}
		if n := strings.Count(w.log.String(), "type=240"); n != 1 {
			t.Errorf("logged %d times:\n%s", n, w.log)
		}
		if w.tally.skipped[ReasonUnknown] != 2 {
			t.Errorf("counted %v, want it each time", w.tally.skipped)
		}
	})
}
