package rules

import (
	"fmt"
	"strings"
)

// mixin has the same rules for jsonnet, which puts _config into them.
func mixin(boards []string) string {
	var w lines
	for _, about := range []string{generated, "Dashboards and rules as a monitoring mixin. Change what is in _config with +:: in your own file:",
		"(import 'mixin.libsonnet') + { _config+:: { noWeightDays: 7 } }"} {
		for _, line := range wrapped(about, width) {
			w.line(0, "// "+line)
		}
	}
	w.line(0, "{")
	w.line(2, "_config+:: {")
	for _, s := range settings {
		w.line(4, "// "+s.about)
		w.line(4, fmt.Sprintf("%s: %s,", s.name, literal(s.value)))
	}
	w.line(0, "")
	w.line(4, "// Whom and what the alerts are about. To leave somebody out: 'profile!~\"Ben|Carla\"';")
	w.line(4, "// a device: 'profile!=\"\",device!=\"1cb14c62\"'; to switch an alert off: 'profile=\"\"'.")
	for _, s := range allSettings()[len(settings):] {
		w.line(4, fmt.Sprintf("%s: %s,", s.name, literal(s.value)))
	}
	w.line(2, "},")
	w.line(0, "")
	w.line(2, "grafanaDashboardFolder:: 'Withings',")
	w.line(0, "")
	w.line(2, "grafanaDashboards+:: {")
	for _, slug := range boards {
		w.line(4, fmt.Sprintf("'withings-%s.json': import '../dashboards/prometheus/%[1]s.json',", slug))
	}
	w.line(2, "},")
	w.line(0, "")
	w.line(2, "prometheusAlerts+:: {")
	w.line(4, "groups+: [")
	w.jsonnetGroups(alertsFile())
	w.line(4, "] + (if !$._config.health then [] else [")
	w.jsonnetGroups(healthFile())
	w.line(4, "]),")
	w.line(2, "},")
	w.line(0, "")
	w.line(2, "prometheusRules+:: {")
	w.line(4, "groups+: [")
	w.jsonnetGroups(recordingFile())
	w.line(4, "],")
	w.line(2, "},")
	w.line(0, "}")
	return w.String()
}

// literal is a value as jsonnet writes it.
func literal(value any) string {
	text, ok := value.(string)
	if !ok {
		return fmt.Sprint(value)
	}
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}

func (w *lines) jsonnetGroups(groups []group) {
	for _, g := range groups {
		w.line(6, "{")
		w.line(8, fmt.Sprintf("name: '%s',", g.name))
		if g.interval != "" {
			w.line(8, fmt.Sprintf("interval: '%s',", g.interval))
		}
		w.line(8, "rules: [")
		for _, r := range g.recordings {
			if !strings.Contains(r.is, "\n") {
				w.line(10, fmt.Sprintf("{ record: %s, expr: %s%s },", literal(r.name), literal(r.is), format(r.is)))
				continue
			}
			w.line(10, "{")
			w.field(12, "record", r.name)
			w.field(12, "expr", r.is)
			w.line(10, "},")
		}
		for _, a := range g.alerts {
			w.line(10, "{")
			lasts := ""
			if a.lasts != "0m" {
				lasts = fmt.Sprintf(" 'for': '%s',", a.lasts)
			}
			w.line(12, fmt.Sprintf("alert: '%s',%s", a.name, lasts))
			w.field(12, "expr", a.expression())
			w.line(12, fmt.Sprintf("labels: { severity: '%s' },", a.severity))
			w.line(12, "annotations: {")
			for _, one := range a.annotations() {
				w.field(14, one.name, one.text)
			}
			w.line(12, "},")
			w.line(10, "},")
		}
		w.line(8, "],")
		w.line(6, "},")
	}
}

// field is a text with settings in it.
func (w *lines) field(indent int, name, text string) {
	if !strings.Contains(text, "\n") {
		w.line(indent, fmt.Sprintf("%s: %s%s,", name, literal(text), format(text)))
		return
	}
	w.line(indent, name+": |||")
	for line := range strings.Lines(text) {
		w.line(indent+2, strings.TrimSuffix(line, "\n"))
	}
	w.line(indent, "|||"+format(text)+",")
}

// format puts settings into a text that has some, or percent signs.
func format(text string) string {
	if strings.Contains(text, "%") {
		return " % $._config"
	}
	return ""
}
