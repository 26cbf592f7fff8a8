package grafana

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"withings-exporter/exporter/redact"
)

// Trouble is why Grafana gets nothing from a server for which it has a data source.
type Trouble int

// The kinds of trouble.
const (
	NoTrouble   Trouble = iota
	Unreachable         // Grafana does not reach the address
	Rejected            // the server rejects the token, or user and password
	NoDatabase          // there is no such bucket or database, or it may not be read
	Foreign             // what answers is no such server
)

// small is the query of InfluxDB that a data source is tried with.
const small = "SELECT * FROM withings_body LIMIT 1"

// probe has Grafana ask the server of a data source something small: first hand it on, since that answer tells most, then
// ask by itself as for a panel, since it sends other credentials then. An answer of Grafana's own, as to an account that may
// not query, tells nothing.
func (a *api) probe(ctx context.Context, s source) (trouble Trouble, said string) {
	if trouble, said = a.passed(ctx, s); trouble == NoTrouble {
		trouble, said = a.shown(ctx, s)
	}
	return trouble, said
}

// shown has Grafana ask as for a panel.
func (a *api) shown(ctx context.Context, s source) (trouble Trouble, said string) {
	const ref = "A"
	query := map[string]any{"refId": ref, "datasource": map[string]any{"uid": s.UID, "type": s.Type}}
	if s.Type == InfluxDB {
		query["query"], query["rawQuery"], query["resultFormat"] = small, true, "table"
	} else {
		query["expr"], query["instant"] = "1", true
	}
	err := a.call(ctx, "ask as a panel", http.MethodPost, "/api/ds/query",
		map[string]any{"queries": []any{query}, "from": "now-1h", "to": "now"}, nil)
	var refused *Refused
	switch {
	case !errors.As(err, &refused) || refused.Status == http.StatusForbidden || refused.Status == http.StatusNotFound:
		return NoTrouble, ""
	case s.Type == InfluxDB: // it has answered a moment ago, when other credentials were sent
		return Rejected, ""
	}
	return Foreign, fmt.Sprintf("%d %s", refused.Status, http.StatusText(refused.Status))
}

// passed has Grafana hand a query on as it is.
func (a *api) passed(ctx context.Context, s source) (trouble Trouble, said string) {
	path := "/api/v1/query?query=1"
	if s.Type == InfluxDB {
		path = "/query?q=" + url.QueryEscape(small) + "&db=" + url.QueryEscape(fmt.Sprint(s.JSONData["dbName"]))
	}
	var answer struct {
		Status  string // of Prometheus
		Results []struct {
			Error  string
			Series []struct{ Name string }
		}
	}
	var raw json.RawMessage
	err := a.call(ctx, "ask a data source", http.MethodGet, "/api/datasources/proxy/uid/"+s.UID+path, nil, &raw)
	var refused *Refused
	switch {
	case errors.As(err, &refused) && refused.Status == http.StatusForbidden:
		return NoTrouble, ""
	case errors.As(err, &refused) && refused.Status == http.StatusBadRequest: // as which Grafana passes a 401 on
		return Rejected, ""
	case errors.As(err, &refused) && (refused.Status == http.StatusBadGateway || refused.Status == http.StatusGatewayTimeout):
		return Unreachable, ""
	case refused != nil:
		return Foreign, fmt.Sprintf("%d %s", refused.Status, http.StatusText(refused.Status))
	case err != nil && raw == nil:
		return Foreign, "a page or a text, not data"
	case json.Unmarshal(raw, &answer) != nil || s.Type == Prometheus && answer.Status != "success" || s.Type == InfluxDB && answer.Results == nil:
		return Foreign, "something else"
	case len(answer.Results) == 0:
		return NoTrouble, ""
	case answer.Results[0].Error != "":
		return NoDatabase, redact.Text(answer.Results[0].Error, a.secrets()...)
	case slices.ContainsFunc(answer.Results[0].Series, func(s struct{ Name string }) bool { return s.Name == "databases" }):
		return Foreign, "that of VictoriaMetrics" // whose answer is always the same
	}
	return NoTrouble, ""
}
