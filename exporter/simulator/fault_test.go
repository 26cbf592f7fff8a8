package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

// network is a Cloud behind a real server, with Anna signed in.
type network struct {
	*Cloud
	server *httptest.Server
	pair   tokens
}

func newNetwork(t *testing.T) *network {
	c, _ := newCloud(t, Options{})
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	return &network{c, server, signIn(t, c, c.people[Full].ID, allScopes)}
}

// send posts over the network and returns the response with as much of the body as arrives.
func (n *network) send(ctx context.Context, path, token string, p params) (*http.Response, string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, n.server.URL+path, strings.NewReader(p.values().Encode()))
	if err != nil {
		return nil, "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := n.server.Client().Do(r)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 8<<20))
	return response, string(text), err
}

// measures asks for the groups of the last days.
func (n *network) measures(t *testing.T) (*http.Response, string, error) {
	return n.send(t.Context(), "/measure", n.pair.Access, params{"action": "getmeas", "lastupdate": epoch(testStart.AddDate(0, 0, -3))})
}

func TestTransportFaults(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault Fault
		check func(*http.Response, string, error) bool
	}{
		{"HTTP 500", Fault{Kind: FaultHTTP, Status: 500}, func(r *http.Response, body string, err error) bool {
			return err == nil && r.StatusCode == 500 && strings.Contains(body, "<html>")
		}},
		{"HTTP 403", Fault{Kind: FaultHTTP, Status: 403}, func(r *http.Response, _ string, err error) bool {
			return err == nil && r.StatusCode == 403
		}},
		{"HTML", Fault{Kind: FaultHTML}, func(r *http.Response, body string, err error) bool {
			return err == nil && r.StatusCode == 200 && strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") && strings.HasPrefix(body, "<!DOCTYPE")
		}},
		{"content type", Fault{Kind: FaultContentType}, func(r *http.Response, body string, err error) bool {
			return err == nil && strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") && json.Valid([]byte(body))
		}},
		{"empty", Fault{Kind: FaultEmpty}, func(r *http.Response, body string, err error) bool {
			return err == nil && r.StatusCode == 200 && body == ""
		}},
		{"truncated", Fault{Kind: FaultTruncated}, func(r *http.Response, body string, err error) bool {
			return err == nil && len(body) > 100 && !json.Valid([]byte(body))
		}},
		{"cut", Fault{Kind: FaultCut}, func(r *http.Response, body string, err error) bool {
			return errors.Is(err, io.ErrUnexpectedEOF) && len(body) > 100
		}},
		{"lost answer", Fault{Kind: FaultLostAnswer}, func(r *http.Response, _ string, err error) bool {
			return r == nil && errors.Is(err, io.EOF)
		}},
		{"endless", Fault{Kind: FaultEndless}, func(r *http.Response, body string, err error) bool {
			return err == nil && len(body) == 8<<20 // as much as the test reads
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := newNetwork(t)
			test.fault.Times = 1
			n.Inject(test.fault)
			response, body, err := n.measures(t)
			if !test.check(response, body, err) {
				t.Errorf("response %v, body %.80q, error %v", response, body, err)
			}
			if _, body, err := n.measures(t); err != nil || !json.Valid([]byte(body)) {
				t.Errorf("the next request fails too: %.80q, %v", body, err)
			}
		})
	}
}

func TestHangEndsWithTheClient(t *testing.T) {
	n := newNetwork(t)
	n.Inject(Fault{Kind: FaultHang})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, _, err := n.send(ctx, "/measure", n.pair.Access, params{"action": "getmeas"})
		done <- err
	}()
	for n.Count("getmeas", 0, AnyStatus) == 0 { // it has arrived, and nothing comes back
		select {
		case err := <-done:
			t.Fatalf("answered: %v", err)
		default:
			runtime.Gosched()
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	n.server.Close() // returns only when no request hangs any more
}

func TestLostRefreshHasRotated(t *testing.T) {
	n := newNetwork(t)
	n.Inject(Fault{Kind: FaultLostAnswer, Action: "requesttoken", Times: 1})
	if _, _, err := n.send(t.Context(), "/v2/oauth2", "", refreshForm(n.pair.Refresh)); err == nil {
		t.Fatal("the answer arrived")
	}
	n.vault.mu.Lock()
	rotated := !n.vault.byRefresh[n.pair.Refresh].superseded.IsZero()
	n.vault.mu.Unlock()
	if !rotated {
		t.Error("the server has not rotated")
	}
	if _, ok := refresh(t, n.Cloud, n.pair.Refresh); !ok {
		t.Error("the old token does not recover")
	}
}

func TestStatusFaults(t *testing.T) {
	for _, test := range []struct {
		name   string
		fault  Fault
		status int
	}{
		{"expired token", Fault{Kind: FaultExpiredToken}, 401},
		{"rate limit", Fault{Kind: FaultRateLimited}, 601},
		{"bad state", Fault{Kind: FaultStatus, Status: 524}, 524},
		{"never listed", Fault{Kind: FaultStatus, Status: 423, Text: "what is this"}, 423},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _ := newCloud(t, Options{})
			v := visit(c, Full)
			v.call(t, "/v2/user", params{"action": "getgoals"})
			c.Inject(test.fault)
			answer := v.call(t, "/v2/user", params{"action": "getgoals"})
			if answer.Status != test.status || answer.HTTP != 200 || string(answer.Body) != "{}" {
				t.Errorf("answer %s", answer.raw)
			}
			c.Clear()
			if got := v.call(t, "/v2/user", params{"action": "getgoals"}); got.Status != 0 {
				t.Errorf("after Clear: %s", got.raw)
			}
		})
	}
}

