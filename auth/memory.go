package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/reach"
	"withings-exporter/exporter/retry"
)

const (
	// silentPause is the longest pause while Withings does not answer at all.
	silentPause = 45 * time.Second
	// limitPause is the shortest pause after the rate limit.
	limitPause = time.Minute
	// diskRetry is how often saving a token is tried again.
	diskRetry = 5 * time.Second
	// maxDenials is how many answers in a row of the family "unauthorized"
	// count as a refusal.
	maxDenials = 3
)

var (
	// renewing is the time between two attempts to renew after a temporary failure.
	renewing = retry.Backoff{First: 15 * time.Second, Most: 5 * time.Minute}
	// forcing is the time between two renewals that only Rejected asked for; it
	// grows while no renewed token works.
	forcing = retry.Backoff{First: 10 * time.Minute, Most: 80 * time.Minute}
)

// memory is what a Source knows between two calls.
type memory struct {
	have bool   // rec has a token
	rec  record // as in the file, or newer than a file that is damaged
	seen stamp  // the file when it was read last

	goodAt  time.Time // when the file was last seen in order
	aside   string    // where the damaged file is that was set aside last
	fileErr error     // why the file gives no token
	lastErr error     // the newest failure, for LastError

	// Temporary failures to renew.
	retryAt time.Time
	pause   time.Duration
	denials int

	// Withings refused to renew: no request until the content changes.
	refusal    error
	refusedSum [sha256.Size]byte

	// Outcomes of data calls, by access token.
	rejected string
	used     string

	// Renewals that only Rejected asked for.
	forced     string // the access token that the newest one gave
	forceAt    time.Time
	forcePause time.Duration

	// A pair that could not be saved yet, and the content it replaces.
	unsaved    *record
	unsavedSum [sha256.Size]byte
	unread     error     // why the file, which exists, could not be read when it was last tried
	restored   bool      // it was saved once, and an older file was put in its place
	waits      bool      // a renewal, or that pair, waits for the disk
	diskAt     time.Time // and is not tried before
}

// apply takes over what was read from the file.
func (s *Source) apply(rec record, seen stamp, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &s.mem
	m.unread = nil
	switch {
	case err == nil && s.isOlder(rec.current, seen):
		// An old file was put there, as from a backup. Its refresh token died when the
		// newer pair was used, so that is restored.
		if m.unsaved == nil {
			kept := m.rec
			m.unsaved, m.restored = &kept, true
		}
		m.unsavedSum, m.fileErr, m.seen = seen.sum, nil, seen
	case err == nil:
		if seen.sum != m.seen.sum {
			m.retryAt, m.pause, m.denials, m.lastErr = time.Time{}, 0, 0, nil
		}
		if seen.sum != m.refusedSum {
			m.refusal = nil
		}
		m.rec, m.have, m.fileErr, m.seen, m.goodAt = rec, true, nil, seen, s.app.now()
	case errors.Is(err, ErrDamaged):
		if kept, ok := errors.AsType[*keptAside](err); ok {
			m.aside = kept.path
		}
		m.fileErr, m.lastErr, m.seen = err, err, seen
		if m.have {
			// The pair in memory is better than the one in the file: restore it.
			if m.unsaved == nil {
				kept := m.rec
				m.unsaved = &kept
			}
			m.unsavedSum = seen.sum
		}
	case m.have && isGone(err) && errors.Is(m.fileErr, ErrDamaged):
		// It was set aside, here or by another process. The pair in memory has not been
		// saved again yet, and where the file is now has not been reported yet.
		m.seen, m.unsavedSum = seen, seen.sum
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, ErrForeign), errors.Is(err, ErrOtherApplication):
		m.rec, m.have, m.fileErr, m.seen = record{}, false, err, seen
		m.unsaved, m.restored = nil, false // what was known is of a file that is gone
	default:
		// The file exists but cannot be read now. The empty stamp makes the next look read
		// it again.
		m.lastErr, m.unread, m.seen = err, err, stamp{}
		if !m.have {
			m.fileErr = err
		}
	}
}

