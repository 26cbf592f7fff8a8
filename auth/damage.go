package auth

import (
	"errors"
	"fmt"

	"withings-exporter/exporter/statedir"
)

// keptAside is the error of a damaged token file that was renamed.
type keptAside struct {
	error
	path string // where it is now
}

func (e *keptAside) Unwrap() error { return e.error }

func aside(damage error, path string) error {
	return &keptAside{fmt.Errorf("%w; it is kept as %q", damage, path), path}
}

// look reads the token file without waiting for a lock. A damaged file is set aside and
// replaced by what is in memory; where nothing is, it is left as it is.
func (s *Source) look() {
	rec, seen, err := s.store.read()
	if err = s.renamed(err); !errors.Is(err, ErrDamaged) || !s.has() {
		s.apply(rec, seen, err)
		return
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	default:
		return // another goroutine has the file; the next look still finds it changed
	}
	unlock, ok := s.store.tryLock()
	if !ok {
		// Read again: the goroutine that had the turn may have set it aside.
		rec, seen, err = s.store.read()
		if err = s.renamed(err); errors.Is(err, ErrDamaged) {
			seen = stamp{} // makes the next look try again
		}
		s.apply(rec, seen, err)
		return
	}
	defer unlock()
	s.apply(s.take())
	if rec, ok := s.pending(); ok && s.damageLeft() == nil {
		// A pair that cannot be saved stays pending, and Token reports why.
		_ = s.save(rec)
	}
}

// take reads the file to change it. If it is damaged, it is set aside for the token in memory; without one
// it is left to who has one, and to a person. The lock must be held.
func (s *Source) take() (record, stamp, error) {
	if !s.has() {
		return s.store.read()
	}
	rec, seen, err := s.store.readOrSetAside()
	return rec, seen, s.renamed(err)
}

// has reports whether a token is in memory.
func (s *Source) has() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mem.have
}

// renamed is the error of a read, or ErrDamaged if the file is gone because another process has set it aside since it was last seen in
// order: then the token in memory is still good. One that a person has deleted, or Withdraw, stays away.
func (s *Source) renamed(err error) error {
	if !isGone(err) {
		return err
	}
	s.mu.Lock()
	have, since, known := s.mem.have, s.mem.goodAt, s.mem.aside
	s.mu.Unlock()
	if !have {
		return err
	}
	path := statedir.SetAsideSince(s.store.Path(), since)
	if path == "" || path == known { // which was replaced already
		return err
	}
	return aside(ErrDamaged, path)
}

// damageLeft is an error if a damaged file could not be set aside, or if the file cannot be
// read, so that it may have a newer token: then it must not be overwritten.
func (s *Source) damageLeft() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mem.unread != nil {
		return s.mem.unread
	}
	if err := s.blocked(s.app.now()); err != nil && s.damageInPlace() != nil {
		return err
	}
	return s.damageInPlace()
}

// damageInPlace is why the token file is damaged, if there is a token to replace it and it has not been
// set aside yet. The mutex must be held.
func (s *Source) damageInPlace() error {
	if s.mem.have && errors.Is(s.mem.fileErr, ErrDamaged) && s.mem.seen.info != nil {
		return s.mem.fileErr
	}
	return nil
}

// healed is what there is to tell after a damaged file was replaced. The mutex must be held.
func (m *memory) healed() error {
	kept := ""
	if m.aside != "" {
		kept = fmt.Sprintf(" (kept as %q)", m.aside)
	}
	return fmt.Errorf("the token file was damaged%s; %w", kept, ErrRestored)
}

// isGone reports whether the file is not there, and was not withdrawn.
func isGone(err error) bool {
	m, is := errors.AsType[*missing](err)
	return is && m.withdrawn.IsZero()
}
