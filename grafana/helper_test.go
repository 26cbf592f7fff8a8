package grafana

import (
	"maps"
	"os"
	"slices"
	"testing"

	"withings-exporter/internal/testrun"
)

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// TestMain has the files of servers and of what is under test in memory.
func TestMain(m *testing.M) { os.Exit(testrun.InMemory(m).Run()) }
