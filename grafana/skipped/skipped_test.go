package skipped

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
)

// TestWhatIsSkippedIsTold says at the end of "go test ./..." which tests were skipped
// there, or a part of them, and why.
func TestWhatIsSkippedIsTold(t *testing.T) {
	defer notFromCache()
	waitForOthers()
	text, err := testrun.Skipped()
	if err != nil {
		t.Fatal(err)
	}
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
