package influx

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"withings-exporter/exporter"
	"withings-exporter/exporter/testserver"
)

// newRealDesk is a sink in front of a real InfluxDB 1.8, and its counts.
func newRealDesk(t *testing.T, s *testserver.InfluxServer, change func(*Options)) (*Sink, map[string]int) {
	k := newDesk(t, "v1")
	o := Options{URL: s.URL, Org: s.Org, Bucket: s.Bucket, Token: s.Token, Log: k.logger(),
		Observe: func(result string, n int) { k.counted[result] += n }}
	change(&o)
	w, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return NewSink(SinkOptions{Writer: w, Dir: k.dir, Profile: "Anna", Log: o.Log,
		Owner: func() string { return "1" }, Now: k.Sink.now}), k.counted
}

// TestARealInfluxDBKeepsTheGoodPointsOfAWriteWithBadOnes has a field that is a text
// already in the shard of one week.
func TestARealInfluxDBKeepsTheGoodPointsOfAWriteWithBadOnes(t *testing.T) {
	s := testserver.Influx(t)
	line := fmt.Sprintf(`withings_body,profile=Anna weight_grams="heavy" %d`, day(5).Unix())
	to := s.URL + "/api/v2/write?" + url.Values{"bucket": {s.Bucket}, "org": {s.Org}, "precision": {"s"}}.Encode()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, strings.NewReader(line))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Token "+s.Token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if _ = answer.Body.Close(); answer.StatusCode != http.StatusNoContent {
		t.Fatal(answer.Status)
	}
	sink, counted := newRealDesk(t, s, func(*Options) {})
	if err := sink.Put(t.Context(), batch(weighIn("1", day(6), 70_000), weighIn("2", day(12), 71_000), weighIn("3", day(19), 72_000))); err != nil {
		t.Fatal(err)
	}
	rows := s.Query(`SELECT weight_grams FROM withings_body WHERE profile='Anna' AND time >= '2026-01-08'`)
	if len(rows) != 1 || fmt.Sprint(rows[0].Values) != fmt.Sprintf("[[%d 71000] [%d 72000]]", day(12).UnixNano(), day(19).UnixNano()) {
		t.Errorf("of the others it has %v", rows)
	}
	if counted[ResultWritten] != 2 || counted[ResultRefused] != 1 {
		t.Errorf("counted %v, want 2 written and 1 refused", counted)
	}
}

func TestWhatARealInfluxDBRefusesNeedsAPerson(t *testing.T) {
	s := testserver.Influx(t)
	for _, c := range []struct {
		name, want string
		change     func(*Options)
	}{
		{"a wrong token", "rejects the token", func(o *Options) { o.Token = "exporter:guessed" }},
		{"a database that is not there", `has no database for bucket "other/autogen"`, func(o *Options) { o.Bucket = "other/autogen" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			sink, counted := newRealDesk(t, s, c.change)
			err := sink.Put(t.Context(), batch(weighIn("1", day(3), 70_000)))
			if !errors.Is(err, exporter.ErrNeedsPerson) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "guessed") {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
			if err := sink.Ready(t.Context()); !errors.Is(err, exporter.ErrNeedsPerson) {
				t.Errorf("it is asked whether it takes readings, and: %v", err)
			}
			if counted[ResultFailed] != 1 {
				t.Errorf("counted %v", counted)
			}
		})
	}
}
