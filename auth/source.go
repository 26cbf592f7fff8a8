package auth

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"sync"
	"time"

	"withings-exporter/exporter/envelope"
)

const (
	// earliest and spread say how long before its expiry a token is renewed: earliest, and
	// up to spread more, always the same for one profile, so that profiles authorised
	// together are not renewed together.
	earliest = 5 * time.Minute
	spread   = 10 * time.Minute
	// previousLife is how long a replaced refresh token may still work, from
	// the page on access and refresh tokens.
	previousLife = 8 * time.Hour
)

// Source has a valid access token of one profile. A process must have only one Source
// for a profile; other processes may share the file. It may be used by many goroutines
// and starts none.
type Source struct {
	app     *App
	store   *Store
	profile string
	lead    time.Duration // how long before the expiry to renew
	turn    chan struct{} // full during a renewal

	mu  sync.Mutex // guards mem; never held while waiting for anything
	mem memory
}

// NewSource is the source of a profile. It reads the token file as Reload does; a missing
// token is not an error yet.
func NewSource(app *App, store *Store, profile string) *Source {
	s := &Source{app: app, store: store, profile: profile, lead: leadOf(profile), turn: make(chan struct{}, 1)}
	s.look()
	return s
}

// leadOf is between earliest and earliest + spread, the same at every start.
func leadOf(profile string) time.Duration {
	h := fnv.New64a()
	// A hash takes every write.
	_, _ = io.WriteString(h, profile)
	return earliest + time.Duration(h.Sum64()%uint64(spread))
}

// Token returns a valid access token. It is renewed first if it expires soon or was
// rejected, and a new one is returned only when it is safe on the disk. While renewing
// fails for a temporary reason, which LastError returns, the old one is returned until
// it expires. The error is ErrNeedsAuthorization if only a person can help; then
// Withings is not asked.
func (s *Source) Token(ctx context.Context) (string, error) {
	s.Reload()
	if access, decided, err := s.ready(); decided {
		return access, err
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return "", fmt.Errorf("profile %q: wait for the renewal of its token: %w", s.profile, ctx.Err())
	}
	if access, decided, err := s.ready(); decided {
		return access, err
	}
	return s.renew(ctx)
}

// renew takes the lock, reads the file and does what is necessary. The turn must be held.
func (s *Source) renew(ctx context.Context) (string, error) {
	if err := s.app.Standing.wait(s.app.now()); err != nil {
		return s.failed(ctx, err)
	}
	ctx, err := s.app.reserve(ctx)
	if err != nil {
		return s.failed(ctx, err)
	}
	unlock, err := s.store.lock(ctx)
	if err != nil {
		return s.failed(ctx, err)
	}
	defer unlock()
	s.apply(s.take())
	if err := s.damageLeft(); err != nil {
		return s.failed(ctx, err)
	}
	if rec, ok := s.pending(); ok {
		if err := s.save(rec); err != nil {
			return s.waitForDisk(ctx, err)
		}
	}
	if access, decided, err := s.ready(); decided {
		return access, err
	}
	if err := s.store.hasRoom(); err != nil {
		return s.waitForDisk(ctx, err)
	}
	next, err := s.refresh(ctx)
	if err != nil {
		if errors.Is(err, ErrNeedsAuthorization) {
			s.refuse(err)
			return "", err
		}
		return s.failed(ctx, err)
	}
	if s.app.Log != nil {
		s.app.Log.Debug("token renewed", "profile", s.profile, "expires", next.current.Expiry)
	}
	s.hold(next)
	if err := s.save(next); err != nil {
		return s.waitForDisk(ctx, err)
	}
	return next.current.AccessToken, nil
}

// refresh obtains a new pair with the newest refresh token or, if Withings rejects that,
// with the one before it.
func (s *Source) refresh(ctx context.Context) (record, error) {
	if err := s.app.Standing.wait(s.app.now()); err != nil { // which another has found out since renew began
		return record{}, err
	}
	rec := s.record()
	from := rec.current
	next, err := s.app.Refresh(ctx, from.RefreshToken)
	if isRefusal(err) && rec.previous != nil && s.app.now().Sub(from.Issued) < previousLife {
		from = *rec.previous
		next, err = s.app.Refresh(ctx, from.RefreshToken)
	}
	if isRefusal(err) || s.deniedForLong(err) {
		other := s.app.blame(ctx, err)
		if other == nil {
			return record{}, &needsAuthorization{profile: s.profile, reason: "the permission has ended", cause: err}
		}
		err = other
	}
	s.app.Standing.judged(err, s.app.now())
	if err != nil {
		return record{}, err
	}
	if next.UserID == "" {
		next.UserID = from.UserID
	}
	if from.UserID != "" && next.UserID != from.UserID {
		return record{}, &needsAuthorization{profile: s.profile, reason: fmt.Sprintf(
			"Withings renewed the token of user %s with one of user %s, which was not stored", from.UserID, next.UserID)}
	}
	if next.Scope == "" {
		next.Scope = from.Scope
	}
	return record{current: next, previous: &from}, nil
}

