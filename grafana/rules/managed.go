package rules

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// managed are rules that Grafana evaluates itself, asking InfluxDB.
func managed(name, about string, alerts []alert) string {
	var w lines
	for _, about := range []string{generated,
		"Alerts for those who have InfluxDB but no Prometheus: Grafana evaluates them. Goes to /etc/grafana/provisioning/alerting.",
		about,
		`To leave a person out of one, change "profile" =~ /.*/ in its queries, for example to "profile" !~ /^(Ben|Carla)$/.`} {
		w.comment(0, about)
	}
	w.line(0, "apiVersion: 1")
	w.line(0, "groups:")
	w.line(2, "- orgId: 1")
	w.line(4, "name: "+name)
	w.line(4, "folder: Withings")
	w.line(4, "interval: 5m")
	w.line(4, "rules:")
	for _, a := range alerts {
		w.managedRule(a)
	}
	return w.String()
}

func (w *lines) managedRule(a alert) {
	w.line(6, "- uid: "+ruleUID(a.name))
	w.line(8, "title: "+a.name)
	w.line(8, fmt.Sprintf("isPaused: %t", strings.Contains(a.description, notADiagnosis)))
	w.line(8, "for: "+a.lasts)
	w.line(8, "noDataState: OK")
	w.line(8, "execErrState: "+a.onError())
	w.line(8, "labels: {severity: "+a.severity+"}")
	w.line(8, "annotations:")
	for _, one := range a.managedAnnotations() {
		w.text(10, one.name, filled(one.text))
	}
	w.line(8, "condition: condition")
	w.line(8, "data:")
	for i, query := range a.influx.queries {
		raw, letter := fmt.Sprintf("query%d", i+1), string(rune('A'+i))
		w.line(10, "- refId: "+raw)
		w.line(12, "datasourceUid: withings-influxdb")
		w.line(12, "relativeTimeRange: {from: 600, to: 0}") // the queries have times of their own
		w.line(12, "model:")
		w.line(14, "rawQuery: true")
		w.line(14, "resultFormat: time_series")
		w.text(14, "query", filled(query))
		w.expressionNode(letter, fmt.Sprintf("type: reduce, expression: %s, reducer: last", raw))
	}
	w.expressionNode("condition", fmt.Sprintf("type: math, expression: '%s'", filled(a.influx.condition)))
}

// expressionNode is what Grafana computes itself.
func (w *lines) expressionNode(name, what string) {
	w.line(10, fmt.Sprintf("- {refId: %s, datasourceUid: __expr__, model: {%s}}", name, what))
}

// onError is the state when InfluxDB cannot be asked: one alert says so.
func (a alert) onError() string {
	if a.name == nothingArrives.name {
		return "Error"
	}
	return "OK"
}

// managedAnnotations are the same texts with Grafana's templates.
func (a alert) managedAnnotations() []annotation {
	value := func(text string) string { return onlyValue().ReplaceAllLiteralString(text, "$values.A.Value") }
	return []annotation{
		{"summary", value(cmp.Or(a.influx.summary, a.summary))},
		{"description", value(a.description)},
		{"dashboard_url", a.link("{{ externalURL }}", "influxdb")},
	}
}

var onlyValue = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$value\b`) })

// ruleUID is WithingsNoWeight as withings-no-weight.
func ruleUID(name string) string {
	var uid strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			uid.WriteByte('-')
		}
		uid.WriteString(strings.ToLower(string(r)))
	}
	return uid.String()
}
