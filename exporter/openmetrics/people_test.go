package openmetrics

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
)

func TestTheFileKnowsItsPeople(t *testing.T) {
	names := []string{`a "b" \c`, `\n`, "Anna Müller", "Zoë\nX", "{profile=\"Ben\"}"}
	metric := exporter.Catalog()[0]
	text := []byte(header(metric))
	for range 2 {
		for _, name := range names {
			for day := range 3 {
				text = appendSample(text, metric.FullName(), appendLabels(nil, name, exporter.Sample{Metric: metric}), []byte("1"), time.Unix(int64(day), 0))
			}
		}
	}
	text = append(text, "# HELP x of {profile=\"Nobody\"}\n"+strings.Repeat("x", 1<<17)+"{profile=\"Far\"} 1\n"+ending...)
	path := filepath.Join(t.TempDir(), "x.om")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	if got, err := People(path); err != nil || !slices.Equal(got, names) {
		t.Errorf("%q, %v, want %q", got, err, names)
	}
	if _, err := People(path + ".gone"); err == nil {
		t.Error("a file that is gone has no error")
	}
}
