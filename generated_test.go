package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"testing"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/command/manual"
	"withings-exporter/exporter/config"
)

// What is written of the grammar, for people and for Helm.

const rewrite = "go test -run Generated . -update"

var update = flag.Bool("update", false, "write what is made of the grammar")

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
	case *update:
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
