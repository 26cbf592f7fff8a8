package statedir

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestEveryNameOfAFileIsTakenApart(t *testing.T) {
	d, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const profile = "Anna Müller.x"
	path := d.File(profile, "token")
	if err := Write(path, []byte("{")); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 19, 30, 0, 0, time.UTC)
	first, err := SetAside(path, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(path, []byte("{")); err != nil {
		t.Fatal(err)
	}
	second, err := SetAside(path, now)
	if err != nil {
		t.Fatal(err)
	}
	temp, err := os.CreateTemp(d.Path(), tempPattern(filepath.Base(path)))
	if err != nil {
		t.Fatal(err)
	}
	if err := temp.Close(); err != nil {
		t.Fatal(err)
	}
	for name, current := range map[string]bool{
		path: true, d.LockFile(profile, "token"): false, first: false, second: false, temp.Name(): false,
	} {
		name = filepath.Base(name)
		n, ok := ParseName(name)
		back, whose := Unescape(n.Stem)
		if !ok || !whose || back != profile || n.Kind != "token" || n.Current() != current || n.As(n.Stem) != name {
			t.Errorf("%s: is %+v of %q (%t, %t), current %t", name, n, back, ok, whose, n.Current())
		}
	}
	for _, name := range []string{"rate", "rate.lock", "notes.txt", ".token.json", "a.b.token.json", "+anna.token.json.bak", "+anna.Token.json"} {
		if n, ok := ParseName(name); ok {
			t.Errorf("%s is taken for %+v", name, n)
		}
	}
}
