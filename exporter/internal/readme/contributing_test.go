package readme

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"withings-exporter/exporter/testrun"
)

// guide is the page for people who change the program. Its commands take too long to be typed, but each must do something.
const guide = "CONTRIBUTING.md"

// TestTheGuideNamesWhatTheGateNeeds and installs.
func TestTheGuideNamesWhatTheGateNeeds(t *testing.T) {
	text := read(t, guide)
	list := regexp.MustCompile(`(?m)^\s*packages="([^"]+)"$`).FindStringSubmatch(read(t, ".ci/run"))
	if list == nil {
		t.Fatal(".ci/run has no list of packages")
	}
	for name := range strings.FieldsSeq(list[1]) {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%s does not name %s, which .ci/run installs", guide, name)
		}
	}
	for _, need := range []*testrun.Need{testrun.Influx1, testrun.Victoria, testrun.Jsonnet, testrun.Helm, testrun.Kubeconform, testrun.Axe, testrun.Schemas} {
		if !strings.Contains(text, need.What) {
			t.Errorf("%s does not name %s, which .ci/servers gets", guide, need.What)
		}
	}
}

// TestTheCommandsOfTheGuideSelectTests: the folders, the scripts and the tests that they name are there.
func TestTheCommandsOfTheGuideSelectTests(t *testing.T) {
	text := read(t, guide)
	checked := 0
	for _, m := range regexp.MustCompile(`go test ([^`+"`"+`#\n]*(?:\n[^`+"`"+`#\n]*`+"`"+`)?)`).FindAllStringSubmatch(text, -1) {
		words := regexp.MustCompile(`'[^']*'|\S+`).FindAllString(strings.Trim(m[1], "` "), -1)
		pattern, folders := "", []string(nil)
		for i, word := range words {
			switch {
			case i > 0 && words[i-1] == "-run":
				pattern, _, _ = strings.Cut(strings.Trim(word, "'"), "/")
			case word == ".", strings.HasPrefix(word, "./"):
				folders = append(folders, word)
			}
		}
		if len(folders) == 0 {
			folders = []string{"."} // as go test does
		}
		checked++
		found := false
		for _, folder := range folders {
			found = hasTest(t, folder, pattern) || found
		}
		if !found {
			t.Errorf("%s: go test %s selects nothing", guide, strings.Join(words, " "))
		}
	}
	if checked < 12 {
		t.Errorf("%d commands were found", checked)
	}
	for _, script := range regexp.MustCompile(`\.ci/[a-z-]+`).FindAllString(text, -1) {
		if _, err := exec.LookPath(filepath.Join(root, script)); err != nil {
			t.Errorf("%s: %v", guide, err)
		}
	}
}

// hasTest reports whether a package, or with /... one below it, has a test that a pattern selects.
func hasTest(t *testing.T, folder, pattern string) bool {
	t.Helper()
	selects := regexp.MustCompile(pattern)
	where, below := strings.CutSuffix(folder, "/...")
	found := false
	err := filepath.WalkDir(filepath.Join(root, where), func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != filepath.Join(root, where) && (!below || strings.HasPrefix(entry.Name(), ".")):
			return filepath.SkipDir
		case !strings.HasSuffix(path, "_test.go") || found:
			return nil
		}
		source, err := os.ReadFile(path)
		for _, name := range regexp.MustCompile(`(?m)^func (Test\w+)`).FindAllSubmatch(source, -1) {
			found = found || selects.Match(name[1])
		}
		return err
	})
	if err != nil {
		t.Errorf("%s: %v", guide, err)
	}
	return found
}