// isOlder reports whether the token of a file is older than the one in memory, of the
// same person and application, and the one in memory is good as far as is known. The
// mutex must be held.
func (s *Source) isOlder(file Token, seen stamp) bool {
	m := &s.mem
	ours := m.rec.current
	if m.unsaved != nil {
		ours = m.unsaved.current
	}
	switch {
	case !m.have, m.refusal != nil:
		return false
	case m.unsaved != nil && seen.sum == m.unsavedSum:
		return false // the unsaved pair will replace it
	case file.ClientID != ours.ClientID, file.UserID != "" && ours.UserID != "" && file.UserID != ours.UserID:
		return false
	case file.Issued.IsZero() || ours.Issued.IsZero():
		return false // another process has written it, and may know better
	}
	return file.Issued.Before(ours.Issued)
}

// blocked is why Token can neither return a token nor ask Withings. The mutex must be
// held.
func (s *Source) blocked(now time.Time) error {
	m := &s.mem
	switch {
	case m.refusal != nil:
		return m.refusal
	case m.fileErr == nil:
		return s.refusedFresh(now)
	case errors.Is(m.fileErr, ErrDamaged) && m.have:
		return nil
	case errors.Is(m.fileErr, fs.ErrNotExist):
		return &needsAuthorization{profile: s.profile, reason: whyMissing(m.fileErr)}
	case errors.Is(m.fileErr, ErrDamaged):
		return &needsAuthorization{profile: s.profile, reason: "token lost", cause: m.fileErr}
	case errors.Is(m.fileErr, ErrOtherApplication) && s.app.Standing.Refused() != nil: // so the client id is what is wrong
		return s.app.Standing.Refused()
	case errors.Is(m.fileErr, ErrOtherApplication):
		return &needsAuthorization{profile: s.profile, reason: "the " + ErrOtherApplication.Error(), cause: m.fileErr}
	}
	return m.fileErr
}

// refusedFresh is an error while the newest access token, fresh from a renewal
// asked for by Rejected, has been rejected too. The mutex must be held.
func (s *Source) refusedFresh(now time.Time) error {
	m := &s.mem
	access := m.rec.current.AccessToken
	if access == "" || m.rejected != access || m.forced != access || m.used == access || !now.Before(m.forceAt) {
		return nil
	}
	return &needsAuthorization{profile: s.profile, reason: fmt.Sprintf(
		"Withings renews the token and then refuses it (the next attempt is at %s)", m.forceAt.UTC().Format(time.RFC3339))}
}

// ready decides whether Token has its answer without the lock.
func (s *Source) ready() (access string, decided bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, now := &s.mem, s.app.now()
	if s.damageInPlace() != nil {
		return "", false, nil // setting it aside takes the lock
	}
	if err := s.blocked(now); err != nil {
		return "", true, err
	}
	current := m.rec.current
	switch {
	case m.fileErr == nil && !s.due(now):
		return current.AccessToken, true, nil
	case now.Before(m.retryAt):
		access, err := s.meanwhile(now)
		return access, true, err
	}
	return "", false, nil
}

// due reports whether the token must be renewed. The mutex must be held.
func (s *Source) due(now time.Time) bool {
	m := &s.mem
	current := m.rec.current
	lead := s.lead
	if life := current.Expiry.Sub(current.Issued); life < 4*lead {
		lead = max(life, 0) / 4 // short-lived tokens are not renewed all the time
	}
	if current.AccessToken == "" || !now.Before(current.Expiry.Add(-lead)) {
		return true
	}
	return m.rejected == current.AccessToken && !now.Before(m.forceAt)
}

