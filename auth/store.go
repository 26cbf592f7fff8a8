package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/statedir"
)

// kind is the kind of token files in the state directory.
const kind = "token"

// Store is the token file of one profile. Every change is made under a lock that other
// processes respect, too.
type Store struct {
	dir      *statedir.Dir
	profile  string
	clientID string
	now      func() time.Time
	write    func(path string, data []byte) error // statedir.Write; tests make it fail
	room     func(path string, size int) error    // statedir.Room; tests make it fail
}

// NewStore is the token file of a profile for the application of this client
// id. The clock, nil for the system's, dates damaged files.
func NewStore(dir *statedir.Dir, profile, clientID string, now func() time.Time) *Store {
	if now == nil {
		now = time.Now
	}
	return &Store{dir: dir, profile: profile, clientID: clientID, now: now, write: statedir.Write, room: statedir.Room}
}

// Path is the path of the token file.
func (s *Store) Path() string { return s.dir.File(s.profile, kind) }

// Load reads the token. The error is fs.ErrNotExist if there is none,
// ErrForeign if the file must not be touched, ErrOtherApplication (with the
// token beside it) if another application obtained it, and ErrDamaged if the
// file cannot be read; it is then set aside and the error says where.
func (s *Store) Load(ctx context.Context) (Token, error) {
	rec, _, err := s.read()
	if !errors.Is(err, ErrDamaged) {
		return rec.current, err
	}
	unlock, lockErr := s.lock(ctx)
	if lockErr != nil {
		return Token{}, errors.Join(err, lockErr)
	}
	defer unlock()
	rec, _, err = s.readOrSetAside()
	return rec.current, err
}

// Peek is Load without setting aside a damaged file.
func (s *Store) Peek() (Token, error) {
	rec, _, err := s.read()
	return rec.current, err
}

// Save replaces the content of the file by a newly authorised token, durably; a damaged
// file is set aside first. It refuses to overwrite the token of another profile or of a
// newer version of this program (ErrForeign), and one that cannot be read now.
func (s *Store) Save(ctx context.Context, t Token) error {
	t.ClientID = s.clientID
	if !isSecret(t.AccessToken) || !isSecret(t.RefreshToken) {
		return fmt.Errorf("save the token of profile %q: half of the pair is missing; nothing was changed", s.profile)
	}
	unlock, err := s.patientLock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	_, _, err = s.readOrSetAside()
	if errors.Is(err, ErrForeign) || statedir.Unread(err) {
		return err
	}
	if _, err = s.put(record{current: t}); err == nil {
		s.authorised()
	}
	return err
}

// lock waits until no other process changes the file, statedir.LockTime at most.
func (s *Store) lock(ctx context.Context) (unlock func(), err error) {
	unlock, err = statedir.Lock(ctx, s.dir.LockFile(s.profile, kind))
	if err != nil {
		return nil, fmt.Errorf("wait to change the token of profile %q: %w", s.profile, err)
	}
	return unlock, nil
}

// patientLock is lock for a pair that must not be lost. It waits longer, since a renewal
// keeps the lock until Withings answers.
func (s *Store) patientLock(ctx context.Context) (unlock func(), err error) {
	for waited := time.Duration(0); waited <= requestLimit; waited += statedir.LockTime {
		if unlock, err = s.lock(ctx); !errors.Is(err, statedir.ErrLocked) {
			break
		}
	}
	return unlock, err
}

// tryLock is lock without waiting; it reports whether it got the lock.
func (s *Store) tryLock() (unlock func(), ok bool) {
	unlock, ok, _ = statedir.TryLock(s.dir.LockFile(s.profile, kind)) // what is wrong with it is met again by lock
	return unlock, ok
}

// stamp is what a file looked like when it was read.
type stamp struct {
	info os.FileInfo       // nil if there was no file
	sum  [sha256.Size]byte // of the content
}

// changed reports whether the file looks different now. It reads no content.
func (s *Store) changed(seen stamp) bool {
	info, err := os.Stat(s.Path())
	if err != nil || seen.info == nil {
		return !errors.Is(err, fs.ErrNotExist) || seen.info != nil
	}
	return !os.SameFile(info, seen.info) || info.Size() != seen.info.Size() || !info.ModTime().Equal(seen.info.ModTime())
}

// read reads the file without changing anything.
func (s *Store) read() (record, stamp, error) {
	// Looked at before it is read: if it changes in between, the stamp is the
	// older one and the next look notices.
	info, err := os.Stat(s.Path())
	if err != nil {
		err = fmt.Errorf("find the token of profile %q: %w", s.profile, err)
		if errors.Is(err, fs.ErrNotExist) {
			err = &missing{err, s.Withdrawn()}
		}
		return record{}, stamp{}, err
	}
	data, err := statedir.Read(s.Path(), fileLimit)
	if err != nil {
		return record{}, stamp{}, fmt.Errorf("load the token of profile %q: %w", s.profile, err)
	}
	seen := stamp{info, sha256.Sum256(data)}
	profile, rec, err := decodeFile(data)
	switch {
	case err != nil:
		return record{}, seen, fmt.Errorf("load %q: %w", s.Path(), err)
	case profile != s.profile:
		return record{}, seen, hint.Wrap(fmt.Errorf("load %q: %w: it belongs to profile %q, not to %q",
			s.Path(), ErrForeign, profile, s.profile), "move it away")
	case rec.current.ClientID != s.clientID:
		return rec, seen, hint.Wrap(fmt.Errorf("load %q: %w: client id %q, but %q is configured",
			s.Path(), ErrOtherApplication, rec.current.ClientID, s.clientID), otherApplicationAdvice(s.profile))
	}
	return rec, seen, nil
}

// readOrSetAside reads the file and, if it is damaged, sets it aside. The lock
// must be held: without it the file set aside could be a good one put there in
// the meantime.
func (s *Store) readOrSetAside() (record, stamp, error) {
	rec, seen, err := s.read()
	if !errors.Is(err, ErrDamaged) {
		return rec, seen, err
	}
	path, asideErr := statedir.SetAside(s.Path(), s.now())
	if asideErr != nil {
		return record{}, seen, errors.Join(err, asideErr)
	}
	return record{}, stamp{}, aside(err, path)
}

// roomSize is more than a token file has, in bytes.
const roomSize = 16 << 10

// hasRoom is an error if a new token could not be written now. A pair that was
// never obtained cannot be lost: the refresh token in the file then lives on for a year,
// and not for the eight hours that a replaced one has.
func (s *Store) hasRoom() error {
	if err := s.room(s.Path(), roomSize); err != nil {
		return fmt.Errorf("renew the token of profile %q: %w", s.profile, err)
	}
	return nil
}

// put writes the file durably. The lock must be held.
func (s *Store) put(rec record) (stamp, error) {
	data, err := encodeFile(s.profile, rec)
	if err != nil {
		return stamp{}, err
	}
	if err := s.write(s.Path(), data); err != nil {
		return stamp{}, fmt.Errorf("save the token of profile %q: %w", s.profile, err)
	}
	seen := stamp{sum: sha256.Sum256(data)}
	// Should the look fail, the next one finds a change and reads again.
	seen.info, _ = os.Stat(s.Path())
	return seen, nil
}
