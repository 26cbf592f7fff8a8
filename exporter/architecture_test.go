package exporter_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "withings-exporter"

// shortName is how ARCHITECTURE.md calls a package: main, its last element or, of a
// command, the last two.
func shortName(importPath string) string {
	name := path.Base(importPath)
	switch {
	case importPath == module:
		return "main"
	case path.Base(path.Dir(importPath)) == "command":
		return "command/" + name
	}
	return name
}

// TestImportsAreThoseOfTheArchitecturePage compares, for every package, what it
// imports of ours with the row of the page's table. Any of them may import hint.
func TestImportsAreThoseOfTheArchitecturePage(t *testing.T) {
	page, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	list := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	list.Dir = ".."
	packages, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	said := table(string(page))
	for line := range strings.Lines(string(packages)) {
		words := strings.Fields(line)
		name := shortName(words[0])
		want, there := said[name]
		if !there {
			t.Errorf("ARCHITECTURE.md has no row for %s", name)
			continue
		}
		delete(said, name)
		var got []string
		for _, imported := range words[1:] {
			if other := shortName(imported); strings.HasPrefix(name, "command/") && strings.HasPrefix(other, "command/") {
				t.Errorf("%s imports another command, %s", name, other)
			}
			if isKit(imported) && !isKit(words[0]) {
				t.Errorf("%s imports %s, which is for tests", name, shortName(imported))
			}
			if strings.HasPrefix(imported, module+"/") && imported != module+"/exporter/hint" {
				got = append(got, shortName(imported))
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s imports %q, ARCHITECTURE.md says %q", name, got, want)
		}
	}
	for name := range said {
		t.Errorf("ARCHITECTURE.md has a row for %s, which is no package", name)
	}
}

// TestNoFileIsLong: one that has more lines than this has a second subject.
func TestNoFileIsLong(t *testing.T) {
	const most = 500
	seen := 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != ".." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case !slices.Contains([]string{".go", ".js", ".css", ".html", ".libsonnet"}, filepath.Ext(path)):
			return nil
		}
		text, err := os.ReadFile(path)
		if lines := bytes.Count(text, []byte("\n")); lines > most {
			t.Errorf("%s has %d lines, and may have %d: move what belongs together to another", path, lines, most)
		}
		seen++
		return err
	})
	if err != nil || seen < 100 {
		t.Errorf("%d files, %v", seen, err)
	}
}

// isKit tells whether only tests may use a package.
func isKit(importPath string) bool {
	return strings.HasPrefix(importPath, module+"/exporter/internal/") || slices.Contains([]string{
		module + "/exporter/testrun", module + "/exporter/testserver", module + "/grafana/queries", module + "/grafana/proof",
	}, importPath)
}

var (
	tableRow = regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\| ([^|]*) \\|")
	inTicks  = regexp.MustCompile("`([a-z/]+)`")
)

// table reads what each package may import.
func table(page string) map[string][]string {
	all := map[string][]string{}
	for _, row := range tableRow.FindAllStringSubmatch(page, -1) {
		var names []string
		for _, m := range inTicks.FindAllStringSubmatch(row[2], -1) {
			names = append(names, m[1])
		}
		slices.Sort(names)
		all[row[1]] = names
	}
	return all
}
