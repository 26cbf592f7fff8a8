package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"withings-exporter/exporter/statedir"
)

func newFile(t *testing.T, profile string) File {
	t.Helper()
	dir, err := statedir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return File{Dir: dir, Profile: profile, Now: noonClock}
}

func TestTheSecretOfAPersonStaysTheSame(t *testing.T) {
	f := newFile(t, "Anna Müller")
	if f.Peek() != "" {
		t.Errorf("there is a secret before one is made: %q", string(f.Peek()))
	}
	first := mustSecret(t, f, "")
	if !first.valid() || len(first) != secretLength || f.Peek() != first {
		t.Errorf("made %q, stored %q", string(first), string(f.Peek()))
	}
	for _, c := range []struct {
		user string
		same bool
	}{{"", true}, {anna, true}, {anna, true}, {"", true}, {"41730257", false}} {
		if again := mustSecret(t, f, c.user); (again == first) != c.same {
			t.Errorf("for user %q it is the same: %t", c.user, again == first)
		}
	}
	info, err := os.Stat(f.path())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, error %v", info.Mode(), err)
	}
	if err := f.Remove(t.Context()); err != nil || f.Peek() != "" {
		t.Errorf("removed with %v", err)
	}
	if err := f.Remove(t.Context()); err != nil {
		t.Errorf("removed twice with %v", err)
	}
}

func mustSecret(t *testing.T, f File, user string) Secret {
	t.Helper()
	s, note, err := f.Secret(t.Context(), user)
	if err != nil || note != nil {
		t.Fatalf("%v, %v", note, err)
	}
	return s
}

func TestADamagedFileIsSetAsideAndReplaced(t *testing.T) {
	good, err := json.Marshal(content{Version: fileVersion, Profile: "Anna", User: anna, Secret: string(annasSecret)})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content string
		damaged bool
	}{
		"as it was written":   {string(good), false},
		"cut off":             {string(good[:40]), true},
		"empty":               {"", true},
		"a newer version":     {strings.Replace(string(good), `:1,`, `:2,`, 1), true},
		"another profile":     {strings.Replace(string(good), "Anna", "Ben", 1), true},
		"a short secret":      {strings.Replace(string(good), "AAAA", "", 1), true},
		"a secret with slash": {strings.Replace(string(good), "AAAA", "AA/A", 1), true},
		"no secret":           {`{"version":1,"profile":"Anna"}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFile(t, "Anna")
			if err := os.WriteFile(f.path(), []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if (f.Peek() == "") != c.damaged {
				t.Errorf("looked at, it has %q", string(f.Peek()))
			}
			s, note, err := f.Secret(t.Context(), anna)
			if err != nil || (note != nil) != c.damaged || (s == annasSecret) == c.damaged || f.Peek() != s {
				t.Errorf("got %q, note %v, error %v", string(s), note, err)
			}
			aside, err := filepath.Glob(f.path() + ".damaged-*")
			if err != nil || len(aside) > 1 || (len(aside) == 1) != c.damaged {
				t.Fatalf("set aside: %q, %v", aside, err)
			}
			if c.damaged && !strings.Contains(note.Error(), aside[0]) {
				t.Errorf("the note does not name %s: %v", aside[0], note)
			}
			if newer := name == "a newer version"; c.damaged && strings.Contains(note.Error(), "upgrade withings-exporter") != newer {
				t.Errorf("that an upgrade helps is said, which should be %t: %v", newer, note)
			}
		})
	}
}

func TestAFileThatCannotBeWrittenGivesNoAddress(t *testing.T) {
	f := newFile(t, "Anna")
	if err := os.Mkdir(f.path(), 0o700); err != nil {
		t.Fatal(err)
	}
	if s, _, err := f.Secret(t.Context(), anna); err == nil || s != "" || strings.Contains(err.Error(), "AAAA") {
		t.Errorf("got %q, error %v", string(s), err)
	}
	if err := f.Remove(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestASecretShowsNowhere(t *testing.T) {
	s := newSecret()
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s)
	for _, verb := range []string{"%v", "%s", "%q", "%+v", "%#v", "%x", "%d"} {
		fmt.Fprintf(&log, verb, s)
		fmt.Fprintf(&log, verb, struct{ S Secret }{s})
	}
	if strings.Contains(log.String(), string(s)) || !strings.Contains(log.String(), "[hidden]") {
		t.Error(log.String())
	}
	if newSecret() == s {
		t.Error("two secrets are the same")
	}
}

// FuzzFile wants that what is read is what can have been written.
func FuzzFile(f *testing.F) {
	f.Add([]byte(`{"version":1,"profile":"Anna","user":"41730256","secret":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`))
	f.Add([]byte(`{"version":1e0,"profile":"Anna","secret":["AAAA"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := newFile(t, "Anna")
		if err := os.WriteFile(file.path(), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if s := file.Peek(); s != "" && (!s.valid() || len(s) != secretLength) {
			t.Errorf("%q", string(s))
		}
	})
}

// TestAKnownSecretNeedsNoLock: the disk may have become full or read-only since it was made.
func TestAKnownSecretNeedsNoLock(t *testing.T) {
	f := newFile(t, "Anna")
	first, lock := mustSecret(t, f, anna), f.Dir.LockFile("Anna", kind)
	if err := errors.Join(os.Remove(lock), os.Mkdir(lock, 0o700)); err != nil { // so that it cannot be taken
		t.Fatal(err)
	}
	if again := mustSecret(t, f, anna); again != first {
		t.Error("it is another one")
	}
	if _, _, err := f.Secret(t.Context(), "41730257"); err == nil {
		t.Error("another one is made without the lock")
	}
}
