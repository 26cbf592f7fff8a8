package bundle

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"withings-exporter/exporter"
)

// Series is one series of a metric: its labels, and its value where that is about
// the exporter and not about a person.
type Series struct {
	Labels map[string]string `json:"labels,omitempty"`
	Value  string            `json:"value,omitempty"`
}

// harmless are the labels whose values say nothing about anybody.
var harmless = []string{"service", "status", "reason", "result", "metric", "position", "day", "type", "category",
	"version", "revision", "goversion", "goos", "goarch", "branch", "tags"}

var word = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_./+:() -]{0,60}$`) })

// Metrics describes what a scrape of the exporter returned, in the text format.
func Metrics(exposition io.Reader, h *Hider) (map[string][]Series, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(exposition)
	if err != nil { // it would quote what it could not read
		err = errors.New("what a running serve shows is not in the text format")
	}
	all := map[string][]Series{}
	for name, family := range families {
		own := own(name)
		if !own && exporter.ByName(strings.TrimPrefix(name, "withings_")) == nil {
			name = "[unknown metric]"
		}
		for _, m := range family.Metric {
			s := Series{Labels: map[string]string{}}
			for _, l := range m.Label {
				switch label, value := l.GetName(), l.GetValue(); {
				case label == "profile":
					s.Labels[label] = h.Name("profile", value)
				case slices.Contains(harmless, label) && word().MatchString(value):
					s.Labels[label] = value
				}
			}
			if own { // each is nil for the other types
				s.Value = fmt.Sprint(m.GetGauge().GetValue() + m.GetCounter().GetValue() + m.GetUntyped().GetValue())
			}
			all[name] = append(all[name], s)
		}
	}
	return all, err
}

// own reports whether a metric is about the exporter, not about a person.
func own(name string) bool {
	return strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_") ||
		slices.ContainsFunc(exporter.Own(), func(m exporter.OwnMetric) bool { return "withings_"+m.Name == name })
}
