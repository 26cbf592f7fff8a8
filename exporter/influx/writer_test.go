package influx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/rude"
	"withings-exporter/exporter/testrun"
)

// advice is what a person must read for an answer, by its meaning or its name.
var advice = map[string]string{
	"1.8: unknown database":                                  ` -username ADMIN -password '' -execute 'CREATE DATABASE "health" WITH DURATION INF SHARD DURATION 52w'`,
	"1.8: unknown retention policy":                          "does not have the retention policy",
	"1.8: wrong token":                                       "rejects the token",
	"1.8: a user who may not write":                          ` -username ADMIN -password '' -execute 'GRANT ALL ON "health" TO "anna"'`,
	"1.8: wrong path":                                        "no version 2 write interface at this address",
	"2.7: no organisation":                                   "give --influx.org",
	"2.7: wrong organisation":                                `has no organisation "any"`,
	"2.7: wrong bucket":                                      `give "health" alone as --influx.bucket`,
	"2.7: wrong token":                                       "correct --influx.token and restart",
	"2.7: a token that may not write":                        `replace --influx.token by one that may read and write bucket "health/autogen", and restart, or give --influx.token-file`,
	"2.7: an inactive token":                                 "is inactive",
	"2.7: the address has /api/v2":                           "give the address of the server alone",
	"2.7: the address of its web page":                       "a web page instead of status 204, so nothing was stored (200 OK); give the address of the server alone, such as http://localhost:8086",
	"2.7: years into a new bucket":                           "cannot accept readings at the moment",
	"VictoriaMetrics: wrong path":                            "does not know this path",
	"3 Core: the disk is full":                               "check its disk",
	"3 Core: an empty body":                                  "does not accept the write (400: write buffer error: incoming write was empty); check --influx.url",
	"3 Core: a name that no database can have":               "check --influx.bucket",
	"3 Core: an empty token":                                 "cannot use the token",
	"Go server: http to a TLS port":                          "use https://",
	"nginx: http to a TLS port":                              "use https://",
	"proxy: the body is too large":                           "client_max_body_size",
	"proxy: bad gateway":                                     "cannot accept readings at the moment (502 Bad Gateway, a web page); if that lasts, check its log and that of any proxy in between",
	"proxy: service unavailable":                             "cannot accept readings at the moment",
	"proxy: gateway timeout":                                 "cannot accept readings at the moment",
	"proxy: no back end has this name":                       "any proxy in between",
	"proxy: HTML 404":                                        "any proxy in between",
	"proxy: HTML 400":                                        "any proxy in between",
	"proxy: a login page":                                    "a web page instead of status 204, so nothing was stored (200 OK); give the address of the server alone, such as http://localhost:8086",
	"proxy: sent to a login page":                            "redirects to https://login.example/",
	"VictoriaMetrics: a line that cannot be parsed":          "rejects every point",
	"3 Core: a line that cannot be parsed":                   "rejects every point",
	"3 Core: a line that cannot be parsed, without a number": "rejects every point",
}

// TestOnlyAPositiveSignAcknowledges has a server give each answer that is known of
// to everything, and then be repaired: nothing may be lost in between.
func TestOnlyAPositiveSignAcknowledges(t *testing.T) {
	for _, answer := range rude.Writes() {
		if answer.Means == rude.Accepted {
			continue
		}
		t.Run(answer.Name, func(t *testing.T) {
			k := newDesk(t, "v2")
			k.db.On(write, answer.Give)
			err := k.Put(t.Context(), batch(weighIn("1", day(3), 70_000), weighIn("2", day(10), 71_000)))
			if err == nil {
				t.Fatal("an answer that acknowledges nothing counts as an acknowledgement")
			}
			if want := advice[answer.Name]; !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("it says %q, want %q", err, want)
			}
			if temporary := answer.Means == rude.Temporary || answer.Means == rude.Disk; temporary == errors.Is(err, exporter.ErrNeedsPerson) {
				t.Errorf("that a person must act is %v: %v", !temporary, err)
			}
			if k.counted[ResultWritten]+k.counted[ResultRefused] != 0 || k.counted[ResultFailed] == 0 {
				t.Errorf("counted %v, want nothing written or given up", k.counted)
			}
			if err := k.writer.Probe(t.Context()); err == nil {
				t.Error("check would say that it takes writes")
			}
			switch err := k.Ready(t.Context()); {
			case answer.Means == rude.Lines || answer.Means == rude.Unreadable: // by its name; the next write tells
			case err == nil:
				t.Error("it counts as ready")
			}
			k.db.Set(rude.Influx2)
			k.ready()
			k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(10), 71_000)))
			k.want("body weight_grams 3 = 70000", "body weight_grams 10 = 71000")
		})
	}
}

