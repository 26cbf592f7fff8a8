package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/command/manual"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/testrun"
)

// What is written of the grammar, for people and for Helm.

const rewrite = "go test -run Generated . -update"

// wholeGrammar is that of all commands.
func wholeGrammar(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := (&line{}).parser(&commands{}, &config.Files{})
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

// generated compares a file with what make makes of it, or with -update writes that.
func generated(t *testing.T, file string, make func(before string) (after string)) {
	t.Helper()
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	switch after := make(string(before)); {
	case after == string(before):
	case *testrun.Update:
		if err := os.WriteFile(file, []byte(after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not what the grammar says; write it: %s", file, rewrite)
	}
}

// TestGeneratedTablesOfFlagsAreWhatTheGrammarSays is about what stands between comments such as
// <!-- flags --> and <!-- /flags -->.
func TestGeneratedTablesOfFlagsAreWhatTheGrammarSays(t *testing.T) {
	grammar := wholeGrammar(t)
	generated(t, "exporter/docs/flags.md", func(text string) string {
		for name, tables := range map[string]string{"commands": manual.Commands(grammar), "flags": manual.Flags(grammar)} {
			replaced, err := manual.Replace(text, name, tables)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			text = replaced
		}
		return text
	})
}

// TestGeneratedSchemaOfTheChartKnowsTheKeysOfTheGrammar is about the property config of the chart's values.
func TestGeneratedSchemaOfTheChartKnowsTheKeysOfTheGrammar(t *testing.T) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("    ", "  ")
	if err := encoder.Encode(config.Schema(wholeGrammar(t))); err != nil {
		t.Fatal(err)
	}
	// What has nothing inside is on one line.
	lines := regexp.MustCompile(`\{[^{}]*\}|\[[^][{}]*\]`).ReplaceAllFunc(bytes.TrimSpace(text.Bytes()), func(leaf []byte) []byte {
		return bytes.Join(bytes.Fields(leaf), []byte(" "))
	})
	property := regexp.MustCompile(`(?ms)^    "config": \{.*?^    \}`)
	generated(t, "exporter/deploy/helm/withings-exporter/values.schema.json", func(before string) string {
		at := property.FindStringIndex(before)
		if at == nil {
			t.Fatal("it has no property config")
		}
		return before[:at[0]] + `    "config": ` + string(lines) + before[at[1]:]
	})
}

// TestCommandsThatWriteFilesCanBeRun has every "go test … -update" that a document or a message names: all packages that it is run for
// know the flag, and one of them has a test of that name which heeds it.
func TestCommandsThatWriteFilesCanBeRun(t *testing.T) {
	command := regexp.MustCompile(`go test (?:-run (\S+) )?(\./?\S*)(?: -run ('[^']+'|[A-Z]\w+))? -update\b`)
	found := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || entry.IsDir() && path != "." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case !slices.Contains([]string{".go", ".md", ".yaml"}, filepath.Ext(path)):
			return nil
		}
		text, err := os.ReadFile(path)
		for _, match := range command.FindAllStringSubmatch(strings.Join(strings.Fields(string(text)), " "), -1) {
			if !found[match[0]] {
				found[match[0]] = true
				heeded(t, match[0], match[2], strings.Trim(match[1]+match[3], "'"))
			}
		}
		return err
	})
	if err != nil || len(found) < 7 {
		t.Errorf("%v; commands are %v", err, slices.Sorted(maps.Keys(found)))
	}
}

// testName is the name of a test in the text of a file.
var testName = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// heeded looks at the packages of such a command.
func heeded(t *testing.T, command, packages, pattern string) {
	t.Helper()
	dir, deep := strings.CutSuffix(packages, "/...")
	wanted, named := regexp.MustCompile(pattern), false
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() || path != dir && !deep {
			if entry != nil && entry.IsDir() {
				return fs.SkipDir
			}
			return err
		}
		tests, err := filepath.Glob(filepath.Join(path, "*_test.go"))
		knows := len(tests) == 0
		for _, file := range tests {
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			knows = knows || bytes.Contains(text, []byte(`"withings-exporter/exporter/testrun"`))
			for _, test := range testName.FindAllSubmatch(text, -1) {
				named = named || bytes.Contains(text, []byte("testrun.Update")) && wanted.Match(test[1])
			}
		}
		if !knows {
			t.Errorf("%s: the tests of %s do not know -update: import exporter/testrun", command, path)
		}
		return err
	})
	if err != nil || !named {
		t.Errorf("%s: no test of such a name heeds -update (%v)", command, err)
	}
}
