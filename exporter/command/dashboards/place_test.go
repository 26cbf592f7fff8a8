package dashboards

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAFolderThatKeepsGrafanaOutIsFound(t *testing.T) {
	usual := hidden
	t.Cleanup(func() { hidden = usual })
	top := t.TempDir()
	hidden = []string{filepath.Join(top, "tmp")}
	home := filepath.Join(top, "home", "anna")
	for folder, mode := range map[string]os.FileMode{home: 0o750, filepath.Join(top, "srv"): 0o755, hidden[0]: 0o755} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(folder, mode); err != nil {
			t.Fatal(err)
		}
	}
	for dir, want := range map[string]string{
		filepath.Join(home, "new", "boards"):   home,
		filepath.Join(hidden[0], "boards"):     hidden[0],
		filepath.Join(top, "srv", "new", "in"): "",
	} {
		got := closed(dir)
		if !strings.HasPrefix(got, top) { // where the tests run is of no matter
			got = ""
		}
		if got != want {
			t.Errorf("on the way to %s, %q keeps Grafana out, want %q", dir, got, want)
		}
	}
}
