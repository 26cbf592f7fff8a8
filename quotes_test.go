package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// troubles is the page that explains messages.
const troubles = "exporter/docs/troubleshooting.md"

// TestTheMessagesThatAreExplainedExist: whoever searches the page for what the program, its page or Withings has said must find it, and
// what it quotes, flags and metrics must not have been renamed.
func TestTheMessagesThatAreExplainedExist(t *testing.T) {
	text := readAll(t, troubles)
	page := regexp.MustCompile("(?ms)^```.*?^```$").ReplaceAllString(text, "")
	said := strings.ToLower(saidByTheProgram(t))
	headings := regexp.MustCompile(`(?m)^\*\*([^*]+)\*\*`).FindAllStringSubmatch(page, -1)
	quoted := 0
	for _, m := range regexp.MustCompile(`(?s)"([^"]+)"`).FindAllStringSubmatch(regexp.MustCompile("`[^`\n]*`").ReplaceAllString(page, ""), -1) {
		message := strings.Join(strings.Fields(m[1]), " ")
		if message == "Today" || slices.ContainsFunc(headings, func(h []string) bool { return strings.TrimSuffix(h[1], ".") == message }) {
			continue // a word, or another paragraph
		}
		quoted++
		for part := range strings.SplitSeq(message, "…") {
			part = regexp.MustCompile(` after \d+s$`).ReplaceAllString(part, "")
			if !strings.Contains(said, strings.ToLower(strings.TrimSpace(part))) {
				t.Errorf("%s explains %q, which nobody says", troubles, message)
			}
		}
	}
	if quoted < 10 {
		t.Errorf("%s quotes %d messages, want ten at least", troubles, quoted)
	}
	flags, metrics := readAll(t, "exporter/docs/flags.md"), readAll(t, "exporter/METRICS.md")
	for _, flag := range regexp.MustCompile(`--[a-z][a-z.-]*[a-z]`).FindAllString(page, -1) {
		if !strings.Contains(flags, "`"+flag+"`") && !strings.Contains(flags, "`"+flag+"=") {
			t.Errorf("%s names %s, which is not a flag", troubles, flag)
		}
	}
	for _, metric := range regexp.MustCompile(`withings_[a-z0-9_]+`).FindAllString(page, -1) {
		if !strings.Contains(metrics, "`"+metric) {
			t.Errorf("%s names %s, which is not a metric", troubles, metric)
		}
	}
}

func readAll(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// saidByTheProgram is every string of the program and of the simulated Withings, whose words are the real one's, and its page; each on a
// line of its own.
func saidByTheProgram(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	all.WriteString(readAll(t, "exporter/web/page.html") + "\n")
	tables, err := filepath.Glob("exporter/testdata/mistakes/*.txt") // what was seen to be said
	if err != nil || len(tables) == 0 {
		t.Fatal(tables, err)
	}
	for _, file := range tables {
		for line := range strings.Lines(readAll(t, file)) {
			if message, is := strings.CutPrefix(line, "> "); is {
				all.WriteString(message)
			}
		}
	}
	err = filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil, entry.IsDir() && (entry.Name() == "internal" || entry.Name() == "testdata" || path != "." && strings.HasPrefix(entry.Name(), ".")):
			return passOver(err)
		case !strings.HasSuffix(path, ".go"), strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, is := n.(*ast.BasicLit); is && literal.Kind == token.STRING {
				if text, err := strconv.Unquote(literal.Value); err == nil {
					all.WriteString(text + "\n")
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// passOver is the error of a walk, or passes over a folder.
func passOver(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}