func TestRefusedRefreshLeavesTheTokenAlone(t *testing.T) {
	c, _ := newCloud(t, Options{})
	pair := signIn(t, c, c.people[0].ID, allScopes)
	c.Inject(Fault{Kind: FaultRefreshRefused, Times: 1})
	signIn(t, c, c.people[0].ID, allScopes) // a code exchange is no refresh
	if _, ok := refresh(t, c, pair.Refresh); ok {
		t.Error("not refused")
	}
	if _, ok := refresh(t, c, pair.Refresh); !ok {
		t.Error("the token is gone")
	}
}

func TestFaultsHitWhomTheyName(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault Fault
		hits  [3]bool // Anna's getmeas, Anna's sleep get, Ben's getmeas
	}{
		{"everybody", Fault{}, [3]bool{true, true, true}},
		{"one user", Fault{UserID: 1}, [3]bool{true, true, false}},
		{"one action", Fault{Action: "getmeas"}, [3]bool{true, false, true}},
		{"one action of a service", Fault{Action: "sleep.get"}, [3]bool{false, true, false}},
		{"the action of another service", Fault{Action: "heart.get"}, [3]bool{false, false, false}},
		{"twice", Fault{Times: 2}, [3]bool{true, true, false}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _ := newCloud(t, Options{})
			anna, ben := visit(c, Full), visit(c, Scale)
			anna.call(t, "/v2/user", params{"action": "getgoals"})
			ben.call(t, "/v2/user", params{"action": "getgoals"})
			test.fault.Kind, test.fault.Status = FaultStatus, 522
			if test.fault.UserID != 0 {
				test.fault.UserID = anna.user
			}
			c.Inject(test.fault)
			night := params{"action": "get", "startdate": epoch(testStart), "enddate": epoch(testStart)}
			got := [3]bool{
				anna.call(t, "/measure", params{"action": "getmeas"}).Status == 522,
				anna.call(t, "/v2/sleep", night).Status == 522,
				ben.call(t, "/measure", params{"action": "getmeas"}).Status == 522,
			}
			if got != test.hits {
				t.Errorf("hits %v, want %v", got, test.hits)
			}
		})
	}
}

