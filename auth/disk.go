package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"withings-exporter/exporter/hint"
)

// settle tries again to save what could not be saved, or restores a token that an older
// file has replaced, if that is due and the file is not in use. It reports whether a
// disk that could not save a token now can.
func (s *Source) settle() bool {
	due, waits := s.unsettled()
	if !due {
		return false
	}
	done, ok := s.tryFile()
	if !ok {
		return false
	}
	defer done()
	if err := s.saveWaiting(); err != nil {
		s.unsavedNow(err)
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mem.waits, s.mem.restored, s.mem.retryAt = false, false, time.Time{}
	if errors.Is(s.mem.lastErr, ErrUnsaved) {
		s.mem.lastErr = nil
	}
	return waits
}

// tryFile takes the turn and the lock, if the file is not in use.
func (s *Source) tryFile() (done func(), ok bool) {
	select {
	case s.turn <- struct{}{}:
	default:
		return nil, false
	}
	unlock, ok := s.store.tryLock()
	if !ok {
		<-s.turn
		return nil, false
	}
	return func() { unlock(); <-s.turn }, true
}

// unsettled reports whether settle has something to do, and whether it is because of the
// disk.
func (s *Source) unsettled() (due, waits bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &s.mem
	return (m.waits || m.unsaved != nil) && !s.app.now().Before(m.diskAt), m.waits
}

// saveWaiting saves the waiting pair, if any; otherwise it checks that there is room for
// one. The lock must be held.
func (s *Source) saveWaiting() error {
	s.apply(s.take())
	if err := s.damageLeft(); err != nil {
		return err
	}
	if rec, ok := s.pending(); ok {
		return s.save(rec)
	}
	return s.store.hasRoom()
}

// Flush saves a new pair that still waits in memory, before the program ends: otherwise
// the file has a refresh token that expires within hours. It waits for the lock until
// ctx ends. Mostly there is nothing to do.
func (s *Source) Flush(ctx context.Context) error {
	s.mu.Lock()
	unsaved := s.mem.unsaved
	s.mu.Unlock()
	if unsaved == nil {
		return nil
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return fmt.Errorf("save the token of profile %q: %w", s.profile, context.Cause(ctx))
	}
	unlock, err := s.store.lock(ctx)
	if err == nil {
		defer unlock()
		err = s.saveWaiting()
	}
	if err != nil {
		return hint.Wrap(err, fmt.Sprintf("free space there and start the program before %s, when the token on disk can no longer be renewed, or authorise again",
			unsaved.current.Issued.Add(previousLife).UTC().Format(time.RFC3339)))
	}
	return nil
}
