package auth

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter/statedir"
)

func TestSavedTokenIsLoaded(t *testing.T) {
	h := newFixture(t)
	token := h.authorize(t)
	got, err := h.store().Load(t.Context())
	if err != nil || got != token {
		t.Errorf("got %v, %v, want %v", got, err, token)
	}
	profiles, err := h.dir.Profiles("token")
	if err != nil || len(profiles) != 1 || profiles[0] != profile {
		t.Errorf("got profiles %q, %v, want %q", profiles, err, profile)
	}
}

func TestMissingTokenIsNotThere(t *testing.T) {
	h := newFixture(t)
	for range 2 { // removing nothing is no error
		if err := h.store().Withdraw(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.store().Load(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %v", err, fs.ErrNotExist)
	}
}

func TestUnusableFilesAreToldApart(t *testing.T) {
	const pair = `"access_token":"access-x","refresh_token":"refresh-x"`
	cases := []struct {
		name, content string
		want          error
		text          string
	}{
		{"another application", `{"version":1,"profile":"Anna Müller","client_id":"other-app",` + pair + `}`, ErrOtherApplication, `client id "other-app"`},
		{"another profile", `{"version":1,"profile":"Mum","client_id":"c0ffee-client-id",` + pair + `}`, ErrForeign, `to profile "Mum"`},
		{"newer version", `{"version":2,"tokens":[]}`, ErrForeign, "upgrade withings-exporter"},
		{"cut short", `{"version":1,"profile":"Anna Mü`, ErrDamaged, "it is kept as"},
		{"empty", ``, ErrDamaged, "it is kept as"},
		{"zeros", strings.Repeat("\x00", 512), ErrDamaged, "it is kept as"},
		{"a list", `[]`, ErrDamaged, "it is kept as"},
		{"no version", `{"profile":"Anna Müller","client_id":"c0ffee-client-id",` + pair + `}`, ErrDamaged, `"version"`},
		{"no profile", `{"version":1,"client_id":"c0ffee-client-id",` + pair + `}`, ErrDamaged, `"profile"`},
		{"no client id", `{"version":1,"profile":"Anna Müller",` + pair + `}`, ErrDamaged, `"client_id"`},
		{"no tokens", `{"version":1,"profile":"Anna Müller","client_id":"c0ffee-client-id"}`, ErrDamaged, "no usable tokens"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			h := newFixture(t)
			path := h.store().Path()
			if err := os.WriteFile(path, []byte(tc.content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := h.store().Load(t.Context())
			if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.text) || !strings.Contains(err.Error(), path) {
				t.Errorf("got error %v, want %q and the path in it", err, tc.text)
			}
			kept := path
			if tc.want == ErrDamaged {
				kept = path + ".damaged-20260715T080000Z"
			}
			if data, err := os.ReadFile(kept); err != nil || string(data) != tc.content {
				t.Errorf("%q holds %q, %v, want the content as it was", kept, data, err)
			}
			before := h.requests()
			_, err = h.source().Token(t.Context())
			if err == nil || errors.Is(err, ErrNeedsAuthorization) == (tc.want == ErrForeign) {
				t.Errorf("the source says %v", err)
			}
			if got := h.requests() - before; got != 0 {
				t.Errorf("%d requests were made without a usable token", got)
			}
		})
	}
}

func TestNewAuthorisationDoesNotOverwriteWhatIsNotItsOwn(t *testing.T) {
	h := newFixture(t)
	path := h.store().Path()
	token := h.authorize(t)
	cases := []struct {
		name, content string
		refused, kept bool
	}{
		{"another profile's token", `{"version":1,"profile":"Mum","client_id":"c","refresh_token":"r"}`, true, false},
		{"newer version", `{"version":7}`, true, false},
		{"damaged", `{`, false, true},
		{"another application's token", `{"version":1,"profile":"Anna Müller","client_id":"c","refresh_token":"r"}`, false, false},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(tc.content), 0o600); err != nil {
				t.Fatal(err)
			}
			err := h.store().Save(t.Context(), token)
			if (err != nil) != tc.refused {
				t.Errorf("got error %v, want one: %t", err, tc.refused)
			}
			data, err := os.ReadFile(path)
			if err != nil || (string(data) == tc.content) != tc.refused {
				t.Errorf("file is %q, %v", data, err)
			}
			aside, err := filepath.Glob(path + ".damaged-*")
			if err != nil || (len(aside) > 0) != tc.kept {
				t.Errorf("set aside are %q, %v, want one: %t", aside, err, tc.kept)
			}
			for _, name := range aside {
				if err := os.Remove(name); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestHalfAPairIsNotSaved(t *testing.T) {
	h := newFixture(t)
	before := h.content(t)
	for _, token := range []Token{{}, {AccessToken: "a"}, {RefreshToken: "r"}, {AccessToken: "a b", RefreshToken: "r"}} {
		if err := h.store().Save(t.Context(), token); err == nil {
			t.Error("half a pair was saved")
		}
	}
	if got := h.content(t); !reflect.DeepEqual(got, before) {
		t.Error("the file changed")
	}
}

func TestReplacedFileIsNoticedAlthoughItLooksTheSame(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	path := h.store().Path()
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	token := h.authorize(t)
	if err := os.Chtimes(path, before.ModTime(), before.ModTime()); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(path); err != nil || after.Size() != before.Size() {
		t.Fatalf("the files differ in size: %d and %d, %v", before.Size(), after.Size(), err)
	}
	if !s.Reload() || mustToken(t, s) != token.AccessToken {
		t.Error("a new file of the same size and time was not noticed")
	}
}

func TestLockHeldElsewhereIsWaitedForAsLongAsTheContextLasts(t *testing.T) {
	h := newFixture(t)
	synctest.Test(t, func(t *testing.T) { // on a busy machine, one try may take longer than the context lasts
		unlock, err := h.store().lock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if err := h.store().Withdraw(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "this process itself") {
			t.Errorf("got %v, want the end of the context", err)
		}
		if _, ok := h.store().tryLock(); ok {
			t.Error("the lock was given twice")
		}
		unlock()
		if err := h.store().Withdraw(t.Context()); err != nil {
			t.Errorf("after the lock was given back: %v", err)
		}
	})
}

func FuzzTokenFile(f *testing.F) {
	for _, s := range []string{
		`{"version":1,"profile":"Mum","client_id":"c","access_token":"a","refresh_token":"r","expiry":"2026-07-15T08:00:00Z","previous":{"refresh_token":"p"}}`,
		`{"version":9}`, `{`, "", "\x00",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		name, rec, err := decodeFile(data)
		if err != nil {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrForeign) {
				t.Errorf("error %v is of no kind", err)
			}
			return
		}
		if name == "" || rec.current.RefreshToken == "" || rec.current.ClientID == "" {
			t.Errorf("file %q was taken", data)
		}
		again, err := encodeFile(name, rec)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		back, rec2, err := decodeFile(again)
		if err != nil || back != name || !same(rec, rec2) {
			t.Errorf("%q was read back as %q, %v", data, again, err)
		}
	})
}

func same(a, b record) bool {
	if (a.previous == nil) != (b.previous == nil) || !sameToken(a.current, b.current) {
		return false
	}
	return a.previous == nil || sameToken(*a.previous, *b.previous)
}

func sameToken(a, b Token) bool {
	equal := a.Issued.Equal(b.Issued) && a.Expiry.Equal(b.Expiry)
	a.Issued, a.Expiry, b.Issued, b.Expiry = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	return equal && a == b
}

func TestTokenFileIsPrivate(t *testing.T) {
	h := newFixture(t)
	entries, err := os.ReadDir(h.dir.Path())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 && os.PathSeparator == '/' {
			t.Errorf("%s has mode %#o, want 0600", e.Name(), info.Mode().Perm())
		}
	}
	if _, err := statedir.Read(h.store().Path(), fileLimit); err != nil {
		t.Error(err)
	}
}
