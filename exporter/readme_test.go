package exporter

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestThePerformanceTableNamesBenchmarksThatExist: each of its commands selects some.
func TestThePerformanceTableNamesBenchmarksThatExist(t *testing.T) {
	text, err := os.ReadFile("PERFORMANCE.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`(?m)^    .*-bench '?([^' ]+)'?.* \./exporter/(\S+)$`).FindAllStringSubmatch(string(text), -1)
	if len(commands) < 5 {
		t.Fatalf("%d commands, want one for each table", len(commands))
	}
	for _, command := range commands {
		for choice := range strings.SplitSeq(command[1], "|") {
			name, _, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(choice, "Benchmark"), "$"), "/")
			if !hasBenchmark(t, command[2], name) {
				t.Errorf("%s has no benchmark with %q in its name", command[2], name)
			}
		}
	}
}

// hasBenchmark reports whether a package has a benchmark with a word in its name.
func hasBenchmark(t *testing.T, folder, word string) (found bool) {
	t.Helper()
	named := regexp.MustCompile(`func Benchmark\w*` + regexp.QuoteMeta(word))
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		found = found || named.Match(source)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestTheDocsListEveryService by the name that --services takes.
func TestTheDocsListEveryService(t *testing.T) {
	text, err := os.ReadFile("docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, service := range Services() {
		names = append(names, string(service))
	}
	want := "The names are " + strings.Join(names, ", ") + "."
	if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), want) {
		t.Errorf("docs/troubleshooting.md lacks: %s", want)
	}
}