// TestAServerThatCannotBeReachedIsExplained: a certificate of one's own and a wrong
// scheme are told apart from a server that does not run.
func TestAServerThatCannotBeReachedIsExplained(t *testing.T) {
	tls := rude.TLS(t, rude.Influx2)
	gone := rude.Server(t, rude.Influx2)
	for _, c := range []struct{ name, url, want string }{
		{"an authority of one's own", tls.URL, "does not trust; if it is your own, or that of a proxy in between, set SSL_CERT_FILE"},
		{"https to a port without TLS", strings.Replace(gone.URL, "http:", "https:", 1), "does not speak TLS at this port; use http:// in --influx.url"},
		{"nobody listens", "http://" + testrun.FreeAddress(t), "connection refused; check whether the server runs, and host and port of --influx.url"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, err := New(Options{URL: c.url, Bucket: "health", Token: token, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			err = w.Probe(t.Context())
			if err == nil || !strings.Contains(err.Error(), "cannot reach InfluxDB at ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("it says %v, want %q", err, c.want)
			}
		})
	}
}

// TestAMissingTokenIsNotCalledAWrongOne is what a person reads who gave none.
func TestAMissingTokenIsNotCalledAWrongOne(t *testing.T) {
	for _, name := range []string{"2.7: wrong token", "1.8: wrong token"} {
		p := rude.Server(t, rude.Write(name).Give)
		for given, want := range map[string]string{"": "requires a token", token: "rejects the token",
			"Token " + token:                `; it begins with the word "Token", which is not part of it: correct`,
			"bearer " + token:               `; it begins with the word "bearer", which`,
			"Authorization: Token " + token: `; it begins with the word "Authorization:", which`,
			"Tokens":                        "); correct --influx.token and restart"} {
			w, err := New(Options{URL: p.URL, Bucket: "health", Token: given, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			if err = w.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: with token %q it says %v, want %q", name, given, err, want)
			}
		}
	}
}

// TestALineIsGivenUpWhenTheServerNamesItAndTakesOthers is that of each server that
// names lines.
func TestALineIsGivenUpWhenTheServerNamesItAndTakesOthers(t *testing.T) {
	for _, answer := range rude.Writes() {
		if answer.Means != rude.Lines && answer.Means != rude.Unreadable || answer.Name == "3 Core: an empty body" {
			continue
		}
		t.Run(answer.Name, func(t *testing.T) {
			k := newDesk(t, "v2")
			k.db.On(write, answer.Lines(func(l rude.Line) bool {
				return strings.Contains(l.Text, "=71000 ") || strings.Contains(l.Text, "=74000 ")
			}))
			k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(10), 71_000), weighIn("3", day(11), 72_000), weighIn("4", day(12), 73_000)))
			k.want("body weight_grams 3 = 70000", "body weight_grams 11 = 72000", "body weight_grams 12 = 73000")
			if k.counted[ResultRefused] != 1 || k.counted[ResultWritten] < 3 || k.counted[ResultFailed] != 0 {
				t.Errorf("counted %v", k.counted)
			}
			k.put(batch(weighIn("5", day(13), 74_000))) // alone, with a server that takes others
			if k.counted[ResultRefused] != 2 {
				t.Errorf("counted %v, want a second one given up", k.counted)
			}
			got := k.log.String()
			if !strings.Contains(got, `series="withings_body,profile=Anna" fields=weight_grams time=1768028400`) {
				t.Errorf("the point is not named: %s", got)
			}
			if strings.Count(got, "rejects points") != 1 || strings.Contains(got, "71000") || strings.Contains(got, "74000") {
				t.Errorf("want it once and without the reading, logged %s", got)
			}
			if refused := k.Refused(); len(refused) != 1 || refused[0].Points != 2 || refused[0].Readings != 2 || refused[0].Group != exporter.GroupBody ||
				!refused[0].First.Equal(day(10)) || !refused[0].Last.Equal(day(13)) || refused[0].Reason == ReasonOther && answer.Name != "2 Cloud: points rejected" {
				t.Errorf("refused is %+v", refused)
			}
		})
	}
}

