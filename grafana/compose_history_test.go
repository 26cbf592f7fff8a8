package grafana

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/testserver"
)

// importHistory runs the script of compose.yaml and returns what it says, and
// how many blocks Prometheus has afterwards.
func importHistory(t *testing.T, data, tsdb string) (said string, blocks int) {
	t.Helper()
	testrun.Shell.Of(t)
	testrun.Promtool.Of(t) // which the script calls
	out, err := exec.CommandContext(t.Context(), "sh", "compose/import-history.sh", filepath.Join(data, "history"), tsdb).CombinedOutput()
	if err != nil {
		t.Fatalf("import-history.sh: %v\n%s", err, out)
	}
	found, err := filepath.Glob(filepath.Join(tsdb, "*", "meta.json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(out), len(found)
}

// history writes a file of two readings, a year apart, of each of some people.
func history(t *testing.T, dir, name string, people ...string) {
	t.Helper()
	first := time.Date(2025, 3, 1, 7, 0, 0, 0, time.UTC)
	text := "# TYPE withings_weight_grams gauge\n"
	for _, person := range append(people, name) {
		text += fmt.Sprintf("withings_weight_grams{profile=%q} 71000 %d\n", person, first.Unix()) +
			fmt.Sprintf("withings_weight_grams{profile=%q} 72000 %d\n", person, first.AddDate(1, 0, 0).Unix())
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text+"# EOF\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestHistoryComesIntoPrometheusOnce(t *testing.T) {
	data, tsdb := t.TempDir(), t.TempDir()
	if said, blocks := importHistory(t, data, tsdb); said != "" || blocks != 0 {
		t.Errorf("without a file it says %q and makes %d blocks", said, blocks)
	}
	history(t, data, "history.om")
	history(t, data, "demo-history.om") // of simulated people
	if said, blocks := importHistory(t, data, tsdb); !strings.Contains(said, "importing") || strings.Contains(said, "demo") || blocks != 2 {
		t.Errorf("it says %q and makes %d blocks, want the two of history.om", said, blocks)
	}
	if said, blocks := importHistory(t, data, tsdb); !strings.Contains(said, "history.om is in Prometheus already") || blocks != 2 {
		t.Errorf("the second time it says %q, and there are %d blocks", said, blocks)
	}
	history(t, data, "history-ben.om")
	if _, blocks := importHistory(t, data, tsdb); blocks != 4 {
		t.Errorf("with another file there are %d blocks, want 4", blocks)
	}
	history(t, data, "history.om", "a new person")
	if said, blocks := importHistory(t, data, tsdb); !strings.Contains(said, "importing "+filepath.Join(data, "history.om")) || strings.Contains(said, "importing "+filepath.Join(data, "history-ben.om")) || blocks != 6 {
		t.Errorf("after the first file was written again it says %q, and there are %d blocks, want 6", said, blocks)
	}
	if said, blocks := importHistory(t, data, tsdb); strings.Contains(said, "importing") || blocks != 6 {
		t.Errorf("the last time it says %q, and there are %d blocks", said, blocks)
	}
	const all = `count_over_time({profile=~".+"}[3y])`
	counted := testserver.Prometheus(t, tsdb).Query(all, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
	for _, series := range counted {
		if series.Value[1] != "2" {
			t.Errorf("of %v Prometheus has %v readings, want 2", series.Metric, series.Value[1])
		}
	}
	if len(counted) != 3 {
		t.Errorf("Prometheus has %d people, want 3", len(counted))
	}
	if _, err := os.Stat(filepath.Join(tsdb, "import")); !os.IsNotExist(err) {
		t.Errorf("its working folder is left behind: %v", err)
	}
}

func TestInterruptedImportIsBegunAnew(t *testing.T) {
	data, tsdb := t.TempDir(), t.TempDir()
	history(t, data, "history.om")
	left := filepath.Join(tsdb, "import", "01HALF")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(left, "meta.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, blocks := importHistory(t, data, tsdb); blocks != 2 {
		t.Errorf("%d blocks, want the two whole ones", blocks)
	}
}

func TestDamagedHistoryIsNotTakenForBrought(t *testing.T) {
	testrun.Promtool.Of(t)
	data, tsdb := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "history.om"), []byte("withings_weight_grams 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "sh", "compose/import-history.sh", filepath.Join(data, "history"), tsdb).CombinedOutput()
	if err == nil {
		t.Errorf("a file that ends in the middle is taken: %s", out)
	}
	if _, err := os.Stat(filepath.Join(tsdb, "imported", "history.om")); !os.IsNotExist(err) {
		t.Errorf("it counts as brought: %v", err)
	}
}