// meanwhile is the old access token while it is valid, then the newest failure. The
// mutex must be held.
func (s *Source) meanwhile(now time.Time) (string, error) {
	m := &s.mem
	if current := m.rec.current; m.have && current.ValidAt(now) && m.rejected != current.AccessToken {
		return current.AccessToken, nil
	}
	if errors.Is(m.lastErr, ErrApplicationRefused) { // which is the same for all profiles
		return "", m.lastErr
	}
	return "", fmt.Errorf("profile %q: no valid access token: %w", s.profile, m.lastErr)
}

// failed notes a temporary failure, and falls back on the old token. An ended context
// does not count as a failure.
func (s *Source) failed(ctx context.Context, err error) (string, error) {
	if ctx.Err() != nil {
		return "", fmt.Errorf("profile %q: %w", s.profile, errors.Join(ctx.Err(), err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, now := &s.mem, s.app.now()
	m.pause = renewing.Next(m.pause)
	if _, silent := errors.AsType[*reach.Error](err); silent { // longer waits would spare nobody anything
		m.pause = min(m.pause, silentPause)
	}
	wait := m.pause
	if envelope.Limited(envelope.Outcome(err)) {
		wait = max(wait, limitPause)
	}
	m.retryAt, m.lastErr = now.Add(wait), err
	return s.meanwhile(now)
}

// waitForDisk notes that a token could not be saved, and falls back on the old one.
func (s *Source) waitForDisk(ctx context.Context, err error) (string, error) {
	s.unsavedNow(err)
	if ctx.Err() != nil {
		return s.failed(ctx, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, now := &s.mem, s.app.now()
	m.retryAt = now.Add(diskRetry)
	return s.meanwhile(now)
}

// unsavedNow notes when the disk is to be tried again.
func (s *Source) unsavedNow(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mem.waits, s.mem.diskAt = true, s.app.now().Add(diskRetry)
	s.mem.lastErr = fmt.Errorf("%w: %w", ErrUnsaved, err)
}

// refuse notes that Withings refuses to renew this pair. The lock must be held.
func (s *Source) refuse(err error) {
	s.mu.Lock()
	s.mem.refusal, s.mem.lastErr, s.mem.refusedSum = err, err, s.mem.seen.sum
	sum := s.mem.seen.sum
	s.mu.Unlock()
	s.store.noteEnd(err, sum)
}

// record is the current pair.
func (s *Source) record() record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mem.rec
}

// hold keeps a new pair that has not been saved yet.
func (s *Source) hold(rec record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &s.mem
	if m.rejected != "" && m.rejected == m.rec.current.AccessToken {
		m.forcePause = forcing.Next(m.forcePause)
		m.forced, m.forceAt = rec.current.AccessToken, s.app.now().Add(m.forcePause)
	}
	m.unsaved, m.unsavedSum, m.restored = &rec, m.seen.sum, false
}

// pending is the pair that could not be saved, unless the file has changed in the
// meantime: then that is newer.
func (s *Source) pending() (record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &s.mem
	if m.unsaved == nil {
		return record{}, false
	}
	if m.seen.sum != m.unsavedSum {
		m.unsaved = nil
		return record{}, false
	}
	return *m.unsaved, true
}

// unchanged notes that the file is still as it was read.
func (s *Source) unchanged() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := &s.mem; m.fileErr == nil && m.seen.info != nil {
		m.goodAt = s.app.now()
	}
}

// saved makes a saved record the current one, and says what that has repaired, if anything.
func (s *Source) saved(rec record, seen stamp) (repaired string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &s.mem
	m.lastErr = nil
	switch {
	case errors.Is(m.fileErr, ErrDamaged):
		m.lastErr = m.healed()
		repaired = m.lastErr.Error()
	case m.restored:
		repaired = "the token file was replaced by an older one; the newer token was restored"
	}
	m.rec, m.have, m.fileErr, m.seen, m.goodAt = rec, true, nil, seen, s.app.now()
	m.retryAt, m.pause, m.denials = time.Time{}, 0, 0
	m.refusal, m.unsaved, m.waits, m.restored = nil, nil, false, false
	return repaired
}
