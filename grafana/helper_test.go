package grafana

import (
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
	"withings-exporter/grafana/queries"
)

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// TestMain has the files of servers and of what is under test in memory.
func TestMain(m *testing.M) {
	os.Exit(testrun.InMemory(m).Plain("boards and rules are texts, and what answers them is not ours").Run())
}

// queriesOf are all queries of the boards for a data source.
func queriesOf(t *testing.T, source, profile string, now time.Time) (all []queries.Query) {
	t.Helper()
	boards, err := Boards(Options{Datasource: source})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range boards {
		more, err := queries.Of(b.Name, b.JSON, profile, now)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, more...)
	}
	return all
}
