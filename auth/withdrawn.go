package auth

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"withings-exporter/exporter/hint"
)

// withdrawnKind is the kind of the file that says when an authorisation was withdrawn. It has nothing of the person but the name.
const withdrawnKind = "withdrawn"

// withdrawnJSON is that file as it is written.
type withdrawnJSON struct {
	about
	Withdrawn time.Time `json:"withdrawn"`
}

// Withdraw deletes the token file of a profile whose authorisation was ended, and keeps when that was until the next Save. A
// missing file is not an error.
func (s *Store) Withdraw(ctx context.Context) error {
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := os.Stat(s.Path()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	// Written first: who notices that the token is gone finds out why. A full disk does not keep the token from being deleted.
	s.note(withdrawnKind, withdrawnJSON{s.about(), s.now().UTC()})
	if err := os.Remove(s.Path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return hint.Wrap(fmt.Errorf("remove the token of profile %q: %w", s.profile, err), "delete the file yourself")
	}
	s.forget(endedKind)
	return nil
}

// Withdrawn is when the authorisation was withdrawn; zero if it was not, or is not known to be.
func (s *Store) Withdrawn() time.Time {
	var f withdrawnJSON
	if !s.recall(withdrawnKind, &f) {
		return time.Time{}
	}
	return f.Withdrawn
}

// WithdrawnWhen says when an authorisation was withdrawn, as in "withdrawn on 2026-07-15 08:00 UTC".
func WithdrawnWhen(at time.Time) string {
	return "withdrawn on " + at.UTC().Format("2006-01-02 15:04 MST")
}

// authorised forgets that the authorisation was ever withdrawn, or has ended. The lock must be held.
func (s *Store) authorised() {
	s.forget(withdrawnKind) // beside a token the file says nothing
	s.forget(endedKind)     // which is of another token
}

// missing is an error about a token file that is not there, with when the authorisation was withdrawn.
type missing struct {
	error
	withdrawn time.Time // zero: it was not
}

func (e *missing) Unwrap() error { return e.error }

// Withdrawn is when the authorisation was withdrawn; zero if it was not, or is not known to be. It looks only at memory.
func (s *Source) Withdrawn() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := errors.AsType[*missing](s.mem.fileErr); ok {
		return m.withdrawn
	}
	return time.Time{}
}

// forgotten reports whether the note of a withdrawal is gone since it was read: whoever deletes all files of a person deletes it, too.
func (s *Source) forgotten() bool { return !s.Withdrawn().IsZero() && !s.store.has(withdrawnKind) }

// whyMissing is why there is no token.
func whyMissing(err error) string {
	if m, ok := errors.AsType[*missing](err); ok && !m.withdrawn.IsZero() {
		return WithdrawnWhen(m.withdrawn)
	}
	return "not authorised yet"
}
