package bundle

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"withings-exporter/exporter"
)

var (
	series  = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: \S+)?$`)
	labels  = regexp.MustCompile(`([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"`)
	numeric = regexp.MustCompile(`^[-+0-9.eInfNa]+$`)
	word    = regexp.MustCompile(`^[A-Za-z0-9_./+:() -]{0,60}$`)
)

// harmless are the labels whose values tell nothing of anybody.
var harmless = []string{"service", "status", "reason", "result", "metric", "position", "day", "type",
	"version", "revision", "goversion", "goos", "goarch", "branch", "tags", "quantile", "le"}

// Metrics shows what a scrape of the exporter gives: names and labels of all
// series, with stand-ins for people, and the values of those that are about the
// exporter, Go and the process.
func Metrics(w io.Writer, exposition string, mask *Mask) {
	for line := range strings.Lines(exposition) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		m := series.FindStringSubmatch(line)
		if m == nil {
			fmt.Fprintln(w, "[a line that is no sample]")
			continue
		}
		name, own := metricName(m[1])
		value := "[value]"
		if own && numeric.MatchString(m[3]) {
			value = m[3]
		}
		fmt.Fprintln(w, name+shownLabels(m[2], mask), value)
	}
}

// metricName is the name of a metric that can be one of ours; own when it is
// about the exporter and not about a person.
func metricName(name string) (shown string, own bool) {
	for _, prefix := range []string{"go_", "process_", "promhttp_"} {
		if strings.HasPrefix(name, prefix) {
			return name, true
		}
	}
	bare, ok := strings.CutPrefix(name, "withings_")
	if !ok {
		return "[unknown metric]", false
	}
	if slices.ContainsFunc(exporter.Own(), func(m exporter.OwnMetric) bool { return m.Name == bare }) {
		return name, true
	}
	if exporter.ByName(bare) == nil {
		return "[unknown metric]", false
	}
	return name, false
}

// shownLabels is the labels in braces.
func shownLabels(text string, mask *Mask) string {
	var all []string
	for _, m := range labels.FindAllStringSubmatch(text, -1) {
		name, value := m[1], "[…]"
		switch {
		case name == "profile":
			value = mask.Name("profile", unescapedLabel(m[2]))
		case slices.Contains(harmless, name) && word.MatchString(m[2]):
			value = m[2]
		}
		all = append(all, fmt.Sprintf("%s=%q", name, value))
	}
	if len(all) == 0 {
		return ""
	}
	return "{" + strings.Join(all, ",") + "}"
}

func unescapedLabel(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(s)
}
