package boards

// annotation marks moments, or stretches of time, on every chart of a board.
type annotation struct {
	name  string // of the switch above the board
	color string
	query string // its values are above 0 where something happened
	off   bool   // until somebody switches it on

	// Prometheus: values that are no further apart than every become one stretch.
	every string // "60s" unless said
	title string // may name labels: {{category}}
	atIt  bool   // the value is the moment, in milliseconds

	// InfluxDB: columns of the answer.
	titleColumn, textColumn, tagsColumn, endColumn string
}

// handMade are notes that people write in Grafana with the tag "withings".
const handMade = "withings"

// annotations are the notes of a board as Grafana reads them: those that people
// write, then those from the data source.
func annotations(source Source, notes []annotation) []any {
	own := map[string]any{"type": "grafana", "uid": "-- Grafana --"}
	all := []any{
		map[string]any{"builtIn": 1.0, "datasource": own, "enable": true, "hide": true, "iconColor": ink, "name": "Annotations & Alerts", "type": "dashboard"},
		map[string]any{"datasource": own, "enable": true, "iconColor": ink, "name": "Notes",
			"target": map[string]any{"type": "tags", "tags": []any{handMade}, "matchAny": false, "limit": 100.0}},
	}
	for _, n := range notes {
		one := map[string]any{"datasource": map[string]any{"type": string(source), "uid": "${datasource}"},
			"name": n.name, "enable": !n.off, "iconColor": n.color}
		if source == Prometheus {
			one["expr"], one["titleFormat"], one["step"] = n.query, n.title, n.every
			one["useValueForTime"] = n.atIt
			if n.every == "" {
				one["step"] = "60s"
			}
		} else {
			one["target"] = map[string]any{"refId": "Annotation", "name": n.name, "query": n.query, "rawQuery": true, "queryType": "tags", "fromAnnotations": true,
				"titleColumn": n.titleColumn, "textColumn": n.textColumn, "tagsColumn": n.tagsColumn, "timeEndColumn": n.endColumn}
		}
		all = append(all, one)
	}
	return all
}