// TestTheNumberOfDroppedLinesIsReadInALongAnswer has a year of points before a
// retention period: a request for each would take thousands.
func TestTheNumberOfDroppedLinesIsReadInALongAnswer(t *testing.T) {
	for _, name := range []string{"1.8: older than the retention policy", "2.7: older than the retention period", "2.0: older than the retention period"} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v2")
			k.db.On(write, rude.Write(name).Lines(func(l rude.Line) bool { return l.Time.Before(day(14)) }))
			var year []exporter.Record
			for i := range 4000 {
				year = append(year, weighIn(fmt.Sprint(i), day(20).AddDate(0, 0, -i), 70_000+int64(i)))
			}
			k.put(batch(year...))
			if n := len(k.db.Points()); n != 7 {
				t.Errorf("%d points are stored, want the 7 of the last week", n)
			}
			if n := k.db.Requests(write); n > 30 {
				t.Errorf("%d requests, want no more than halving once takes", n)
			}
		})
	}
}

func TestARequestThatIsTooLargeIsSentInParts(t *testing.T) {
	k := newDesk(t, "v2")
	k.db.On(write, rude.TooLargeAbove(400, rude.Influx2))
	var all []exporter.Record
	for i := range 64 {
		all = append(all, weighIn(fmt.Sprint(i), day(1).AddDate(0, 0, -i), 70_000))
	}
	k.put(batch(all...))
	if n := len(k.db.Points()); n != 64 {
		t.Errorf("%d points are stored, want 64", n)
	}
	before := k.db.Requests(write)
	k.put(batch(weighIn("a", day(3), 70_000), weighIn("b", day(4), 70_000)))
	if n := k.db.Requests(write) - before; n != 1 {
		t.Errorf("%d requests for two points: what is too large is tried again", n)
	}
}

func TestWhatHasNoEndIsNotRead(t *testing.T) {
	for name, b := range map[string]rude.Behaviour{
		"an error without an end": rude.EndlessBody(http.StatusBadRequest), "an answer without an end": rude.EndlessBody(http.StatusOK),
		"headers without an end": rude.EndlessHeaders, "a compressed bomb": rude.GzipBomb(http.StatusInternalServerError, 1<<30),
	} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v2")
			k.db.Set(b)
			if err := k.Put(t.Context(), batch(weighIn("1", day(3), 70_000))); err == nil || len(err.Error()) > 1000 {
				t.Errorf("%v", err)
			}
			if sent := k.db.Sent(write); sent > 8<<20 { // what the network holds
				t.Errorf("%d bytes of it were taken", sent)
			}
		})
	}
}

func TestAConnectionThatBreaksLosesNothing(t *testing.T) {
	for name, b := range map[string]rude.Behaviour{
		"closed": rude.Slam, "reset": rude.Reset, "an answer that is cut": rude.Truncated(http.StatusBadRequest, `{"error":"partial wri`),
		"an answer that is lost": rude.Lost(rude.Influx2),
	} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v2")
			k.db.Set(b)
			if err := k.Put(t.Context(), batch(weighIn("1", day(3), 70_000))); err == nil {
				t.Fatal("it counts as written")
			}
			k.db.Set(rude.Influx2)
			k.ready()
			k.put(batch(weighIn("1", day(3), 70_000)))
			k.want("body weight_grams 3 = 70000")
		})
	}
}

