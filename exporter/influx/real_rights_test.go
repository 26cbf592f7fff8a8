package influx

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/testserver"
)

// without is a proxy that answers some paths by itself.
func without(t *testing.T, target, path string, status int) string {
	at, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(at) }}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, path) {
			http.Error(w, "<html>no</html>", status)
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL
}

// TestARealInfluxDB2ThatMayOnlyBeWrittenTakesEverything has tokens and proxies that
// let nothing but writes through, or writes and some of the rest.
func TestARealInfluxDB2ThatMayOnlyBeWrittenTakesEverything(t *testing.T) {
	s := testserver.Influx2(t)
	writeOnly := s.CreateToken(testserver.MayWrite(s.Bucket))
	both := s.CreateToken(testserver.MayWrite(s.Bucket), testserver.MayRead(s.Bucket))
	for _, c := range []struct {
		name, url, token, org, bucket string
		stays                         bool // nothing can be deleted
	}{
		{"write-only", s.URL, writeOnly, s.Org, s.Bucket, false},
		{"write-only, no deletes by a proxy", without(t, s.URL, "/api/v2/delete", 403), writeOnly, s.Org, s.Bucket, true},
		{"write-only, no deletes and questions", without(t, s.URL, "/api/v2/delete", 404), writeOnly, s.Org, s.Bucket, true},
		{"no deletes by a proxy", without(t, s.URL, "/api/v2/delete", 405), both, s.Org, s.Bucket, true},
		{"no questions by a proxy", without(t, s.URL, "/query", 403), both, s.Org, s.Bucket, false},
		{"by ID", s.URL, both, s.OrgID, s.BucketID(s.Bucket), false},
		{"by ID, write-only", s.URL, writeOnly, s.OrgID, s.BucketID(s.Bucket), false},
		{"no deletes, by ID", without(t, s.URL, "/api/v2/delete", 403), both, s.OrgID, s.BucketID(s.Bucket), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			profile := strings.ReplaceAll(c.name, " ", "_")
			sink, k := realServer{Options{URL: c.url, Org: c.org, Bucket: c.bucket, Token: c.token}}.sink(t, profile)
			if err := sink.writer.Probe(t.Context()); err != nil {
				t.Error(err)
			}
			for i, b := range []exporter.Batch{
				batch(night("7", day(9), 80), night("8", day(10), 70)),
				batch(night("7", day(9).Add(time.Hour), 82)),
				batch(exporter.Record{Service: exporter.Sleep, ID: "8", Start: day(10), End: day(11)}),
				batch(night("9", day(12), 60)),
			} {
				if err := sink.Put(t.Context(), b); err != nil {
					t.Errorf("%d: %v", i, err)
				}
				k.later(2 * lookRarely)
				if err := sink.Ready(t.Context()); err != nil {
					t.Errorf("%d: %v", i, err)
				}
			}
			moved, first := night("7", day(9).Add(time.Hour), 82), ""
			if c.stays {
				moved, first = night("7", day(9), 82), fmt.Sprintf(" [%d 70]", day(10).UnixNano())
			}
			want := fmt.Sprintf("[[%d 82]%s [%d 60]]", moved.Start.UnixNano(), first, day(12).UnixNano())
			rows := s.Query("SELECT score FROM withings_sleep WHERE profile='" + profile + "'")
			if len(rows) != 1 || fmt.Sprint(rows[0].Values) != want {
				t.Errorf("stored is %v, want %s", rows, want)
			}
			if got := strings.Count(k.log.String(), "cannot delete points now"); got != 0 != c.stays {
				t.Errorf("logged %s", &k.log)
			}
		})
	}
}

// TestBucketsOfEveryNameAreWrittenAskedAndDeleted is that of an InfluxDB 2.7.
func TestBucketsOfEveryNameAreWrittenAskedAndDeleted(t *testing.T) {
	s := testserver.Influx2(t)
	for _, name := range []string{"my health", "home/health", "a/b/c", "health/", "it's", "ünï", "a&b=c", "50%", `a\b`, "organization", "bucket"} {
		t.Run(name, func(t *testing.T) {
			s.CreateBucket(name, 0)
			sink, k := realServer{Options{URL: s.URL, Org: s.Org, Bucket: name, Token: s.Token}}.sink(t, "Anna")
			if err := sink.Put(t.Context(), batch(night("7", day(9), 80), night("8", day(10), 70))); err != nil {
				t.Fatal(err)
			}
			there, known, err := sink.writer.has(t.Context(), "Anna", spot{"withings_sleep", day(9).Unix()})
			if err != nil || known && !there {
				t.Errorf("asked for a point that is there: %v, %v, %v", there, known, err)
			}
			if err := sink.Put(t.Context(), batch(exporter.Record{Service: exporter.Sleep, ID: "8", Start: day(10), End: day(11)})); err != nil {
				t.Error(err)
			}
			if there, known, _ := sink.writer.has(t.Context(), "Anna", spot{"withings_sleep", day(10).Unix()}); known && there {
				t.Error("the deleted point is there")
			}
			k.later(2 * lookRarely)
			if err := sink.Ready(t.Context()); err != nil {
				t.Error(err)
			}
			if k.log.String() != "" {
				t.Error(&k.log)
			}
		})
	}
}

// TestARealInfluxDB2SaysWhatIsNotThere has names that sound like something else.
func TestARealInfluxDB2SaysWhatIsNotThere(t *testing.T) {
	s := testserver.Influx2(t)
	for _, c := range []struct{ org, bucket, want string }{
		{s.Org, "my organization", `has no bucket "my organization"`},
		{s.Org, "organization name", `has no bucket "organization name"`},
		{"bucket", s.Bucket, `has no organisation "bucket"`},
		{"path not found", s.Bucket, `has no organisation "path not found"`},
	} {
		sink, _ := realServer{Options{URL: s.URL, Org: c.org, Bucket: c.bucket, Token: s.Token}}.sink(t, "Anna")
		if err := sink.Put(t.Context(), batch(night("7", day(9), 80))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("of organisation %q and bucket %q it says %v, want %s", c.org, c.bucket, err, c.want)
		}
	}
}
