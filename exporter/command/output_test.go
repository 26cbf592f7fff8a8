package command

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"withings-exporter/exporter/testrun"
)

func TestAnOutputThatCannotBeWrittenIsTheErrorWhateverTheCommandSays(t *testing.T) {
	testrun.Linux.Of(t) // others have no /dev/full
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	o := NewOutput(full)
	missing := Usagef("", "nothing is given")
	if got := o.Result(missing); !errors.Is(got, ErrUsage) {
		t.Errorf("before anything is written the error is %v", got)
	}
	fmt.Fprintln(o, "found") // nobody looks
	const want = "the output cannot be written: no space left on device; free some space, or send it elsewhere"
	for _, err := range []error{nil, missing, ErrNeedsAuthorization} {
		if got := o.Result(err); got == nil || got.Error() != want || errors.Is(got, ErrUsage) || errors.Is(got, ErrNeedsAuthorization) {
			t.Errorf("after %v the error is %v, want %s", err, got, want)
		}
	}
}

func TestAnOutputThatIsWrittenLeavesTheErrorAsItIs(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	o := NewOutput(file)
	fmt.Fprint(o, "found")
	if got := o.Result(nil); got != nil {
		t.Errorf("the error is %v", got)
	}
	if text, err := os.ReadFile(file.Name()); err != nil || string(text) != "found" {
		t.Errorf("written is %q, %v", text, err)
	}
}
