package testrun

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestWhatIsSkippedIsTold says at the end of "go test ./..." which tests were skipped
// there, or a part of them, and why.
func TestWhatIsSkippedIsTold(t *testing.T) {
	defer notFromCache()
	waitForOthers()
	text := skipped(t)
	t.Log(text)
	if terminal, err := terminal(); err == nil {
		_, _ = fmt.Fprint(terminal, text)
		_ = terminal.Close()
	}
}

// notFromCache has the go command run this test every time: it keeps no result of a
// test that has read a file of the module as new as this one is then.
func notFromCache() {
	const file = "doc.go"
	now := time.Now()
	if os.Chtimes(file, now, now) == nil { // else the result is kept, and so be it
		_, _ = os.ReadFile(file)
	}
}

// waitForOthers returns when no test of another package runs any more for the same go
// command, where the system tells.
func waitForOthers() {
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	enough := time.After(5 * time.Minute)
	for others(os.Getppid()) {
		select {
		case <-again.C:
		case <-enough:
			return
		}
	}
}

// others tells whether a process has children that are tests, beside this one.
func others(parent int) bool {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	for _, list := range lists {
		children, _ := os.ReadFile(list)
		for child := range strings.FieldsSeq(string(children)) {
			program, _ := os.Readlink("/proc/" + child + "/exe")
			if strings.HasSuffix(program, ".test") && child != fmt.Sprint(os.Getpid()) {
				return true
			}
		}
	}
	return false
}

// terminal is where the go command that runs this test writes its errors, unless that
// is a file, in which both would overwrite each other.
func terminal() (*os.File, error) {
	path := fmt.Sprintf("/proc/%d/fd/2", os.Getppid())
	if at, err := os.Stat(path); err == nil && at.Mode().IsRegular() {
		return nil, fs.ErrInvalid
	} else if err != nil {
		path = "/dev/tty"
	}
	return os.OpenFile(path, os.O_WRONLY, 0)
}

// skipped lists the tests that lacked something when they last ran, by what it was.
func skipped(t *testing.T) string {
	t.Helper()
	kept, err := filepath.Glob(filepath.Join(here.skipped, "*"))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string][]string{} // by reason
	for _, file := range kept {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		folder, rest, _ := strings.Cut(string(text), "\n")
		test, reason, _ := strings.Cut(rest, "\n")
		if !exists(folder, test) {
			_ = os.Remove(file)
			continue
		}
		tests[reason] = append(tests[reason], folder+": "+test)
	}
	var text strings.Builder
	for _, reason := range slices.Sorted(maps.Keys(tests)) {
		slices.Sort(tests[reason])
		fmt.Fprintf(&text, "skipped: %s:\n\t%s\n", reason, strings.Join(tests[reason], "\n\t"))
	}
	if len(tests) == 0 {
		return "skipped: no test\n"
	}
	return text.String()
}

// exists tells whether a package still has a test.
func exists(folder, test string) bool {
	test, _, _ = strings.Cut(test, "/")
	files, _ := filepath.Glob(filepath.Join(here.root, folder, "*_test.go"))
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && strings.Contains(string(text), "\nfunc "+test+"(")
	})
}

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
	if got, want := skipped(t), "skipped: a bell is missing (to get it: buy one):\n\tinternal/testrun: "+t.Name()+"/in part\n"; got != want {
		t.Errorf("listed is %q, want %q", got, want)
	}
	there = true
	if need.Lacks(t.Name() + "/in part") {
		t.Error("it is lacking although it is there")
	}
	if got, want := skipped(t), "skipped: no test\n"; got != want {
		t.Errorf("listed is %q, want %q", got, want)
	}
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
		for _, at := range skip.FindAllIndex(text, -1) {
			// An input that a fuzzer makes up may be of no use.
			if before := string(text[:at[0]]); strings.LastIndex(before, "\nfunc ") != strings.LastIndex(before, "\nfunc Fuzz") {
				t.Errorf("%s skips a test: use a need of testrun", path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
