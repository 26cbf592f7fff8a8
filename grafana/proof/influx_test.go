package proof

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter/testserver"
	"withings-exporter/grafana/queries"
)

// influxSource is an InfluxDB with the histories.
type influxSource struct{ url, database, token string }

// newInflux starts InfluxDB 1.8 with what there is of all people.
func newInflux(t *testing.T, all []*history) source {
	t.Helper()
	server := testserver.Influx(t)
	s := &influxSource{server.URL, server.Database, server.Token}
	for _, h := range all {
		path := "/api/v2/write?" + url.Values{"org": {server.Org}, "bucket": {server.Bucket}, "precision": {"s"}}.Encode()
		if _, err := s.call(path, "text/plain", h.lines()); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *influxSource) call(path, kind, body string) ([]byte, error) {
	request, err := http.NewRequest(http.MethodPost, s.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Token "+s.token)
	request.Header.Set("Content-Type", kind)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s: %s", answer.Status, text)
	}
	return text, nil
}

// influxSeries is a part of an answer: the points with the same tags.
type influxSeries struct {
	Name    string
	Tags    map[string]string
	Columns []string
	Values  [][]any
}

func (s *influxSource) series(query string) ([]influxSeries, error) {
	text, err := s.call("/query", "application/x-www-form-urlencoded", url.Values{"db": {s.database}, "q": {query}, "epoch": {"ms"}}.Encode())
	if err != nil {
		return nil, err
	}
	var answer struct {
		Error   string
		Results []struct {
			Error  string
			Series []influxSeries
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, err
	}
	var all []influxSeries
	for _, r := range answer.Results {
		if r.Error != "" {
			return nil, fmt.Errorf("%s", r.Error)
		}
		all = append(all, r.Series...)
	}
	if answer.Error != "" {
		return nil, fmt.Errorf("%s", answer.Error)
	}
	return all, nil
}

func (s *influxSource) ask(q queries.Query) ([]frame, error) {
	all, err := s.series(q.Text)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	if q.Table {
		return []frame{wide(q, all)}, nil
	}
	var frames []frame
	for _, one := range all {
		for i, column := range one.Columns[1:] {
			at, values := field{name: "Time", time: true}, field{name: column, shown: named(q, one.Tags), labels: one.Tags}
			if values.shown == "" {
				values.shown = one.Name + "." + column
			}
			for _, row := range one.Values {
				at.values, values.values = append(at.values, row[0]), append(values.values, row[i+1])
			}
			frames = append(frames, frame{q.RefID, []field{at, values}})
		}
	}
	return frames, nil
}

// wide has a column for the time, for each tag and for each value.
func wide(q queries.Query, all []influxSeries) frame {
	f := frame{refID: q.RefID, fields: []field{{name: "Time", time: true}}}
	tags := slices.Sorted(maps.Keys(all[0].Tags))
	for _, name := range append(slices.Clone(tags), all[0].Columns[1:]...) {
		f.fields = append(f.fields, field{name: name})
	}
	for _, one := range all {
		for _, row := range one.Values {
			f.fields[0].values = append(f.fields[0].values, row[0])
			for i, tag := range tags {
				f.fields[1+i].values = append(f.fields[1+i].values, any(one.Tags[tag]))
			}
			for i := range row[1:] {
				column := &f.fields[1+len(tags)+i]
				column.values = append(column.values, row[1+i])
			}
		}
	}
	return f
}

// choose knows no variable that has to be asked for.
func (s *influxSource) choose(v queries.Variable, _ queries.View, _ map[string]any) (string, error) {
	return v.Current, nil
}
