package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"withings-exporter/exporter/testrun"
)

// stilted lists what nobody who runs servers would say, and what to say instead.
var stilted = []struct{ words, plain string }{
	{`no way (to|into|through)`, "cannot"},
	{`mend(s|ed|ing)?`, "fix"},
	{`anew`, "again, start over"},
	{`slips? of the pen`, "typo"},
	{`for good`, "permanently"},
	{`(it|that|what|which|one|this|who|date|asked|path that) is none|(is|are) none of (its|the|ours|Withings)`, "is not one, is absent"},
	{`is no (whole )?number`, "is not a number"},
	{`(it|this|that|what|which|value|secret|variable|%[qsv]) is no (time|date|address|file|folder|list|archive|profile|answer|secret|name|token)`, "is not a …"},
	{`is neither yes nor no`, "is not true or false"},
	{`(one|is one) word too many|is one too many`, "unexpected"},
	{`hang(s|ing)? (the boards|them|it) up|hang(s|ing)? (up )?the boards`, "install the boards"},
	{`lead(s|ing)? the callback`, "forward the callback"},
	{`part(s|ed)? it`, "break it"},
	{`brought|bring(s|ing)?`, "import, get, give, cause"},
	{`fare(s|d)?`, "is"},
	{`households?`, "people"},
	{`parcels?`, "batch"},
	{`strangers?`, "other people, unknown"},
	{`things? looked at`, "check"},
	{`(?-i:It worked)|that did not work`, "authorised; sign-in failed"},
	{`goes? on from there`, "resumes"},
	{`(stands?|standing) for`, "is, means"},
	{`mind that`, "(leave it out)"},
	{`whence|thence|thereof|therein`, "(say it plainly)"},
	{`InfluxDB has it all`, "InfluxDB is already up to date"},
	{`(is|are) out of order`, "failed, is not working"},
	{`stubborn(ly)?|diar(y|ies)`, "(a word of the field)"},
	{`hears? (of|that|what)`, "is called when"},
	{`fit for a log`, "safe to log"},
	{`worked over`, "revised"},
	{`not to be had`, "not available"},
	{`without a word`, "without notice"},
	{`be it an?`, "(leave it out)"},
	{`lets? go of`, "close, drop"},
	{`is no (failure|fault|matter|sign|error|tag|batch)`, "is not a …"},
	{`in store`, "spare"},
	{`would be too much to ask`, "would be too much"},
	{`is none any more`, "is gone"},
}

// TestNoTextIsStilted reads every text that a person can meet: the strings and
// comments of the program, its pages, its scripts and its documents. There are no
// exceptions; a text that is found says the same in other words.
func TestNoTextIsStilted(t *testing.T) {
	testrun.Unraced(t, "one file is read after the other")
	var all []string
	for _, s := range stilted {
		all = append(all, s.words)
	}
	any := regexp.MustCompile(`(?i)\b(` + strings.Join(all, "|") + `)\b`)
	check := func(where, text string) {
		text = strings.Join(strings.Fields(text), " ")
		for _, at := range any.FindAllStringIndex(text, -1) {
			t.Errorf("%s: …%s…; say: %s", where, text[max(0, at[0]-30):min(len(text), at[1]+30)], plainFor(text[at[0]:at[1]]))
		}
	}
	known := map[string]bool{} // dashboards have most of their texts in common
	once := func(where, text string) {
		if !known[text] {
			known[text] = true
			check(where, text)
		}
	}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch ext := filepath.Ext(path); {
		case err != nil || entry.IsDir() && path != "." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case strings.HasSuffix(path, "_test.go"):
		case ext == ".go":
			return goTexts(path, parser.ParseComments, check)
		case ext == ".json" && strings.Contains(path, "dashboards"):
			return jsonTexts(path, once)
		case ext == ".md", ext == ".html", ext == ".txtar", ext == ".sh", ext == ".yaml":
			text, err := os.ReadFile(path)
			check(path, string(text))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// plainFor is what to say instead of some words.
func plainFor(found string) string {
	for _, s := range stilted {
		if regexp.MustCompile(`(?i)^(` + s.words + `)$`).MatchString(found) {
			return s.plain
		}
	}
	return "something else"
}

// jsonTexts hands over the names and the texts of a JSON file.
func jsonTexts(path string, check func(where, text string)) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			check(path, v)
		case []any:
			for _, element := range v {
				walk(element)
			}
		case map[string]any:
			for name, element := range v {
				check(path, name)
				walk(element)
			}
		}
	}
	var all any
	if err := json.Unmarshal(text, &all); err != nil {
		return fmt.Errorf("read the texts of %s: %w", path, err)
	}
	walk(all)
	return nil
}

// goTexts hands over the strings of a Go file, and its comments if they are parsed.
func goTexts(path string, mode parser.Mode, check func(where, text string)) error {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, mode|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, comment := range file.Comments {
		check(files.Position(comment.Pos()).String(), comment.Text())
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				text = literal.Value
			}
			check(files.Position(literal.Pos()).String(), text)
		}
		return true
	})
	return nil
}
