package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// generated is what every file of rules begins with.
const generated = "Made of grafana/rules by: go test ./grafana -run Generated -update"

// Files are the files of rules, by their names in the folder grafana. Boards are the
// slugs of the dashboards that the mixin has.
func Files(boards []string) map[string]string {
	return map[string]string{
		"alerts/withings.alerts.yaml": file(alertsFile(), `Alerts about the exporter, devices and readings. One cause is one alert: "unless" says what explains it.`, leaveOut),
		"alerts/withings.health.yaml": file(healthFile(), "Alerts about health, by UTC days. They are NOT A DIAGNOSIS, and have no effect until this file is "+
			"in rule_files of Prometheus. README.md names the guidelines.", leaveOut),
		"alerts/withings.recording.yaml": file(recordingFile(), "Trends, ready to be shown or alerted on. Each is a mean of UTC days: a day with a reading counts once, "+
			"with the value measured last; one without does not count. Totals are of days that are over.", ""),
		"alerts/mixin.libsonnet":                               mixin(boards),
		"provisioning/alerting/withings-influxdb.yaml":         managed("withings-readings", pausing, slices.Concat([]alert{nothingArrives}, readingAlerts)),
		"provisioning/alerting/withings-influxdb-devices.yaml": managed("withings-devices", pausing, deviceAlerts),
		"provisioning/alerting/withings-influxdb-health.yaml": managed("withings-health", "These alerts are about health and NOT A DIAGNOSIS. They are "+
			"paused: to switch one on, set its isPaused to false. README.md names the guidelines.", healthAlerts),
	}
}

const pausing = "To switch an alert off, set its isPaused to true."

const leaveOut = `To switch an alert off, delete it from a copy of this file. To leave a person or a device out of one, ` +
	`change profile!="" in it, for example to profile!~"Ben|Carla", or to profile!="",device!="1cb14c62". ` +
	`Or have Alertmanager route it to nobody, by its labels. mixin.libsonnet has a setting for each.`

// file is a file of rules for Prometheus.
func file(groups []group, abouts ...string) string {
	var w lines
	w.comment(0, generated)
	for _, about := range abouts {
		if about != "" {
			w.comment(0, about)
		}
	}
	w.line(0, "groups:")
	for _, g := range groups {
		w.line(2, "- name: "+g.name)
		if g.interval != "" {
			w.line(4, "interval: "+g.interval)
		}
		w.line(4, "rules:")
		for _, r := range g.recordings {
			w.line(6, "- record: "+r.name)
			w.expression(filled(r.is))
		}
		for _, a := range g.alerts {
			w.line(0, "")
			w.line(6, "- alert: "+a.name)
			w.expression(filled(a.expression()))
			if a.lasts != "0m" {
				w.line(8, "for: "+a.lasts)
			}
			w.line(8, "labels:")
			w.line(10, "severity: "+a.severity)
			w.line(8, "annotations:")
			for _, one := range a.annotations() {
				w.text(10, one.name, filled(one.text))
			}
		}
	}
	return w.String()
}

// lines are those of a file.
type lines struct{ strings.Builder }

func (w *lines) line(indent int, text string) {
	if text != "" {
		w.WriteString(strings.Repeat(" ", indent) + text)
	}
	w.WriteByte('\n')
}

const width = 120

// comment is broken into lines.
func (w *lines) comment(indent int, text string) {
	for _, line := range wrapped(text, width-indent-2) {
		w.line(indent, "# "+line)
	}
}

func (w *lines) expression(text string) {
	if !strings.Contains(text, "\n") {
		w.line(8, "expr: "+text)
		return
	}
	w.line(8, "expr: |")
	for line := range strings.Lines(text) {
		w.line(10, strings.TrimSuffix(line, "\n"))
	}
}

// text is folded where it is long.
func (w *lines) text(indent int, name, text string) {
	if len(text) < width-indent-len(name)-4 {
		w.line(indent, fmt.Sprintf("%s: '%s'", name, strings.ReplaceAll(text, "'", "''")))
		return
	}
	w.line(indent, name+": >-")
	for _, line := range wrapped(text, width-indent-2) {
		w.line(indent+2, line)
	}
}

var inBraces = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\{.*?\}\}`) })

// wrapped breaks a text into lines, but for what is in double braces.
func wrapped(text string, width int) []string {
	const unbroken = "\x00"
	text = inBraces().ReplaceAllStringFunc(text, func(found string) string { return strings.ReplaceAll(found, " ", unbroken) })
	var all []string
	line := ""
	for word := range strings.SplitSeq(text, " ") {
		word = strings.ReplaceAll(word, unbroken, " ")
		if line != "" && len(line)+1+len(word) > width {
			all, line = append(all, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(all, line)
}