func TestNobodyIsAskedOnceNobodyWaits(t *testing.T) {
	k := newDesk(t, "v1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := k.Put(ctx, batch(weighIn("1", day(3), 70_000))); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	k.db.Set(rude.Hang)
	ctx, cancel = context.WithCancel(t.Context())
	go func() {
		for k.db.Requests(write) == 0 && t.Context().Err() == nil {
			_ = exporter.Pause(t.Context(), 1e6)
		}
		cancel()
	}()
	if err := k.Put(ctx, batch(weighIn("1", day(3), 70_000))); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestTheTokenIsInNoMessage(t *testing.T) {
	for name, b := range map[string]rude.Behaviour{
		"as JSON": rude.Echo(http.StatusUnauthorized), "as text": rude.EchoPlain(http.StatusBadRequest),
		"in a header": rude.EchoHeader(http.StatusInternalServerError),
		"in a redirect": func(c *rude.Call) {
			rude.Redirect(http.StatusFound, "http://anna:s3cret-of-anna@login.example/"+c.R.Header.Get("Authorization"))(c)
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v1")
			k.db.Set(b)
			err := k.Put(t.Context(), batch(weighIn("1", day(3), 70_000)))
			if err == nil || strings.Contains(err.Error()+k.log.String(), "s3cret") {
				t.Errorf("%v\n%s", err, &k.log)
			}
			ledger, _ := os.ReadFile(k.file())
			if strings.Contains(string(ledger), "s3cret") {
				t.Errorf("the ledger has it: %s", ledger)
			}
		})
	}
}

func TestTheAddressMayCarryWhatFlagsSay(t *testing.T) {
	for _, c := range []struct {
		in   Options
		want string // URL org bucket token; or an error
	}{
		{Options{URL: "http://h:8086", Org: "o", Bucket: "b", Token: "t"}, "http://h:8086 o b t"},
		{Options{URL: "http://h:8086/?org=home&bucket=health"}, "http://h:8086 home health "},
		{Options{URL: "http://h:8086/db/?org=home", Org: "home", Bucket: "b"}, "http://h:8086/db home b "},
		{Options{URL: "http://anna:pass@h:8086", Bucket: "b/autogen"}, "http://h:8086  b/autogen anna:pass"},
		{Options{URL: "http://anna:pass@h:8086", Bucket: "b", Token: "t"}, "http://h:8086  b t"},
		{Options{URL: "http://h?org=x", Org: "y", Bucket: "b"}, "remove one of the two"},
		{Options{URL: "http://h?orgID=x", Bucket: "b"}, `parameter "orgID"`},
		{Options{URL: "http://h"}, "--influx.bucket is not"},
		{Options{URL: "h:8086", Bucket: "b"}, "is not a valid address"},
	} {
		got, err := Resolve(c.in)
		told := strings.Join([]string{got.URL, got.Org, got.Bucket, got.Token}, " ")
		if err != nil {
			told = err.Error()
		}
		if told != c.want && (err == nil || !strings.Contains(told, c.want)) || err != nil && strings.Contains(told, "pass") {
			t.Errorf("%s is %q, want %q", c.in.URL, told, c.want)
		}
	}
}

// TestTheAddressOfAnotherServerIsNamedAsThat has what Prometheus 2.42 and 3.16 and Grafana 10 answer to a token of any form,
// and to none.
func TestTheAddressOfAnotherServerIsNamedAsThat(t *testing.T) {
	const text, grafana = "text/plain; charset=utf-8", "{\"commit\":\"81d85ce8028d\",\n  \"database\": \"ok\", \"version\":\"10.0.0\"}"
	for _, c := range []struct {
		name, token  string
		status       int
		answer       string
		path, health string
		want         string
	}{
		{"Prometheus", token, http.StatusNotFound, "404 page not found\n", "/-/healthy", "Prometheus Server is Healthy.\n", "is Prometheus, not InfluxDB (404"},
		{"Prometheus, no token", "", http.StatusNotFound, "404 page not found\n", "/-/healthy", "Prometheus Server is Healthy.\n", "is Prometheus, not InfluxDB (404"},
		{"Grafana", token, http.StatusUnauthorized, `{"message":"Invalid Basic Auth Header"}`, "/api/health", grafana, "is Grafana, not InfluxDB (401"},
		{"Grafana, no token", "", http.StatusUnauthorized, `{"message":"Unauthorized"}`, "/api/health", grafana, "is Grafana, not InfluxDB (401"},
		{"Grafana for all", "", http.StatusNotFound, `{"message":"Not found"}`, "/api/health", grafana, "is Grafana, not InfluxDB (404"},
		{"another exporter", "", http.StatusNotFound, "404 page not found; the status page is at /\nIf a proxy passes requests on with a path in front, set --web.route-prefix to\nthat path.\n",
			"/-/healthy", "withings-exporter is healthy.\n", "is a withings-exporter, not InfluxDB (404 Not Found); give the address of InfluxDB"},
		{"another", token, http.StatusNotFound, "404 page not found\n", "/-/healthy", "VictoriaMetrics is Healthy.\n", "has no version 2 write interface"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newDesk(t, "v2")
			k.db.On(write, func(call *rude.Call) { call.Say(c.status, text, c.answer) })
			k.db.On("/-/healthy", func(call *rude.Call) { call.Say(http.StatusNotFound, text, "404 page not found\n") })
			k.db.On("/api/health", func(call *rude.Call) { call.Say(http.StatusNotFound, text, "404 page not found\n") })
			k.db.On(c.path, func(call *rude.Call) { call.Say(http.StatusOK, text, c.health) })
			w, err := New(Options{URL: k.db.URL, Bucket: "health", Token: c.token, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("it says %v, want %s", err, c.want)
			}
		})
	}
}
