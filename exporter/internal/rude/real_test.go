package rude

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/testserver"
)

// asked is a request to a real server.
type asked struct {
	row          string // of Writes or Deletes
	base         string // address of the server, with what is added to it
	query, token string
	body         string
}

func (a asked) post(t *testing.T, path string) answered {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.base+path+"?"+a.query, strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	if a.token != "" {
		request.Header.Set("Authorization", "Token "+a.token)
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, limit))
	return answered{answer.StatusCode, answer.Header, string(text), err}
}

func get(t *testing.T, url string) answered {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, limit))
	return answered{answer.StatusCode, answer.Header, string(text), err}
}

// compare compares a row with the answer of a real server.
func (a asked) compare(t *testing.T, path string, row Answer) {
	t.Helper()
	got := a.post(t, path)
	if got.status != row.Status || shape(got.body) != shape(row.Body) {
		t.Errorf("%s: the server answers %d\n%s\nthe table says %d\n%s", row.Name, got.status, shape(got.body), row.Status, shape(row.Body))
	}
	if kind := got.header.Get("Content-Type"); row.Status != http.StatusNoContent && kind != row.Type {
		t.Errorf("%s: the content is %q, the table says %q", row.Name, kind, row.Type)
	}
	for name, value := range row.Header {
		if is := got.header.Get(name); shape(is) != shape(value) {
			t.Errorf("%s: the header %s is %q, the table says %q", row.Name, name, is, value)
		}
	}
}

