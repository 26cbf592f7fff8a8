package exporter

import (
	"context"
	"time"
)

const (
	// keeping is how soon a bed event is saved if the poller does not do so before.
	keeping = time.Second
	// keepingPace is how often that happens at most.
	keepingPace = 5 * time.Second
)

// keepTold saves what notifications tell soon after it has arrived, until ctx ends: also
// during a long poll, or while there is no token. Withings cannot be asked for it again.
func (p *Poller) keepTold(ctx context.Context, profile *Profile) {
	for wait := keeping; ; wait = keepingPace {
		select {
		case <-ctx.Done():
			return
		case <-profile.Inbox.told:
		}
		if Pause(ctx, wait) != nil {
			return
		}
		for p.saveTold(profile); profile.State.Unsaved(); p.saveTold(profile) {
			if Pause(ctx, keepingPace) != nil { // as with a disk that is full
				return
			}
		}
	}
}

// saveTold saves the state if it has bed events that are not saved.
func (p *Poller) saveTold(profile *Profile) {
	if profile.State.Unsaved() {
		p.save(profile, p.Log.With("profile", profile.State.Profile()))
	}
}

// Unsaved reports whether notifications have told something that a file does not have.
func (s *State) Unsaved() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told() != s.saved
}

// told counts what notifications have changed since the start. The mutex must be held.
func (s *State) told() (n int) {
	for _, service := range Services() {
		if service.Row().Told {
			n += s.services[service].changes
		}
	}
	return n
}

// beforeSave returns what is to be called once a file has what the state has now.
func (s *State) beforeSave() (saved func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	has := s.told()
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.saved = has
	}
}

// SaveTold saves the state if notifications have told something that the file does not
// have. The poller must have stopped.
func (p *Profile) SaveTold() error {
	if !p.State.Unsaved() {
		return nil
	}
	saved := p.State.beforeSave()
	err := p.Save()
	if err == nil {
		saved()
	}
	return err
}
