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

func TestTheFileKnowsWhatItHolds(t *testing.T) {
	names := []string{`a "b" \c`, `\n`, "Anna Müller", "Zoë\nX", "{profile=\"Ben\"}"}
	weight, asleep := exporter.ByName("weight_grams"), exporter.ByName("sleep_deep_seconds")
	var text []byte
	for _, metric := range []*exporter.Metric{asleep, weight} {
		text = append(text, header(metric)...)
		for _, name := range names {
			for _, day := range []int64{3, 1, 2} {
				text = appendSample(text, metric.FullName(), appendLabels(nil, name, exporter.Sample{Metric: metric}), []byte("1"), time.UnixMilli(day*1500))
			}
		}
	}
	text = append(text, "# HELP x of {profile=\"Nobody\"}\n"+strings.Repeat("x", 1<<17)+"{profile=\"Far\"} 1 1\nwithings_old{profile=\"Zoë\"} 1 x\n"+ending...)
	path := filepath.Join(t.TempDir(), "x.om")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	var want []Held
	for _, name := range names {
		for _, service := range []exporter.Service{exporter.Measure, exporter.Sleep} {
			want = append(want, Held{name, service, time.UnixMilli(1500), time.UnixMilli(4500)})
		}
	}
	want = slices.Insert(want, len(want)-2, Held{Profile: "Zoë"})
	slices.SortStableFunc(want, func(a, b Held) int { return strings.Compare(a.Profile, b.Profile) })
	if got, err := Holdings(path); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	if _, err := Holdings(path + ".gone"); err == nil {
		t.Error("a file that is gone has no error")
	}
}
