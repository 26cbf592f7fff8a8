package testserver

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"withings-exporter/exporter/internal/truth/tally"
)

// influxQL is a server with InfluxQL.
type influxQL struct {
	*server
	database string // for queries
}

// Row is part of the answer to a query: one series, or one line of a list. Numbers
// are json.Number, times are nanoseconds.
type Row struct {
	Name    string
	Tags    map[string]string
	Columns []string
	Values  [][]any
}

// Query runs InfluxQL statements on the database and returns the results.
func (s influxQL) Query(influxql string) []Row {
	s.t.Helper()
	var rows []Row
	s.stream(influxql, func(r Row) { rows = append(rows, r) })
	return rows
}

// influxAnswer is one document of an answer, which has one for every few thousand
// points.
type influxAnswer struct {
	Error   string
	Results []struct {
		Error  string
		Series []Row
	}
}

func (s influxQL) stream(influxql string, each func(Row)) {
	s.t.Helper()
	body, err := s.ask("/query", url.Values{
		"db": {s.database}, "q": {influxql}, "epoch": {"ns"}, "chunked": {"true"},
	})
	if err != nil {
		s.t.Fatalf("query %s: %v", influxql, err)
	}
	defer body.Close()
	documents(s.server, body, func(answer influxAnswer) error {
		var problems strings.Builder
		problems.WriteString(answer.Error)
		for _, result := range answer.Results {
			problems.WriteString(result.Error)
			for _, row := range result.Series {
				each(row)
			}
		}
		if problems.String() != "" {
			return fmt.Errorf("query %s: %s", influxql, problems.String())
		}
		return nil
	})
}

// Points returns everything in the database, sorted by time.
func (s influxQL) Points() []tally.Point {
	s.t.Helper()
	var all []tally.Point
	s.points(func(_ tally.Key, p tally.Point) { all = append(all, p) })
	tally.Sort(all)
	return all
}

// Sums returns how many values each series of the database has and their exact sum.
// The values are read one by one, since the server computes sums as floats.
func (s influxQL) Sums() tally.Sums {
	s.t.Helper()
	var sums tally.Adder
	s.points(func(key tally.Key, p tally.Point) { sums.Add(key, p.Value) })
	return sums.Sums()
}

func (s influxQL) points(each func(tally.Key, tally.Point)) {
	s.t.Helper()
	// Without ::field, a field would be renamed if a tag has the same name.
	s.stream("SELECT *::field FROM /.*/ GROUP BY *", func(r Row) {
		if err := r.points(each); err != nil {
			s.t.Fatal(err)
		}
	})
}

// points splits a row into its points.
func (r Row) points(each func(tally.Key, tally.Point)) error {
	tags := map[string]string{}
	for name, value := range r.Tags {
		if value != "" { // the server lists the tags of all series
			tags[name] = value
		}
	}
	keys := make([]tally.Key, len(r.Columns))
	for i, field := range r.Columns {
		keys[i] = tally.Point{Measurement: r.Name, Tags: tags, Field: field}.Key()
	}
	for _, values := range r.Values {
		at, err := nanoseconds(values[0])
		if err != nil {
			return fmt.Errorf("time of a point of %s: %w", r.Name, err)
		}
		for i, value := range values {
			if i == 0 || value == nil {
				continue
			}
			number, err := tally.Parse(fmt.Sprint(value))
			if err != nil {
				return fmt.Errorf("field %s of %s: %w", r.Columns[i], r.Name, err)
			}
			each(keys[i], tally.Point{Measurement: r.Name, Tags: tags, Field: r.Columns[i], Time: at, Value: number})
		}
	}
	return nil
}

func nanoseconds(value any) (time.Time, error) {
	number, ok := value.(json.Number)
	if !ok {
		return time.Time{}, fmt.Errorf("%v is not a number", value)
	}
	n, err := number.Int64()
	return time.Unix(0, n).UTC(), err
}
