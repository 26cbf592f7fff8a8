package testserver

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/testrun"
)

// PrometheusServer is a Prometheus that scrapes nothing and only serves its data
// directory.
type PrometheusServer struct{ *server }

// Prometheus starts a Prometheus on a data directory, such as one with blocks from
// promtool. It keeps a hundred years; the other storage.tsdb settings are the
// defaults. Flags (--name=value) are added or replace those.
func Prometheus(t testing.TB, dir string, flags ...string) *PrometheusServer {
	t.Helper()
	config := filepath.Join(t.TempDir(), "prometheus.yml")
	if err := os.WriteFile(config, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return &PrometheusServer{launch(t, testrun.Prometheus, "/-/ready", "", func(address string) []string {
		args := slices.Clone(flags)
		for _, flag := range []string{
			"--config.file=" + config, "--storage.tsdb.path=" + dir, "--storage.tsdb.retention.time=100y",
			"--web.listen-address=" + address, "--log.level=warn",
		} {
			name, _, _ := strings.Cut(flag, "=")
			if !slices.ContainsFunc(flags, func(given string) bool { return strings.HasPrefix(given, name+"=") }) {
				args = append(args, flag)
			}
		}
		return args
	})}
}

// Result is one series of the answer to a query. Values are pairs of a time in
// seconds and a string.
type Result struct {
	Metric map[string]string
	Value  [2]any   // of an instant vector
	Values [][2]any // of a range vector
}

// Query returns the value of an expression at a time. It must be an instant or a
// range vector.
func (s *PrometheusServer) Query(expression string, at time.Time) []Result {
	s.t.Helper()
	return s.results("/api/v1/query", expression, url.Values{"time": {fmt.Sprintf("%d.%03d", at.Unix(), at.Nanosecond()/1e6)}})
}

// QueryRange returns the values of an expression over a time range, one per step.
func (s *PrometheusServer) QueryRange(expression string, from, to time.Time, step time.Duration) []Result {
	s.t.Helper()
	return s.results("/api/v1/query_range", expression, url.Values{
		"start": {fmt.Sprint(from.Unix())}, "end": {fmt.Sprint(to.Unix())}, "step": {fmt.Sprint(int(step.Seconds()))},
	})
}

func (s *PrometheusServer) results(path, expression string, when url.Values) []Result {
	s.t.Helper()
	when.Set("query", expression)
	body, err := s.ask(path, when)
	if err != nil {
		s.t.Fatalf("query %s: %v", expression, err)
	}
	defer body.Close()
	var results []Result
	documents(s.server, body, func(answer struct{ Data struct{ Result []Result } }) error {
		results = answer.Data.Result
		return nil
	})
	return results
}

// Export returns the raw samples of the series matched by a selector such as
// {profile="Anna"}, from start to before end, sorted by time.
func (s *PrometheusServer) Export(match string, start, end time.Time) []tally.Point {
	s.t.Helper()
	const slice = 180 * 24 * time.Hour // both sides hold an answer in memory
	var all []tally.Point
	for from := start; from.Before(end); from = from.Add(slice) {
		to := from.Add(slice)
		if to.After(end) {
			to = end
		}
		// Prometheus 2 includes both ends of a range, Prometheus 3 only the later one.
		selector := fmt.Sprintf("%s[%dms]", match, to.Sub(from).Milliseconds())
		for _, series := range s.Query(selector, to.Add(-time.Millisecond)) {
			points, err := series.points()
			if err != nil {
				s.t.Fatalf("answer to %s: %v", selector, err)
			}
			all = append(all, slices.DeleteFunc(points, func(p tally.Point) bool { return p.Time.Before(from) })...)
		}
	}
	tally.Sort(all)
	return all
}

// points returns the samples of a range vector.
func (r Result) points() ([]tally.Point, error) {
	points := make([]tally.Point, len(r.Values))
	name := r.Metric["__name__"]
	delete(r.Metric, "__name__")
	for i, pair := range r.Values {
		seconds, okTime := pair[0].(json.Number)
		text, okValue := pair[1].(string)
		if !okTime || !okValue {
			return nil, fmt.Errorf("%v is not a sample", pair)
		}
		at, err := tally.Parse(seconds.String())
		if err != nil {
			return nil, err
		}
		value, err := tally.Parse(text)
		if err != nil {
			return nil, err
		}
		milliseconds := at.Mul(at, big.NewRat(1000, 1))
		if !milliseconds.IsInt() {
			return nil, fmt.Errorf("%s is not a time in milliseconds", seconds)
		}
		points[i] = tally.Point{
			Tags: r.Metric, Field: name, Value: value,
			Time: time.UnixMilli(milliseconds.Num().Int64()).UTC(),
		}
	}
	return points, nil
}
