package proof

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/testserver"
	"withings-exporter/grafana/queries"
)

// source answers the queries of panels.
type source interface {
	// ask puts a query to the data source.
	ask(queries.Query) ([]frame, error)
	// choose is the value that a variable of a board has after its query was asked.
	choose(queries.Variable, queries.View, map[string]any) (string, error)
}

// prometheusSource is a Prometheus with the histories.
type prometheusSource struct{ url string }

// newPrometheus starts one that has loaded what there is of all people.
func newPrometheus(t *testing.T, all []*history) source {
	t.Helper()
	s := store{}
	for _, h := range all {
		h.fill(s)
	}
	return loaded(t, s)
}

// loaded is a Prometheus with what is in a store.
func loaded(t *testing.T, s store) source {
	t.Helper()
	dir := t.TempDir()
	text := filepath.Join(dir, "history.om")
	file, err := os.Create(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.write(file); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	blocks := exec.CommandContext(t.Context(), testrun.Promtool.Path(t), "tsdb", "create-blocks-from", "openmetrics",
		"--max-block-duration=87600h", text, filepath.Join(dir, "data"))
	if out, err := blocks.CombinedOutput(); err != nil {
		t.Fatalf("make blocks: %v: %s", err, out)
	}
	return &prometheusSource{testserver.Prometheus(t, filepath.Join(dir, "data")).URL}
}

// promAnswer is what Prometheus says.
type promAnswer struct {
	Error string
	Data  struct {
		ResultType string
		Result     json.RawMessage
	}
}

func (s *prometheusSource) call(path string, form url.Values) (promAnswer, error) {
	answer, err := http.PostForm(s.url+path, form)
	if err != nil {
		return promAnswer{}, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return promAnswer{}, err
	}
	var a promAnswer
	if err := json.Unmarshal(body, &a); err != nil {
		return a, fmt.Errorf("%s: %w", answer.Status, err)
	}
	if a.Error != "" {
		return a, fmt.Errorf("%s", a.Error)
	}
	return a, nil
}

// promSeries is one series of an answer.
type promSeries struct {
	Metric map[string]string
	Value  [2]any
	Values [][2]any
}

func (s *prometheusSource) ask(q queries.Query) ([]frame, error) {
	path, form := "/api/v1/query", url.Values{"query": {q.Text}, "time": {fmt.Sprint(q.To.Unix())}}
	if !q.Instant {
		first, last := q.Aligned()
		path, form = "/api/v1/query_range", url.Values{"query": {q.Text}, "start": {fmt.Sprint(first.Unix())},
			"end": {fmt.Sprint(last.Unix())}, "step": {fmt.Sprint(q.Step.Seconds())}}
	}
	answer, err := s.call(path, form)
	if err != nil {
		return nil, err
	}
	if answer.Data.ResultType == "scalar" {
		var pair [2]any
		if err := json.Unmarshal(answer.Data.Result, &pair); err != nil {
			return nil, err
		}
		return lined(q, []promSeries{{Value: pair}})
	}
	var all []promSeries
	if err := json.Unmarshal(answer.Data.Result, &all); err != nil {
		return nil, err
	}
	if q.Table {
		return tabled(q, all)
	}
	return lined(q, all)
}

// pairs are the values of a series.
func (s promSeries) pairs() (at, values []any, err error) {
	all := s.Values
	if all == nil {
		all = [][2]any{s.Value}
	}
	for _, pair := range all {
		seconds, _ := pair[0].(float64)
		text, _ := pair[1].(string)
		number, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, nil, err
		}
		at, values = append(at, seconds*1000), append(values, number)
	}
	return at, values, nil
}

// lined has a frame for each series.
func lined(q queries.Query, all []promSeries) ([]frame, error) {
	var frames []frame
	for _, s := range all {
		at, values, err := s.pairs()
		if err != nil {
			return nil, err
		}
		name := named(q, s.Metric)
		if name == "" {
			name = "Value"
		}
		frames = append(frames, frame{q.RefID, []field{
			{name: "Time", time: true, values: at}, {name: "Value", shown: name, labels: s.Metric, values: values}}})
	}
	return frames, nil
}

// tabled has one frame with a column for each label.
func tabled(q queries.Query, all []promSeries) ([]frame, error) {
	if len(all) == 0 {
		return nil, nil
	}
	labels := map[string]bool{}
	for _, s := range all {
		for label := range s.Metric {
			labels[label] = true
		}
	}
	f := frame{refID: q.RefID, fields: []field{{name: "Time", time: true}}}
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		f.fields = append(f.fields, field{name: label})
	}
	f.fields = append(f.fields, field{name: "Value #" + q.RefID})
	for _, s := range all {
		at, values, err := s.pairs()
		if err != nil {
			return nil, err
		}
		for i := range at {
			for j := range f.fields {
				column := &f.fields[j]
				switch {
				case column.time:
					column.values = append(column.values, at[i])
				case j == len(f.fields)-1:
					column.values = append(column.values, values[i])
				default:
					column.values = append(column.values, any(s.Metric[column.name]))
				}
			}
		}
	}
	return []frame{f}, nil
}

// choose asks for query_result(…), the one kind of variable that needs an answer.
func (s *prometheusSource) choose(v queries.Variable, view queries.View, board map[string]any) (string, error) {
	filled, err := v.Filled(board, view)
	if err != nil {
		return "", err
	}
	expression, is := strings.CutPrefix(filled, "query_result(")
	if !is {
		return v.Current, nil
	}
	answer, err := s.call("/api/v1/query", url.Values{"query": {strings.TrimSuffix(expression, ")")}, "time": {fmt.Sprint(view.Now.Unix())}})
	if err != nil {
		return "", err
	}
	if answer.Data.ResultType == "scalar" {
		var pair [2]any
		if err := json.Unmarshal(answer.Data.Result, &pair); err != nil {
			return "", err
		}
		return v.Taken(fmt.Sprint(pair[1]))
	}
	var all []promSeries
	if err := json.Unmarshal(answer.Data.Result, &all); err != nil {
		return "", err
	}
	if len(all) == 0 {
		return v.Current, nil
	}
	name := all[0].Metric["__name__"]
	delete(all[0].Metric, "__name__")
	return v.Taken(fmt.Sprintf("%s%s %v %.0f", name, braces(all[0].Metric), all[0].Value[1], float64(view.Now.UnixMilli())))
}
