package influx

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// influxql sends an InfluxQL statement, which InfluxDB 1, 2 and 3 know.
func (w *Writer) influxql(ctx context.Context, statement string) (reply, error) {
	database, policy, _ := strings.Cut(w.bucket, "/")
	form := url.Values{"db": {database}, "q": {statement}}
	if policy != "" && strings.HasPrefix(statement, "SELECT") {
		form.Set("rp", policy)
	}
	return w.ask(ctx, "query", nil, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
}

// result is the answer to one statement.
type result struct {
	Statement *int              `json:"statement_id"`
	Series    []json.RawMessage `json:"series"`
	Error     string            `json:"error"`
}

// results are those in an answer; false if it is not an answer to InfluxQL.
func (r reply) results() ([]result, bool) {
	var told struct{ Results []result }
	if r.status != http.StatusOK || json.Unmarshal(r.body, &told) != nil || len(told.Results) == 0 {
		return nil, false
	}
	return told.Results, true
}

// rows are those of the answer to one query; false if it is not such an answer, as
// without the right to read.
func (r reply) rows() ([]json.RawMessage, bool) {
	results, ok := r.results()
	if !ok || len(results) != 1 || results[0].Error != "" || results[0].Statement == nil {
		return nil, false
	}
	return results[0].Series, true
}

// has reports whether the database has a point of the profile at a spot. That is not
// always known: VictoriaMetrics has no InfluxQL, and a token may not be allowed to
// read.
func (w *Writer) has(ctx context.Context, profile string, s spot) (there, known bool, err error) {
	question := fmt.Sprintf("SELECT count(*) FROM %q WHERE %stime = %ds", s.Measurement, whose(profile), s.At)
	got, err := w.influxql(ctx, question)
	if err != nil { // a look of many questions would hardly ever end where each sixth answer is lost
		got, err = w.influxql(ctx, question)
	}
	if err != nil {
		return false, false, w.unreachable(err)
	}
	found, ok := got.rows()
	if !ok {
		return false, false, nil
	}
	if len(found) == 0 {
		return false, true, nil
	}
	var series struct{ Name string }
	if json.Unmarshal(found[0], &series) != nil || series.Name != s.Measurement {
		return false, false, nil // the answer to something else
	}
	return true, true, nil
}

// whose is the condition for points of a profile.
func whose(profile string) string {
	if profile == "" {
		return ""
	}
	return `"profile" = ` + quote(profile, `'`) + " AND "
}

// quote writes a string of a statement, or a name.
func quote(s, mark string) string {
	return mark + strings.NewReplacer(`\`, `\\`, "\n", `\n`, mark, `\`+mark).Replace(s) + mark
}
