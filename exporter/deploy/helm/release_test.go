package helm

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"withings-exporter/exporter/testrun"
)

// TestReleasedChartMakesTheSame packs the chart twice and has Helm install it from there.
func TestReleasedChartMakesTheSame(t *testing.T) {
	testrun.Linux.Of(t) // whose tar sorts
	dir := t.TempDir()
	var packed [2][]byte
	for i, name := range []string{"withings-exporter-1.2.3.tgz", "again.tgz"} {
		command := exec.CommandContext(t.Context(), filepath.Join(root, ".ci", "chart"), "1.2.3", filepath.Join(dir, name))
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		packed[i] = text
	}
	if !bytes.Equal(packed[0], packed[1]) {
		t.Error("the same commit gives two charts")
	}
	out, talk, err := helm(t, append([]string{"template", "home", filepath.Join(dir, "withings-exporter-1.2.3.tgz"), "--namespace", "health"}, with("all")...)...)
	if err != nil || strings.Contains(talk, "symbolic link") {
		t.Fatalf("%v\n%s", err, talk)
	}
	if want := strings.ReplaceAll(render(t, with("all")...), "0.0.0", "1.2.3"); out != want {
		t.Errorf("the released chart makes %d bytes, that of the repository %d", len(out), len(want))
	}
	list, err := exec.CommandContext(t.Context(), "tar", "-tzf", filepath.Join(dir, "again.tgz")).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"_test.yaml", "/ci/", "libsonnet"} {
		if strings.Contains(string(list), name) {
			t.Errorf("the released chart has %s:\n%s", name, list)
		}
	}
}
