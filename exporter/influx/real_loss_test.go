package influx

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/testserver"
)

// TestARealDatabaseThatShowsSomethingElseHasLostNothing asks one that answers
// questions about its bucket from another one, and one whose policy has taken points away.
func TestARealDatabaseThatShowsSomethingElseHasLostNothing(t *testing.T) {
	s := testserver.Influx2(t)
	mapping(t, s, s.CreateBucket("other", 0))
	expiring := testserver.Influx(t)
	for name, c := range map[string]struct {
		server realServer
		then   func()
	}{
		"2.7 with a mapping to another bucket": {realServer{options: Options{URL: s.URL, Org: s.Org, Bucket: s.Bucket, Token: s.Token}}, func() {}},
		"1.8 with a policy that was shortened": {
			realServer{options: Options{URL: expiring.URL, Bucket: expiring.Bucket, Token: expiring.Token}},
			func() { expiring.AlterPolicy("autogen", 7*24*time.Hour) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			sink, k := c.server.sink(t, "Anna")
			k.now = time.Now()
			sink.pause = k.pause
			old, recent := k.now.AddDate(0, 0, -30), k.now.AddDate(0, 0, -1)
			if err := sink.Put(t.Context(), batch(weighIn("1", old, 70_000), weighIn("2", recent, 71_000))); err != nil {
				t.Fatal(err)
			}
			if err := sink.Advance(exporter.Measure, func(p *exporter.Progress) { p.Updated, p.Success = k.now, k.now }); err != nil {
				t.Fatal(err)
			}
			c.then()
			for limit := time.Now().Add(2 * time.Minute); !missing(t, sink, old); {
				if exporter.Pause(t.Context(), 20*time.Millisecond) != nil || time.Now().After(limit) {
					t.Fatal("the old point is still there")
				}
			}
			for range 3 {
				k.later(2 * lookRarely)
				if err := sink.Ready(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if got := sink.Progress(exporter.Measure); got.Updated.IsZero() || strings.Contains(k.log.String(), "no longer has") {
				t.Errorf("the cursor is %+v, and logged is %s", got, &k.log)
			}
		})
	}
}

// missing asks whether a weigh-in of Anna's is not shown. While InfluxDB 1 deletes what
// has expired, its answer may be that the engine is closed: then it is not known yet.
func missing(t *testing.T, s *Sink, moment time.Time) bool {
	there, known, err := s.writer.has(t.Context(), "Anna", spot{"withings_body", moment.Unix()})
	if err != nil {
		t.Fatal(err)
	}
	return known && !there
}

// mapping leads questions about the bucket's name to another bucket.
func mapping(t *testing.T, s *testserver.Influx2Server, bucketID string) {
	text, _ := json.Marshal(map[string]any{"orgID": s.OrgID, "bucketID": bucketID, "database": s.Bucket, "retention_policy": "autogen", "default": true})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/v2/dbrps", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Token "+s.Token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if _ = answer.Body.Close(); answer.StatusCode != http.StatusCreated {
		t.Fatal(answer.Status)
	}
}
