package grafana

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
	"withings-exporter/grafana/queries"
)

// TestEveryPanelFindsDataInARealGrafana installs the boards in the Grafana at
// GRAFANA_URL and lets it run every query, for the person GRAFANA_PROFILE
// (Anna, whom the demo gives every device). It needs data sources with five
// years of the demo; GRAFANA_TOKEN may be empty where visitors are admins.
func TestEveryPanelFindsDataInARealGrafana(t *testing.T) {
	testrun.Grafana.Of(t)
	address := os.Getenv("GRAFANA_URL")
	profile := os.Getenv("GRAFANA_PROFILE")
	if profile == "" {
		profile = "Anna"
	}
	to, err := newAPI(nil, address, os.Getenv("GRAFANA_TOKEN"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if _, err := Install(ctx, nil, address, os.Getenv("GRAFANA_TOKEN"), Options{}); err != nil {
		t.Fatal(err)
	}
	steps, err := Install(ctx, nil, address, os.Getenv("GRAFANA_TOKEN"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if s.Done != unchanged {
			t.Errorf("a second time: %s", s)
		}
	}
	for _, source := range []string{Prometheus, InfluxDB} {
		t.Run(source, func(t *testing.T) {
			uid := dataSourceOf(t, ctx, to, source)
			for _, q := range queriesOf(t, source, profile, time.Now()) {
				name := fmt.Sprintf("%s, %s, %s %s", q.Board, q.Row, q.Panel, q.RefID)
				rows, err := to.ask(ctx, uid, source, q)
				reason := mayBeEmpty(q)
				switch {
				case err != nil:
					t.Errorf("%s: %v\n%s", name, err, q.Text)
				case rows == 0 && reason == "":
					t.Errorf("%s is empty\n%s", name, q.Text)
				case rows == 0:
					t.Logf("%s is empty: %s", name, reason)
				}
			}
		})
	}
}

// TestARealGrafanaEvaluatesItsAlerts lets Grafana evaluate the rules without saving them.
func TestARealGrafanaEvaluatesItsAlerts(t *testing.T) {
	testrun.Grafana.Of(t)
	to, err := newAPI(nil, os.Getenv("GRAFANA_URL"), os.Getenv("GRAFANA_TOKEN"))
	if err != nil {
		t.Fatal(err)
	}
	uid := dataSourceOf(t, t.Context(), to, InfluxDB)
	people := false
	for _, name := range alertFiles[InfluxDB] {
		var file struct {
			Groups []struct{ Rules []map[string]any }
		}
		read(t, name, &file)
		for _, r := range file.Groups[0].Rules {
			data := r["data"].([]any)
			for _, one := range data {
				if query := one.(map[string]any); query["datasourceUid"] == "withings-influxdb" {
					query["datasourceUid"] = uid
				}
			}
			var answer struct {
				Results map[string]struct {
					Error  string
					Frames []struct {
						Schema struct {
							Fields []struct{ Labels map[string]string }
						}
					}
				}
			}
			if err := to.call(t.Context(), "evaluate a rule", http.MethodPost, "/api/v1/eval", map[string]any{"data": data, "now": time.Now()}, &answer); err != nil {
				t.Errorf("%s: %v", r["title"], err)
			}
			for letter, result := range answer.Results {
				if result.Error != "" {
					t.Errorf("%s, %s: %s", r["title"], letter, result.Error)
				}
			}
			for _, f := range answer.Results["condition"].Frames {
				people = people || len(f.Schema.Fields) > 0 && f.Schema.Fields[0].Labels["profile"] != ""
			}
		}
	}
	if !people {
		t.Error("no rule is about anybody")
	}
}

func dataSourceOf(t *testing.T, ctx context.Context, a *api, kind string) string {
	t.Helper()
	var all []source
	if err := a.call(ctx, "list data sources", http.MethodGet, "/api/datasources", nil, &all); err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Type == kind {
			return s.UID
		}
	}
	t.Fatalf("this Grafana has no data source of the type %s", kind)
	return ""
}

// ask lets Grafana run a query and counts the rows of the answer.
func (a *api) ask(ctx context.Context, uid, kind string, q queries.Query) (int, error) {
	query := map[string]any{"refId": q.RefID, "datasource": map[string]any{"uid": uid, "type": kind},
		"intervalMs": q.Step.Milliseconds(), "maxDataPoints": 5000}
	if kind == Prometheus {
		query["expr"], query["instant"], query["range"] = q.Text, q.Instant, !q.Instant
		query["interval"] = fmt.Sprintf("%ds", int(q.Step.Seconds()))
	} else {
		query["query"], query["rawQuery"], query["resultFormat"] = q.Text, true, "time_series"
		if q.Table {
			query["resultFormat"] = "table"
		}
	}
	var answer struct {
		Results map[string]struct {
			Error  string
			Frames []struct {
				Data struct{ Values [][]json.RawMessage }
			}
		}
	}
	err := a.call(ctx, "run a query", http.MethodPost, "/api/ds/query", map[string]any{
		"queries": []any{query}, "from": fmt.Sprint(q.From.UnixMilli()), "to": fmt.Sprint(q.To.UnixMilli())}, &answer)
	if err != nil {
		return 0, err
	}
	result := answer.Results[q.RefID]
	if result.Error != "" {
		return 0, fmt.Errorf("%s", result.Error)
	}
	rows := 0
	for _, f := range result.Frames {
		if len(f.Data.Values) > 0 {
			rows += len(f.Data.Values[0])
		}
	}
	return rows, nil
}
