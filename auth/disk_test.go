package auth

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fullDisk makes a disk refuse what comes.
func fullDisk(s *Source, cause error) (free func()) {
	write, room := s.store.write, s.store.room
	s.store.write = func(path string, _ []byte) error { return &fs.PathError{Op: "write", Path: path, Err: cause} }
	s.store.room = func(path string, _ int) error { return &fs.PathError{Op: "write", Path: path, Err: cause} }
	return func() { s.store.write, s.store.room = write, room }
}

// blamesDisk checks that a disk, and not Withings, is said to be at fault.
func blamesDisk(t *testing.T, err, cause error) {
	t.Helper()
	if !errors.Is(err, ErrUnsaved) || !errors.Is(err, cause) || errors.Is(err, ErrNeedsAuthorization) || strings.Contains(err.Error(), "Withings") {
		t.Errorf("got %v, want one that blames the disk", err)
	}
}

func TestNothingIsBoughtThatCannotBeSaved(t *testing.T) {
	for _, cause := range []error{syscall.ENOSPC, syscall.EROFS, syscall.EACCES} {
		t.Run(cause.Error(), func(t *testing.T) {
			h := newFixture(t)
			s := h.source()
			first := h.mustWork(t, s)
			free := fullDisk(s, cause)
			before := h.requests()
			h.clock.pass(3*time.Hour - earliest)
			if got := mustToken(t, s); got != first {
				t.Errorf("got %s, want the old token while it is good", got)
			}
			blamesDisk(t, s.LastError(), cause)
			h.clock.pass(24 * time.Hour) // the file's refresh token lives on: it was not replaced
			_, err := s.Token(t.Context())
			blamesDisk(t, err, cause)
			if got := h.requests() - before; got != 0 {
				t.Errorf("%d requests were made, want none", got)
			}
			if s.Reload() {
				t.Error("the disk is said to be free")
			}
			free()
			h.clock.pass(diskRetry)
			if !s.Reload() {
				t.Error("the disk that is free again was not noticed")
			}
			h.mustWork(t, s)
			if err := s.LastError(); err != nil {
				t.Errorf("error %v is still told", err)
			}
		})
	}
}

// boughtUnsaved is a source with a new pair that the disk, full since a moment
// before, has not taken.
func boughtUnsaved(t *testing.T) (h *fixture, s *Source, free func()) {
	h = newFixture(t)
	s = h.source()
	h.mustWork(t, s)
	h.clock.pass(3 * time.Hour)
	restore := fullDisk(s, syscall.ENOSPC)
	s.store.room = func(string, int) error { return nil }
	before := h.requests()
	_, err := s.Token(t.Context())
	blamesDisk(t, err, syscall.ENOSPC)
	if got := h.requests() - before; got != 1 {
		t.Fatalf("%d requests were made, want 1", got)
	}
	return h, s, restore
}

func TestPairThatWaitsForTheDiskIsSavedWithinSeconds(t *testing.T) {
	ways := map[string]func(s *Source) error{
		"by looking for a new token": func(s *Source) error { s.Reload(); return nil },
		"by a poll":                  func(s *Source) error { _, err := s.Token(t.Context()); return err },
		"at the end of the program":  func(s *Source) error { return s.Flush(t.Context()) },
	}
	for name, save := range ways {
		t.Run(name, func(t *testing.T) {
			h, s, free := boughtUnsaved(t)
			before := h.requests()
			for range 3 { // full for a quarter of an hour
				h.clock.pass(renewing.Most)
				s.Reload()
			}
			free()
			h.clock.pass(diskRetry)
			if err := save(s); err != nil {
				t.Fatal(err)
			}
			h.mustWork(t, h.source()) // as after a restart: the file has it
			h.mustWork(t, s)
			if got := h.requests() - before; got != 0 {
				t.Errorf("%d requests were made, want none: the pair was there", got)
			}
		})
	}
}

func TestEndOfTheProgramTellsWhatCouldNotBeSaved(t *testing.T) {
	h, s, _ := boughtUnsaved(t)
	until := h.clock.now().Add(previousLife).Format(time.RFC3339)
	if err := s.Flush(t.Context()); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), until) {
		t.Errorf("got %v, want the reason and until when the file is good (%s)", err, until)
	}
	s = h.source() // started again, with room on the disk
	h.clock.pass(previousLife - time.Minute)
	h.mustWork(t, s)
}

func TestEndOfTheProgramWritesNothingWhereNothingWaits(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	h.mustWork(t, s)
	fullDisk(s, errors.New("written to"))
	if err := s.Flush(t.Context()); err != nil {
		t.Error(err)
	}
}

