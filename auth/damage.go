package auth

import "errors"

// look reads the token file without waiting for a lock. A damaged file is set aside and
// replaced by what is in memory.
func (s *Source) look() {
	rec, seen, err := s.store.read()
	if !errors.Is(err, ErrDamaged) {
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
		if rec, seen, err = s.store.read(); errors.Is(err, ErrDamaged) {
			seen = stamp{} // makes the next look try again
		}
		s.apply(rec, seen, err)
		return
	}
	defer unlock()
	s.apply(s.store.readOrSetAside())
	if rec, ok := s.pending(); ok && s.damageLeft() == nil {
		// A pair that cannot be saved stays pending, and Token reports why.
		_ = s.save(rec)
	}
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

// damageInPlace is why the token file is damaged, if it has not been set aside
// yet. The mutex must be held.
func (s *Source) damageInPlace() error {
	if errors.Is(s.mem.fileErr, ErrDamaged) && s.mem.seen.info != nil {
		return s.mem.fileErr
	}
	return nil
}
