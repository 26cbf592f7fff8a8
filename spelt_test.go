package main

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// everywhere are the files that tell of commands without knowing how the program is installed: help and man page, which say how it is
// called, the rules, which a Prometheus elsewhere reads, and what goes into a bug report.
var everywhere = []string{
	"main.go", "exporter/command/manual/handbook.go", "exporter/command/check/bundle.go", "exporter/shell/command.go",
	"grafana/rules/exporter.go", "grafana/rules/influx.go",
}

// TestCommandsAreSpeltByTheShellPackage: a service is told of by other commands than a program that was unpacked somewhere, and one
// place knows which. A message that spells a command itself is right for one of them alone.
func TestCommandsAreSpeltByTheShellPackage(t *testing.T) {
	spelt := regexp.MustCompile(`withings-exporter (auth|backfill|check|dashboards|demo|heart|import|notify|serve)\b|systemctl [a-z]`)
	used := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		path = filepath.ToSlash(path)
		switch {
		case err != nil || entry.IsDir() && (path != "." && strings.HasPrefix(entry.Name(), ".") || path == "exporter/internal"):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		return goTexts(path, 0, func(where, text string) {
			switch found := spelt.FindString(text); {
			case found == "":
			case slices.Contains(everywhere, path):
				used[path] = true
			default:
				t.Errorf("%s spells %q itself: say it by exporter/shell", where, found)
			}
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range everywhere {
		if !used[path] {
			t.Errorf("%s spells no command and is no exception", path)
		}
	}
}
