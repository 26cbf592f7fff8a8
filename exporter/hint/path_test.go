package hint_test

import (
	"path/filepath"
	"testing"

	"withings-exporter/exporter/hint"
)

func TestAMissingFileIsNamedWhole(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	whole := filepath.Join(dir, "token.txt")
	for path, want := range map[string]string{
		"token.txt":         "check the path: what was looked for is " + whole,
		"./on/../token.txt": "check the path: what was looked for is " + whole,
		whole:               "check the path",
	} {
		if got := hint.Path("check the path", path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
