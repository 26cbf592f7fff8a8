package grafana

import (
	"encoding/json"
	"strings"
)

// shared is the board in the form that grafana.com takes: the data source is an
// input that Grafana asks for when the board is imported, instead of a variable.
func (b Board) shared() (Board, error) {
	input := map[string]string{Prometheus: "DS_PROMETHEUS", InfluxDB: "DS_INFLUXDB"}[b.Source]
	label := map[string]string{Prometheus: "Prometheus", InfluxDB: "InfluxDB"}[b.Source]
	plain, err := json.Marshal(b.JSON)
	if err != nil {
		return b, err
	}
	var page map[string]any
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(plain), "${datasource}", "${"+input+"}")), &page); err != nil {
		return b, err
	}
	if templating, ok := page["templating"].(map[string]any); ok {
		templating["list"] = without(templating["list"], "datasource")
	}
	page["__inputs"] = []any{map[string]any{"name": input, "label": label, "description": "Where the readings are",
		"type": "datasource", "pluginId": b.Source, "pluginName": label}}
	page["__elements"] = map[string]any{}
	page["__requires"] = requires(page, b.Source, label)
	b.JSON = page
	return b, nil
}

// without is a list of variables without one of them.
func without(list any, name string) []any {
	var rest []any
	variables, _ := list.([]any)
	for _, v := range variables {
		if m, ok := v.(map[string]any); !ok || m["name"] != name {
			rest = append(rest, v)
		}
	}
	return rest
}

// requires lists what the board is made of, as Grafana's own export does.
func requires(page map[string]any, source, label string) []any {
	all := []any{
		map[string]any{"type": "grafana", "id": "grafana", "name": "Grafana", "version": "10.0.0"},
		map[string]any{"type": "datasource", "id": source, "name": label, "version": "1.0.0"},
	}
	seen := map[string]bool{"row": true}
	for _, p := range panelsOf(page) {
		if kind := text(p["type"]); !seen[kind] {
			seen[kind] = true
			all = append(all, map[string]any{"type": "panel", "id": kind, "name": kind, "version": ""})
		}
	}
	return all
}

// panelsOf are all panels of a board, without the rows.
func panelsOf(page map[string]any) []map[string]any {
	var all []map[string]any
	list, _ := page["panels"].([]any)
	for _, one := range list {
		if p, ok := one.(map[string]any); ok && p["type"] != "row" {
			all = append(all, p)
		}
	}
	return all
}
