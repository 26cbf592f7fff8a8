package influx

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"withings-exporter/exporter/testserver"
)

// unread is what a writer says of a token that has just written.
func unread(t *testing.T, o Options) string {
	t.Helper()
	sink, _ := realServer{o}.sink(t, "Anna")
	if err := sink.writer.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	return sink.writer.Unread(t.Context())
}

func TestARealInfluxDB2TellsThatATokenMayNotRead(t *testing.T) {
	s := testserver.Influx2(t)
	s.CreateBucket("0123456789abcdef", 0) // a name that looks like an ID
	for _, bucket := range []string{s.Bucket, "0123456789abcdef"} {
		writeOnly := s.CreateToken(testserver.MayWrite(bucket))
		elsewhere := s.CreateToken(testserver.MayWrite(bucket), testserver.MayRead("_monitoring"))
		both := s.CreateToken(testserver.MayWrite(bucket), testserver.MayRead(bucket))
		for _, c := range []struct {
			name, url, token string
			tells            bool
		}{
			{"write-only", s.URL, writeOnly, true},
			{"may read another bucket", s.URL, elsewhere, true},
			{"may read", s.URL, both, false},
			{"may do everything", s.URL, s.Token, false},
			{"may read, no queries by a proxy", without(t, s.URL, "/query", 403), both, false},
			{"write-only, nothing but writes by a proxy", without(t, without(t, s.URL, "/query", 403), "/api/v2/buckets", 403), writeOnly, false}, // who knows
		} {
			for _, org := range []string{s.Org, s.OrgID} {
				for _, named := range []string{bucket, s.BucketID(bucket)} {
					got := unread(t, Options{URL: c.url, Org: org, Bucket: named, Token: c.token})
					if byID := named != bucket && !strings.Contains(c.name, "nothing but writes"); byID && !c.tells {
						if !strings.HasSuffix(got, "set influx.bucket to \""+bucket+"\"") {
							t.Errorf("%s, bucket %q by its ID: it says %q", c.name, bucket, got)
						}
						continue
					}
					if got != "" != c.tells || c.tells && !strings.Contains(got, "replace --influx.token by one that may read and write bucket") {
						t.Errorf("%s, organisation %q, bucket %q: it says %q", c.name, org, named, got)
					}
				}
			}
		}
	}
}

func TestARealInfluxDB1TellsThatAUserMayNotRead(t *testing.T) {
	s := testserver.Influx(t)
	for _, bucket := range []string{s.Database, s.Bucket} {
		for privilege, want := range map[string]string{
			"WRITE": ` -username ADMIN -password '' -execute 'GRANT ALL ON "withings" TO "w`, "ALL": "",
		} {
			token := s.CreateUser("w"+strings.ReplaceAll(bucket, "/", "_")+privilege, "hunter2", privilege)
			got := unread(t, Options{URL: s.URL, Org: s.Org, Bucket: bucket, Token: token})
			if want == "" && got != "" || !strings.Contains(got, want) || strings.Contains(got, "hunter2") {
				t.Errorf("of a user with %s on bucket %q it says %q, want %q", privilege, bucket, got, want)
			}
		}
	}
}

func TestAnAnswerThatTellsNothingOfReadingIsNotToldOf(t *testing.T) {
	if got := unread(t, Options{URL: testserver.Victoria(t).URL, Org: "any", Bucket: "health", Token: "any"}); got != "" {
		t.Errorf("of VictoriaMetrics it says %q", got)
	}
	for _, answer := range []struct {
		status int
		text   string
	}{
		{http.StatusForbidden, "<html>not authorized to execute</html>"}, {http.StatusOK, "<html>sign in</html>"}, {http.StatusOK, "{}"},
		{http.StatusBadGateway, ""}, {http.StatusUnauthorized, `{"code":"unauthorized"}`}, {http.StatusOK, `{"buckets":null}`},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == write {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			http.Error(w, answer.text, answer.status)
		}))
		defer server.Close()
		if got := unread(t, Options{URL: server.URL, Org: "any", Bucket: "health", Token: "any"}); got != "" {
			t.Errorf("after %d %s it says %q", answer.status, answer.text, got)
		}
	}
}
