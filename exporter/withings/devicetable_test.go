package withings

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter"
)

// TestTheDeviceTableOfTheREADMEIsTrue: its models exist, its metrics are in the
// catalogue, no row promises what none of its models can record, and each service
// of the catalogue has a metric in some row.
func TestTheDeviceTableOfTheREADMEIsTrue(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| what you have |")
	table, _, ends := strings.Cut(table, "\n\n")
	rows := strings.Split(table, "\n")
	if !found || !ends || len(rows) < 7 {
		t.Fatal("README.md has no table of devices")
	}
	// Devices are what the rows are about.
	named := map[exporter.Service]bool{exporter.Device: true}
	for _, row := range rows[2:] {
		ids := modelsIn(t, row)
		for _, m := range regexp.MustCompile("`(withings_[a-z0-9_]+)(…?)`").FindAllStringSubmatch(row, -1) {
			services := servicesOf(m[1], m[2] != "")
			if len(services) == 0 {
				t.Errorf("no metric of the catalogue is called %s%s", m[1], m[2])
			}
			for _, service := range services {
				named[service] = true
				if unable := service.Row().Unable; unable != nil && len(ids) > 0 && !slices.ContainsFunc(ids, func(id int64) bool { return !unable(int(id)) }) {
					t.Errorf("%s%s is promised of models that cannot record it: %s", m[1], m[2], row)
				}
			}
		}
	}
	for _, service := range exporter.Services() {
		if !named[service] {
			t.Errorf("no row has a metric of %s", service)
		}
	}
}

// modelsIn returns the ids of the models that a row names in italics.
func modelsIn(t *testing.T, row string) (ids []int64) {
	t.Helper()
	for _, m := range regexp.MustCompile(`\*([^*]+)\*`).FindAllStringSubmatch(row, -1) {
		before := len(ids)
		for id, name := range models {
			if name == m[1] {
				ids = append(ids, id)
			}
		}
		if len(ids) == before {
			t.Errorf("no model is called %s", m[1])
		}
	}
	return ids
}

// servicesOf returns the services of the metrics with a name, or whose names begin with it.
func servicesOf(name string, begins bool) (found []exporter.Service) {
	for _, row := range exporter.Catalog() {
		full := exporter.Prefix + row.Name
		if (full == name || begins && strings.HasPrefix(full, name)) && !slices.Contains(found, row.Service) {
			found = append(found, row.Service)
		}
	}
	return found
}