var varying = []struct {
	what *regexp.Regexp
	text string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z`), "TIME"},
	{regexp.MustCompile(`[0-9a-f]{16}`), "ID"},
}

// shape returns a text without what differs between servers.
func shape(text string) string {
	for _, v := range varying {
		text = v.what.ReplaceAllString(text, v.text)
	}
	return strings.TrimSpace(text)
}

const (
	writePath  = "/api/v2/write"
	deletePath = "/api/v2/delete"
)

// TestTheTableIsWhatInflux1Answers checks every row about it.
func TestTheTableIsWhatInflux1Answers(t *testing.T) {
	s := testserver.Influx(t)
	s.CreatePolicy("week", 7*24*time.Hour)
	now := time.Now().Unix()
	bucket := func(name string) string {
		return url.Values{"org": {"x"}, "bucket": {name}, "precision": {"s"}}.Encode()
	}
	integers := asked{base: s.URL, query: bucket(s.Bucket), token: s.Token, body: fmt.Sprintf("m x=1i %d", now)}
	integers.compare(t, writePath, Write("any: written"))
	all := map[string]bool{}
	for _, a := range []asked{
		{"any: written", s.URL, bucket(s.Bucket), s.Token, fmt.Sprintf("other v=1 %d", now)},
		{"any: written", s.URL, bucket(s.Bucket), s.Token, ""},
		{"1.8: older than the retention policy", s.URL, bucket("withings/week"), s.Token, "m v=1 1"},
		{"1.8: field type conflict", s.URL, bucket(s.Bucket), s.Token, fmt.Sprintf("m x=1 %d", now)},
		{"1.8: a line that cannot be parsed", s.URL, bucket(s.Bucket), s.Token, "m v=abc 1"},
		{"1.8: unknown database", s.URL, bucket("x"), s.Token, "m v=1"},
		{"1.8: unknown retention policy", s.URL, bucket("withings/x"), s.Token, "m v=1"},
		{"1.8: wrong token", s.URL, bucket(s.Bucket), "a:b", "m v=1"},
		{"1.8: a user who may not write", s.URL, bucket(s.Bucket), s.CreateUser("reader", "secret", "READ"), "m v=1"},
		{"1.8: wrong path", s.URL + "/foo", bucket(s.Bucket), s.Token, "m v=1"},
	} {
		all[a.row] = true
		a.compare(t, writePath, Write(a.row))
	}
	asked{"", s.URL, bucket(s.Bucket), s.Token, "{}"}.compare(t, deletePath, Delete("1.8: no such path"))
	everyRow(t, "1.8: ", all)
}

// everyRow fails if a row was left out although it was seen on a real server.
func everyRow(t *testing.T, server string, seen map[string]bool) {
	t.Helper()
	for _, row := range Writes() {
		if strings.HasPrefix(row.Name, server) && row.From == run && !seen[row.Name] {
			t.Errorf("%s: not compared", row.Name)
		}
	}
}

// TestTheTableIsWhatInflux2Answers checks every row about it except the timeout,
// which cannot be reproduced reliably.
func TestTheTableIsWhatInflux2Answers(t *testing.T) {
	s := testserver.Influx2(t)
	s.CreateBucket("week", 7*24*time.Hour)
	s.CreateBucket("other", 0)
	now := time.Now().Unix()
	in := func(org, bucket string) string {
		return url.Values{"org": {org}, "bucket": {bucket}, "precision": {"s"}}.Encode()
	}
	inactive := s.CreateToken(testserver.MayWrite(s.Bucket))
	s.SetActive(inactive, false)
	right := in(s.Org, s.Bucket)
	asked{base: s.URL, query: right, token: s.Token, body: fmt.Sprintf("m x=1i %d", now)}.compare(t, writePath, Write("any: written"))
	all := map[string]bool{"2.7: years into a new bucket": true}
	for _, a := range []asked{
		{"any: written", s.URL, right, s.Token, ""},
		{"any: written", s.URL, right, s.CreateToken(testserver.MayWrite(s.Bucket)), "other v=1"},
		{"any: written", s.URL, url.Values{"orgID": {s.OrgID}, "bucket": {s.BucketID(s.Bucket)}}.Encode(), s.Token, "other v=1"},
		{"2.7: older than the retention period", s.URL, in(s.Org, "week"), s.Token, "m v=1 100\nm v=2 200\nother v=1 " + fmt.Sprint(now)},
		{"2.7: field type conflict", s.URL, right, s.Token, fmt.Sprintf("m x=1 %d", now)},
		{"2.7: a line that cannot be parsed", s.URL, right, s.Token, "m v=abc 1"},
		{"2.7: no organisation", s.URL, url.Values{"bucket": {s.Bucket}}.Encode(), s.Token, "m v=1"},
		{"2.7: no organisation", s.URL, in("", s.Bucket), s.Token, "m v=1"},
		{"2.7: wrong organisation", s.URL, in("nope", s.Bucket), s.Token, "m v=1"},
		{"2.7: wrong bucket", s.URL, in(s.Org, "nope"), s.Token, "m v=1"},
		{"2.7: wrong token", s.URL, right, "guessed", "m v=1"},
		{"2.7: wrong token", s.URL, right, "", "m v=1"},
		{"2.7: wrong token", s.URL, right, "user:password", "m v=1"},
		{"2.7: a token that may not write", s.URL, right, s.CreateToken(testserver.MayRead(s.Bucket)), "m v=1"},
		{"2.7: a token that may not write", s.URL, right, s.CreateToken(testserver.MayWrite("other")), "m v=1"},
		{"2.7: an inactive token", s.URL, right, inactive, "m v=1"},
		{"2.7: the address has /api/v2", s.URL + "/api/v2", right, s.Token, "m v=1"},
		{"2.7: the address of its web page", s.URL + "/orgs/" + s.OrgID, right, s.Token, "m v=1"},
		{"2.7: the address of its web page", s.URL + "/signin", right, s.Token, "m v=1"},
	} {
		all[a.row] = true
		a.compare(t, writePath, Write(a.row))
	}
	everyRow(t, "2.7: ", all)
	for _, a := range []asked{
		{"2.7: deleted", s.URL, right, s.Token, `{"start":"1970-01-01T00:00:00Z","stop":"1970-01-01T00:00:01Z"}`},
		{"2.7: deleted", s.URL, right, s.CreateToken(testserver.MayWrite(s.Bucket)), `{"start":"1970-01-01T00:00:00Z","stop":"1970-01-01T00:00:01Z"}`},
		{"2.7: a read-only token", s.URL, right, s.CreateToken(testserver.MayRead(s.Bucket)), `{"start":"1970-01-01T00:00:00Z","stop":"1970-01-01T00:00:01Z"}`},
	} {
		a.compare(t, deletePath, Delete(a.row))
	}
}

func TestTheTableIsWhatVictoriaMetricsAnswers(t *testing.T) {
	s := testserver.Victoria(t, testserver.Retention(7*24*time.Hour))
	all := map[string]bool{}
	for _, a := range []asked{
		{"any: written", s.URL, "", "any", "m v=1"},
		{"any: written", s.URL + "/influx", "", "", "m v=1"},
		{"any: written", s.URL, "", "", ""},
		{"VictoriaMetrics: older than its retention", s.URL, "precision=s", "", fmt.Sprintf("old v=1 1000000000\nnew v=1 %d", time.Now().Unix())},
		{"VictoriaMetrics: a line that cannot be parsed", s.URL, "", "", "m v\n"},
		{"VictoriaMetrics: wrong path", s.URL + "/foo", "", "", "m v=1"},
	} {
		all[a.row] = true
		a.compare(t, writePath, Write(a.row))
	}
	asked{base: s.URL}.compare(t, deletePath, Delete("VictoriaMetrics: no such path"))
	everyRow(t, "VictoriaMetrics: ", all)
	if points := s.Points(`{__name__=~"old.*|new.*"}`); len(points) != 1 || points[0].Field != "new_v" {
		t.Errorf("of an old line and a recent one it keeps %v, want the recent one", points)
	}
}

// TestAPolitePeerAnswersLikeTheServer sends the same requests to a real server and to
// the polite peer that imitates it.
func TestAPolitePeerAnswersLikeTheServer(t *testing.T) {
	one, two, victoria := testserver.Influx(t), testserver.Influx2(t), testserver.Victoria(t)
	for _, c := range []struct {
		name, url, token, parameters, bucket string
		polite                               Behaviour
	}{
		{"InfluxDB 1.8", one.URL, one.Token, "org=x&bucket=withings", "withings", Influx1},
		{"InfluxDB 2.7", two.URL, two.Token, "org=home&bucket=withings", "withings", Influx2},
		{"VictoriaMetrics", victoria.URL, "", "", "", Victoria},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Server(t, c.polite)
			span := `{"start":"2026-01-02T00:00:00Z","stop":"2026-01-03T00:00:00Z","predicate":"_measurement=\"m\" AND profile=\"a b\""}`
			day := func(n int) int64 { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC).Unix() }
			written := fmt.Sprintf("m,profile=a\\ b v=1,w=2 %d\nm,profile=a\\ b v=2 %d\nm,profile=a\\ b v=3.25 %d\nm,profile=c v=4 %d\nn,profile=a\\ b v=5 %d\n",
				day(1), day(2), day(3), day(4), day(3))
			ask := func(path, body string) {
				t.Helper()
				real := asked{base: c.url, token: c.token, body: body}
				peer := asked{base: p.URL, token: c.token, body: body}
				path, real.query, _ = strings.Cut(path, "?")
				peer.query = real.query
				want, got := real.post(t, path), peer.post(t, path)
				if got.status != want.status || same(got.body) != same(want.body) {
					t.Errorf("%s %s: the peer answers %d %s\nthe server %d %s", path+"?"+real.query, body, got.status, got.body, want.status, want.body)
				}
			}
			question := func(q string) {
				t.Helper()
				ask("/query?"+url.Values{"db": {c.bucket}, "q": {q}, "epoch": {"s"}}.Encode(), "")
			}
			ask(writePath+"?precision=s&"+c.parameters, written)
			for _, path := range []string{"/ping", "/health"} {
				want, got := get(t, c.url+path), get(t, p.URL+path)
				if got.status != want.status || same(got.body) != same(want.body) {
					t.Errorf("%s: the peer answers %d %s\nthe server %d %s", path, got.status, got.body, want.status, want.body)
				}
			}
			question(`SELECT v FROM m`)
			question(`SELECT "v", "w" FROM "m" WHERE "profile" = 'a b'`)
			question(`SELECT count(v) FROM m WHERE profile = 'a b' AND time >= '2026-01-02T00:00:00Z'`)
			question(`SELECT count("v"), sum("v"), first("v"), last("v") FROM "m"`)
			question(fmt.Sprintf(`SELECT last(v) AS marker FROM n WHERE time = %ds`, day(3)))
			question(fmt.Sprintf(`SELECT v FROM n WHERE time > %d`, day(3)*1e9))
			question(`SELECT v FROM nope`)
			ask(deletePath+"?"+c.parameters, span)
			question(`SELECT v FROM m`)
			question(fmt.Sprintf(`DELETE FROM "m" WHERE "profile" = 'c' AND time = %ds`, day(4)))
			question(`SELECT v FROM m`)
			ask("/orgs/x"+writePath+"?"+c.parameters, written)
			ask("/nowhere", "")
			if c.bucket != "" {
				ask(writePath+"?precision=s&"+c.parameters, "m,profile=a v=abc 1")
			}
		})
	}
}

// same returns a JSON document with sorted keys, and any other text without what
// varies.
func same(text string) string {
	var document any
	if json.Unmarshal([]byte(text), &document) != nil {
		return shape(text)
	}
	written, _ := json.Marshal(document)
	return shape(string(written))
}

// TestMain has the files of servers and of what is under test in memory.
func TestMain(m *testing.M) { os.Exit(testrun.InMemory(m).Run()) }
