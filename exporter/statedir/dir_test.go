package statedir

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
)

func open(t *testing.T) *Dir {
	t.Helper()
	d, err := Open(filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func TestNewDirectoryIsPrivate(t *testing.T) {
	testrun.Unix.Of(t)
	d, err := Open(filepath.Join(t.TempDir(), "deep", "state"))
	if err != nil {
		t.Fatal(err)
	}
	if got := mode(t, d.Path()); got != 0o700 {
		t.Errorf("mode is %#o, want 0700", got)
	}
}

func TestOpenDirectoryIsClosedToOthers(t *testing.T) {
	testrun.Unix.Of(t)
	path := t.TempDir()
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err != nil {
		t.Fatal(err)
	}
	if got := mode(t, path); got != 0o700 {
		t.Errorf("mode is %#o, want 0700", got)
	}
}

func TestSharedTemporaryFolderIsRefusedAndLeftAsItIs(t *testing.T) {
	testrun.Unix.Of(t)
	path := t.TempDir()
	if err := os.Chmod(path, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "choose a folder inside it") {
		t.Errorf("got error %v, want one that says what to do", err)
	}
	if got := mode(t, path); got != 0o777 {
		t.Errorf("mode is %#o, want 0777 as before", got)
	}
}

func TestFileInPlaceOfTheDirectoryIsNamedAsSuchAndLeftAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(path)
	if err == nil {
		t.Fatal("a file was taken for a folder")
	}
	for _, want := range []string{path, "is a file", "--state.dir needs a folder"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got error %q, want %q in it", err, want)
		}
	}
	if strings.Contains(err.Error(), "by hand") {
		t.Errorf("error %q advises to make a folder where a file is", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "mine" {
		t.Errorf("the file holds %q, %v, want it as it was", got, err)
	}
}

func TestPathsAreOfTheDirectory(t *testing.T) {
	d := open(t)
	if got, want := d.File("Anna Müller", "token"), filepath.Join(d.Path(), "+anna%20+m%c3%bcller.token.json"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := d.LockFile("Mum", "token"), filepath.Join(d.Path(), "+mum.token.lock"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProfilesAreListedByKind(t *testing.T) {
	d := open(t)
	long := strings.Repeat("Ä", 100)
	for _, profile := range []string{"mum", "Mum", "Anna Müller", long} {
		if err := Write(d.File(profile, "token"), []byte(`{"profile":"`+profile+`"}`)); err != nil {
			t.Fatal(err)
		}
	}
	others := []string{
		filepath.Base(d.File("dad", "state")), "dad.token.lock", "dad.token.json.damaged-20261122T193000Z", "Dad.token.json",
		".dad.token.json.tmp-17", "notes.txt", strings.TrimPrefix(Escape(long), "%") + ".token.json",
	}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(d.Path(), name), []byte(`{"profile":"`+long+`"}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(d.File("folder", "token"), 0o700); err != nil {
		t.Fatal(err)
	}
	got, err := d.Profiles("token")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"Anna Müller", "Mum", "mum", long}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDamagedFileOfALongNameIsLeftOut(t *testing.T) {
	d := open(t)
	if err := Write(d.File(strings.Repeat("Ä", 100), "token"), []byte(`{"profile":`)); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Profiles("token"); err != nil || len(got) > 0 {
		t.Errorf("got %q, %v, want none", got, err)
	}
}

func TestLeftoversOfACrashGoAndWorkUnderWayStays(t *testing.T) {
	d := open(t)
	leftover := filepath.Join(d.Path(), ".mum.token.json.tmp-1")
	fresh := filepath.Join(d.Path(), ".mum.token.json.tmp-2")
	token := d.File("mum", "token")
	for _, path := range []string{leftover, fresh, token} {
		if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	longAgo := time.Now().Add(-3 * leftoverAge)
	for _, path := range []string{leftover, token} {
		if err := os.Chtimes(path, longAgo, longAgo); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(d.Path()); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(d.Path())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if want := []string{filepath.Base(fresh), filepath.Base(token)}; !slices.Equal(got, want) {
		t.Errorf("left are %q, want %q", got, want)
	}
}