func TestBodyFaults(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault Fault
		want  []string // all in the answer
		not   string
	}{
		{"array for the body", Fault{Kind: FaultArrayBody}, []string{`"body":[]`}, "grpid"},
		{"array for an object", Fault{Kind: FaultArrayBody, Keys: []string{"measures"}}, []string{`"measures":[]`, "grpid"}, `"value"`},
		{"false", Fault{Kind: FaultFalseNumbers}, []string{`"created":false`, `"modified":false`, `"updatetime":false`, `"more":false`, `"offset":false`, `"value":`}, `"date":false`},
		{"false for one key", Fault{Kind: FaultFalseNumbers, Keys: []string{"unit"}}, []string{`"unit":false`}, `"created":false`},
		{"strings", Fault{Kind: FaultStringNumbers}, []string{`"status":0`, `"updatetime":"`, `"value":"`, `"unit":"-3"`}, `"grpid":8`},
		{"unknowns", Fault{Kind: FaultUnknowns}, []string{`"attrib":4242`, `"type":9009`, `"future_field"`, `Futuristic`}, ""},
		{"broken record", Fault{Kind: FaultBrokenRecord}, []string{`"grpid":"broken"`, `"measures":"broken"`, `"grpid":8`}, ""},
		{"a value of null", Fault{Kind: FaultValue, Keys: []string{"date"}, Text: "null"}, []string{`"date":null`, `"grpid":8`}, ""},
		{"a list of null", Fault{Kind: FaultValue, Keys: []string{"measuregrps"}, Text: "null"}, []string{`"measuregrps":null`, "updatetime"}, "grpid"},
		{"an empty list", Fault{Kind: FaultValue, Keys: []string{"measuregrps"}, Text: "[]"}, []string{`"measuregrps":[]`}, "grpid"},
		{"a list that is an object", Fault{Kind: FaultValue, Keys: []string{"measuregrps"}, Text: "{}"}, []string{`"measuregrps":{}`}, "grpid"},
		{"values that are words", Fault{Kind: FaultValue, Keys: []string{"value"}, Text: `"n/a"`}, []string{`"value":"n/a"`, `"grpid":8`}, ""},
		{"a body that is a word", Fault{Kind: FaultValue, Text: `"ok"`}, []string{`"body":"ok"`}, "grpid"},
		{"no body", Fault{Kind: FaultWithout}, []string{`{"status":0}`}, "body"},
		{"no list", Fault{Kind: FaultWithout, Keys: []string{"measuregrps"}}, []string{"updatetime"}, "grpid"},
		{"rows without a field", Fault{Kind: FaultWithout, Keys: []string{"grpid"}}, []string{`"measures":[`}, "grpid"},
		{"short lists", Fault{Kind: FaultShortLists, Status: 0}, []string{`"measuregrps":[]`}, "grpid"},
		{"stuck offset", Fault{Kind: FaultStuckOffset}, []string{`"more":1`, `"offset":0`}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _ := newCloud(t, Options{})
			v := visit(c, Full)
			v.call(t, "/v2/user", params{"action": "getgoals"})
			ask := params{"action": "getmeas", "lastupdate": epoch(testStart.AddDate(0, 0, -3))}
			before := v.call(t, "/measure", ask).raw
			c.Inject(test.fault)
			got := v.call(t, "/measure", ask).raw
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %s in %.300s", want, got)
				}
			}
			if test.not != "" && strings.Contains(got, test.not) {
				t.Errorf("%s is still in %.300s", test.not, got)
			}
			c.Clear()
			if after := v.call(t, "/measure", ask).raw; after != before {
				t.Error("the fault left something behind")
			}
		})
	}
}

func TestAddedRecordsLeaveTheGoodOnesAlone(t *testing.T) {
	for _, kind := range []FaultKind{FaultUnknowns, FaultBrokenRecord} {
		c, _ := newCloud(t, Options{})
		v := visit(c, Full)
		for _, call := range lists {
			good, _ := v.all(t, call.path, params{"action": call.action, "startdateymd": "2026-06-20", "startdate": "1781900000"})
			c.Inject(Fault{Kind: kind, Action: call.action})
			bad, _ := v.all(t, call.path, params{"action": call.action, "startdateymd": "2026-06-20", "startdate": "1781900000"})
			c.Clear()
			left := map[string]int{}
			for _, row := range bad {
				left[call.id(row)]++
			}
			for _, row := range good {
				left[call.id(row)]--
			}
			extra := 0
			for id, n := range left {
				if n < 0 || n > 1 {
					t.Errorf("fault %d, %s: row %s occurs %d times more", kind, call.path, id, n)
				}
				extra += n
			}
			if extra != 1 || len(good) == 0 {
				t.Errorf("fault %d, %s: %d more rows, want 1", kind, call.path, extra)
			}
		}
	}
}

func TestFalseNumbersHideNoPage(t *testing.T) {
	c, _ := newCloud(t, Options{Years: 1})
	v := visit(c, Full)
	whole, pages := v.all(t, "/measure", params{"action": "getmeas"})
	c.Inject(Fault{Kind: FaultFalseNumbers, Action: "getmeas"})
	if rows, _ := v.all(t, "/measure", params{"action": "getmeas"}); len(rows) != len(whole) || pages < 2 {
		t.Errorf("%d rows, want %d on %d pages", len(rows), len(whole), pages)
	}
}

func TestFaultsReachObjectsKeyedByTime(t *testing.T) {
	c, _ := newCloud(t, Options{})
	v := visit(c, Full)
	v.call(t, "/v2/user", params{"action": "getgoals"})
	c.Inject(Fault{Kind: FaultBrokenRecord})
	if got := v.call(t, "/v2/measure", params{"action": "getintradayactivity"}).raw; !strings.Contains(got, `"soon":{`) {
		t.Errorf("no broken sample: %.200s", got)
	}
}
