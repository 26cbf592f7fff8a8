package simulator

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkNothingNew is what a poll in which nothing is new costs the simulator, for each list that is asked for changes. The floor
// is a request that it refuses, since nobody knows the token.
func BenchmarkNothingNew(b *testing.B) {
	c, _ := newCloud(b, Options{Months: 6, Switches: asReal})
	token := signIn(b, c, c.people[Full].ID, allScopes).Access
	since := strconv.FormatInt(testStart.Unix()-600, 10)
	call := func(path, token string, p params) func() {
		body := p.values().Encode()
		return func() {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Authorization", "Bearer "+token)
			c.ServeHTTP(httptest.NewRecorder(), r)
		}
	}
	day := strconv.FormatInt(testStart.Unix()-48*3600, 10)
	for _, list := range []struct {
		name string
		call func()
	}{
		{"floor", call("/measure", "unknown", params{"action": "getmeas", "lastupdate": since})},
		{"getdevice", call("/v2/user", token, params{"action": "getdevice"})},
		{"getmeas", call("/measure", token, params{"action": "getmeas", "category": "1", "lastupdate": since})},
		{"getactivity", call("/v2/measure", token, params{"action": "getactivity", "lastupdate": since})},
		{"getworkouts", call("/v2/measure", token, params{"action": "getworkouts", "lastupdate": since})},
		{"getsummary", call("/v2/sleep", token, params{"action": "getsummary", "lastupdate": since})},
		{"hearts", call("/v2/heart", token, params{"action": "list", "startdate": day, "enddate": strconv.FormatInt(testStart.Unix(), 10)})},
	} {
		b.Run(list.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				list.call()
			}
		})
	}
}

// BenchmarkPlay is a day of notifications of everything to three people, as Play sends them.
func BenchmarkPlay(b *testing.B) {
	c, _ := newCloud(b, Options{Months: 6, Callbacks: &http.Client{Transport: accepting{}}})
	for kind := range Kind(kinds) {
		v := visit(c, kind)
		for appli := range applis {
			v.call(b, "/notify", params{"action": "subscribe", "appli": strconv.FormatInt(appli, 10),
				"callbackurl": "https://exporter.example.net/" + url.PathEscape(c.people[kind].Name)})
		}
	}
	for b.Loop() {
		for end := c.Now().AddDate(0, 0, 1); c.Now().Before(end); {
			c.Deliver(context.Background())
			next, ok := c.NextDelivery()
			wait := playLimit
			if ok {
				wait = min(wait, next.Sub(c.Now()))
			}
			c.Advance(max(wait, time.Second))
		}
	}
}

// accepting answers everything with 200.
type accepting struct{}

// RoundTrip implements http.RoundTripper.
func (accepting) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
}