// fileOf is the token file's content now.
func (h *fixture) fileOf(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile(h.store().Path())
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (h *fixture) put(t *testing.T, data []byte) {
	t.Helper()
	if err := os.WriteFile(h.store().Path(), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOldFileIsNotTakenForTheNewerPairInMemory(t *testing.T) {
	cases := []struct {
		name    string
		content func(old, new string) string
		kept    bool // the pair in memory
		notices int
	}{
		{"a backup", func(old, _ string) string { return old }, true, 1},
		{"a backup with other spaces", func(old, _ string) string { return old + "\n\n" }, true, 1},
		{"a backup from before Withings named the user", func(old, _ string) string {
			return strings.Replace(old, `"user_id": "`+testUser+`",`, "", 1)
		}, true, 1},
		{"the same file, touched", func(_, new string) string { return new }, true, 0},
		{"a backup of another person", func(old, _ string) string { return strings.Replace(old, testUser, "4711", 1) }, false, 0},
		{"a file of somebody's own", func(old, _ string) string { return strings.ReplaceAll(old, `"issued"`, `"was"`) }, false, 0},
		{"a newer file", func(old, _ string) string { return strings.ReplaceAll(old, "2026-07-15T08", "2027-07-15T08") }, false, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := newFixture(t)
			old := h.fileOf(t)
			var notices []string
			app := h.app()
			app.Notice = func(name, text string) { notices = append(notices, name+": "+text) }
			s := NewSource(app, h.store(), profile)
			h.mustWork(t, s)
			h.clock.pass(3 * time.Hour)
			ours := h.mustWork(t, s) // the old pair is dead now
			h.put(t, []byte(c.content(string(old), string(h.fileOf(t)))))
			changed := s.Reload()
			s.Reload()
			access := s.record().current.AccessToken
			if kept := access == ours; kept != c.kept || changed == kept {
				t.Errorf("pair in memory kept: %v, said to be another: %v; want it kept: %v", kept, changed, c.kept)
			}
			if got := h.content(t).AccessToken; (got == ours) != c.kept {
				t.Errorf("the file holds %s, ours is %s", got, ours)
			}
			if len(notices) != c.notices || c.notices > 0 && !strings.Contains(notices[0], profile+": the token file was replaced by an older one") {
				t.Errorf("notices are %q, want %d", notices, c.notices)
			}
			if c.kept {
				h.clock.pass(3 * time.Hour)
				h.mustWork(t, s)
			}
		})
	}
}

func TestOldFileIsUsedWhereNothingBetterIsKnown(t *testing.T) {
	t.Run("copied while the program was down", func(t *testing.T) {
		h := newFixture(t)
		old := h.fileOf(t)
		s := h.source()
		h.clock.pass(3 * time.Hour)
		mustToken(t, s) // renewed and not used: the old pair has eight hours
		h.put(t, old)
		h.mustWork(t, h.source())
	})
	t.Run("copied after Withings has refused the newer one", func(t *testing.T) {
		h := newFixture(t)
		old := h.fileOf(t)
		s := h.source()
		h.clock.pass(3 * time.Hour)
		mustToken(t, s)
		h.clock.pass(3 * time.Hour)
		h.forget(h.content(t).RefreshToken)
		rec := s.record()
		rec.previous = nil
		if err := s.save(rec); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Token(t.Context()); !errors.Is(err, ErrNeedsAuthorization) {
			t.Fatalf("got %v, want %v", err, ErrNeedsAuthorization)
		}
		h.put(t, old)
		h.mustWork(t, s)
	})
	t.Run("and dead, asks for a person", func(t *testing.T) {
		h := newFixture(t)
		old := h.fileOf(t)
		s := h.source()
		h.clock.pass(3 * time.Hour)
		h.mustWork(t, s)
		h.put(t, old)
		if _, err := h.source().Token(t.Context()); !errors.Is(err, ErrNeedsAuthorization) {
			t.Errorf("got %v, want %v", err, ErrNeedsAuthorization)
		}
	})
}

func TestOldFilePutThereWhileThePairWaitsForTheDiskIsReplaced(t *testing.T) {
	h, s, free := boughtUnsaved(t)
	older := strings.ReplaceAll(string(h.fileOf(t)), "2026-07-15T0", "2026-07-14T0")
	h.put(t, []byte(older))
	s.Reload()
	free()
	h.clock.pass(diskRetry)
	before := h.requests()
	if !s.Reload() {
		t.Error("the disk that is free again was not noticed")
	}
	h.mustWork(t, s)
	if got := h.requests() - before; got != 0 {
		t.Errorf("%d requests were made, want none: the pair was there", got)
	}
}
