package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"withings-exporter/exporter/hint"
)

// settle does again what the disk has refused, or puts back what an older file
// has taken the place of, if that is due and nobody else is at the file. It
// reports whether a disk that did not take a token does so now.
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

// tryFile takes the turn and the lock, if nobody else is at the file.
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

// unsettled reports whether settle has something to do, and whether that is to
// do with the disk.
func (s *Source) unsettled() (due, waits bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &s.mem
	return (m.waits || m.restored) && !s.app.now().Before(m.diskAt), m.waits
}

// saveWaiting saves the pair that waits, if one does; else it looks whether there
// is room for one. The lock must be held.
func (s *Source) saveWaiting() error {
	s.apply(s.store.readOrSetAside())
	if err := s.damageLeft(); err != nil {
		return err
	}
	if rec, ok := s.pending(); ok {
		return s.save(rec)
	}
	return s.store.hasRoom()
}

// Flush saves a new pair that still waits in memory, before the program ends:
// without it, the file has a refresh token that lives for some hours more. It
// waits for the lock until ctx ends. There mostly is nothing to do.
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
