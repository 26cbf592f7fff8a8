package testrun

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestWhatIsLackingIsListedUntilItIsThere(t *testing.T) {
	before := here.skipped
	here.skipped = t.TempDir()
	defer func() { here.skipped = before }()
	there := false
	need := &Need{What: "a bell", How: "buy one", has: func() bool { return there }}
	if !need.Lacks(t.Name() + "/in part") {
		t.Error("nothing is lacking")
	}
	need.Lacks("TestThatWasRemoved")
	if got, want := skippedText(t), "skipped: a bell is missing (to get it: buy one):\n\texporter/testrun: "+t.Name()+"/in part\n"; got != want {
		t.Errorf("listed is %q, want %q", got, want)
	}
	there = true
	if need.Lacks(t.Name() + "/in part") {
		t.Error("it is lacking although it is there")
	}
	if got, want := skippedText(t), "skipped: no test\n"; got != want {
		t.Errorf("listed is %q, want %q", got, want)
	}
}

func skippedText(t *testing.T) string {
	t.Helper()
	text, err := Skipped()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestNoTestIsSkippedButForANeed: others would not be listed, nor fail where everything
// must be there.
func TestNoTestIsSkippedButForANeed(t *testing.T) {
	skip := regexp.MustCompile(`\bt\.(Skip|Skipf|SkipNow)\(`)
	err := filepath.WalkDir(here.root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && path != here.root || entry.Name() == "testrun"):
			return filepath.SkipDir
		case filepath.Ext(path) != ".go":
			return nil
		}
		text, err := os.ReadFile(path)
		if skip.Match(text) {
			t.Errorf("%s skips a test: use a need of testrun", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
