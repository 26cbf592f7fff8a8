package statedir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
)

func TestWrittenIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.json")
	for _, content := range []string{"first", "", strings.Repeat("longer", 1000)} {
		if err := Write(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		got, err := Read(path, 1<<20)
		if err != nil || string(got) != content {
			t.Errorf("got %q, %v, want %q", got, err, content)
		}
	}
}

func TestWrittenFileIsPrivateWhateverWasThere(t *testing.T) {
	testrun.Unix.Of(t)
	path := filepath.Join(t.TempDir(), "x.json")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if got := mode(t, path); got != 0o600 {
		t.Errorf("mode is %#o, want 0600", got)
	}
}

func TestFailedWriteLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.json")
	if err := os.Mkdir(path, 0o700); err != nil { // a folder cannot be replaced by a file
		t.Fatal(err)
	}
	err := Write(path, []byte("{}"))
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got error %v, want one naming %q", err, path)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("left are %v, want only what was there", entries)
	}
}

func TestACreatedFileIsPrivateAndReplacesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ecg.svg")
	if err := Create(path, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := Create(path, []byte("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the second time: %v, want that it exists", err)
	}
	if err := Create(filepath.Join(dir, "gone", "x"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in a folder that is not there: %v", err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "first" {
		t.Errorf("there is %q, %v", got, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left are %v, %v, want the file alone", entries, err)
	}
	if runtime.GOOS != "windows" && mode(t, path) != 0o600 {
		t.Errorf("mode is %#o, want 0600", mode(t, path))
	}
}

func TestWriteErrorsSayWhatToDo(t *testing.T) {
	if err := Write(filepath.Join(t.TempDir(), "gone", "x.json"), nil); !errors.Is(err, fs.ErrNotExist) ||
		!strings.Contains(err.Error(), "restore it") {
		t.Errorf("got error %v, want one that says what to do", err)
	}
	cases := []struct {
		cause error
		want  string
	}{
		{syscall.ENOSPC, "free some space"},
		{syscall.EROFS, "choose another state directory"},
		{syscall.EACCES, "allow the user running this program to write"},
		{syscall.EMFILE, "this process has too many files open"},
		{syscall.ENFILE, "the whole system has too many files open"},
		{syscall.ENOLCK, "cannot lock files"},
	}
	for _, c := range cases {
		if got := Hint(&fs.PathError{Op: "open", Path: "x", Err: c.cause}); !strings.Contains(got, c.want) {
			t.Errorf("after %v the advice is %q, want %q in it", c.cause, got, c.want)
		}
	}
	if got := Hint(syscall.EIO); got != "" {
		t.Errorf("got advice %q for an error that nothing is known about", got)
	}
}

func TestErrorOfAWriteIsTheSameEachTime(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone", "x.json")
	folder := t.TempDir() // which no file can be renamed to
	for name, write := range map[string]func() error{
		"Write, no folder": func() error { return Write(gone, nil) },
		"Write, a folder":  func() error { return Write(folder, nil) },
		"Room, no folder":  func() error { return Room(gone, 10) },
	} {
		one, other := write(), write()
		if one == nil || other == nil || one.Error() != other.Error() {
			t.Errorf("%s: got %v, then %v, want the same error for whoever logs news", name, one, other)
		}
	}
}

func TestReadRefusesWhatCannotBeOurs(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.json")
	if _, err := Read(path, 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v for a file that is not there, want %v", err, fs.ErrNotExist)
	}
	if err := os.WriteFile(path, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path, 10); err != nil {
		t.Errorf("a file of exactly the limit: %v", err)
	}
	if _, err := Read(path, 9); err == nil || !strings.Contains(err.Error(), "larger than 9 bytes") {
		t.Errorf("got %v for a file over the limit", err)
	}
	if _, err := Read(dir, 10); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("got %v for a folder", err)
	}
}

func TestDamagedFilesAreSetAsideWithoutOverwriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mum.token.json")
	now := time.Date(2026, 11, 22, 20, 30, 0, 0, time.FixedZone("CET", 3600))
	want := []string{path + ".damaged-20261122T193000Z", path + ".damaged-20261122T193000Z-2", path + ".damaged-20261122T193000Z-3"}
	for _, aside := range want {
		if err := os.WriteFile(path, []byte(aside), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := SetAside(path, now)
		if err != nil || got != aside {
			t.Errorf("got %q, %v, want %q", got, err, aside)
		}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the damaged file is still there: %v", err)
		}
	}
	for _, aside := range want {
		if got, err := os.ReadFile(aside); err != nil || string(got) != aside {
			t.Errorf("%q holds %q, %v, want what was set aside there", aside, got, err)
		}
	}
}

func TestSettingAsideNothingLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	if _, err := SetAside(filepath.Join(dir, "x.json"), time.Unix(0, 0)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %v", err, fs.ErrNotExist)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left are %v, %v, want nothing", entries, err)
	}
}

func TestWhatWasSetAsideSinceIsTheNewestOfThatFile(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 11, 22, 19, 30, 0, 400e6, time.UTC)
	path := filepath.Join(dir, "+[anna].token.json") // no pattern
	var last string
	for _, age := range []time.Duration{time.Hour, 0, 0} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		aside, err := SetAside(path, now.Add(-age))
		if err != nil {
			t.Fatal(err)
		}
		last = aside
	}
	for since, want := range map[time.Time]string{
		now.Add(-2 * time.Hour): last, now: last, now.Add(500 * time.Millisecond): last, now.Add(time.Second): "",
	} {
		if got := SetAsideSince(path, since); got != want {
			t.Errorf("since %s: got %q, want %q", since, got, want)
		}
	}
	if got := SetAsideSince(filepath.Join(dir, "+ben.token.json"), now.Add(-2*time.Hour)); got != "" {
		t.Errorf("of another file: got %q", got)
	}
}

func TestWhatIsWrongWithAWholeDiskIsToldWithoutTheFile(t *testing.T) {
	for text, want := range map[string]string{
		`save it: write "/a/b": no space left on device; free some space on that disk; it is tried again`: "no space left on device; free some space on that disk",
		`write "/a/b": no space left on device; that disk has no inodes left (df -i): remove files there`: "no space left on device; that disk has no inodes left (df -i): remove files there",
		`write "/a/b": read-only file system; allow it`:                                                   "read-only file system; allow it",
		`write "/a/b": permission denied; allow it`:                                                       "",
		`write "/no space left on device": is a directory; move it away`:                                  "",
	} {
		if got := OfDisk(text); got != want {
			t.Errorf("of %s it tells %q, want %q", text, got, want)
		}
	}
}