// save writes the record and makes it the one in memory. The lock must be held.
func (s *Source) save(rec record) error {
	seen, err := s.store.put(rec)
	if err != nil {
		return err
	}
	if text := s.saved(rec, seen); text != "" {
		s.app.notice(s.profile, text)
	}
	return nil
}

// Reload reads the token file again if it has changed, and reports whether there is
// another token now, or the disk can save one again. It sends no request, waits for no
// lock and is cheap: call it every few seconds, and a new authorisation is noticed as
// fast, and an unsaved token saved. If there is a token in memory, it replaces an older
// file, and a damaged one, which is set aside. While another process has the lock,
// that is left to the next call.
func (s *Source) Reload() bool {
	s.mu.Lock()
	seen, before := s.mem.seen, s.mem.rec.current.AccessToken
	s.mu.Unlock()
	if s.store.changed(seen) || s.forgotten() {
		s.look()
	} else {
		s.unchanged()
	}
	free := s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	return free || s.mem.have && s.mem.rec.current.AccessToken != before
}

// Rejected says that Withings rejected a data call with this access token (status 401
// and its family). The next Token renews it, unless the file has another one. If a token
// just renewed is rejected as well, a person is needed, until the next try after ten
// minutes or more.
func (s *Source) Rejected(access string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if access != "" && s.mem.have && access == s.mem.rec.current.AccessToken {
		s.mem.rejected = access
	}
}

// Used says that a data call succeeded with this access token. Since the first one kills
// the old pair, that is removed from the file.
func (s *Source) Used(access string) {
	s.mu.Lock()
	first := s.mem.have && access == s.mem.rec.current.AccessToken && s.mem.used != access
	if first {
		s.mem.used, s.mem.forcePause = access, 0
	}
	kept := s.mem.rec.previous != nil
	s.mu.Unlock()
	if first && kept {
		s.dropPrevious(access)
	}
}

// dropPrevious removes the replaced pair from the file. If the file is in use or cannot
// be written, the dead pair stays; at worst it costs one useless request.
func (s *Source) dropPrevious(access string) {
	done, ok := s.tryFile()
	if !ok {
		return
	}
	defer done()
	rec, _, err := s.store.read()
	if err != nil || rec.current.AccessToken != access || rec.previous == nil {
		return
	}
	rec.previous = nil
	if seen, err := s.store.put(rec); err == nil {
		s.apply(rec, seen, nil)
	}
}

// Expiry is when the access token expires; false without a token.
func (s *Source) Expiry() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mem.rec.current.Expiry, s.mem.have
}

// Authorized is nil if the profile can be polled, otherwise an error that says what a
// person must do: ErrNeedsAuthorization if that is to authorise. It looks only at memory.
func (s *Source) Authorized() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.blocked(s.app.now())
}

// IsOfOther reports whether the token file belongs to another application than the
// configured one. It looks only at memory.
func (s *Source) IsOfOther() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Is(s.mem.fileErr, ErrOtherApplication)
}

// UserID is Withings' number of the person; empty if unknown.
func (s *Source) UserID() string { return s.record().current.UserID }

// Missing lists the wanted scopes that the token lacks.
func (s *Source) Missing() []string { return s.record().current.Missing() }

// Granted lists the scopes of the token; nil if unknown.
func (s *Source) Granted() []string { return s.record().current.Granted() }

// LastError is why the newest attempt to renew or read the token failed, even if the old
// one is still valid; nil if it succeeded.
func (s *Source) LastError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mem.lastErr
}

// String names the profile.
func (s *Source) String() string { return fmt.Sprintf("token source of profile %q", s.profile) }

// Format writes String for every verb, so that the tokens inside never show.
func (s *Source) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// deniedForLong counts answers of the family "unauthorized", since the first one is not
// reason enough to give up.
func (s *Source) deniedForLong(err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !hasClass(err, envelope.Unauthorized) {
		s.mem.denials = 0
		return false
	}
	s.mem.denials++
	return s.mem.denials >= maxDenials
}
