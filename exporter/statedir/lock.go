package statedir

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/retry"
)

const (
	// LockTime is how long Lock waits at most. Locks are held for milliseconds, only for
	// the renewal of a token for seconds.
	LockTime = 10 * time.Second
	// tryTime is how long TryLock waits for a disk that does not answer.
	tryTime = 2 * time.Second
)

// lockRetry is the wait before a lock held by another process is tried again. It begins
// short, since most are held for milliseconds.
var lockRetry = retry.Backoff{First: time.Millisecond, Most: 50 * time.Millisecond}

// ErrLocked is the error of a lock that another process, or another part of this one,
// holds for longer than Lock waits. A lock that was never found held has another error.
var ErrLocked = errors.New("still locked")

// errSlow is the error of a disk that has not answered in time.
var errSlow = errors.New("the disk does not respond")

// Lock locks the file at path, which is made if necessary. It waits until ctx ends,
// LockTime at most. The error names the holder. Unlocking twice is the same as once.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	limited, cancel := context.WithTimeoutCause(ctx, LockTime, errSlow)
	defer cancel()
	pause := lockRetry.First
	retry := time.NewTimer(pause)
	defer retry.Stop()
	for held := false; ; held = true {
		unlock, err := attempt(limited, path)
		if unlock != nil {
			return unlock, nil
		}
		if err != nil && !(held && limited.Err() != nil) {
			return nil, err
		}
		select {
		case <-retry.C:
			pause = lockRetry.Next(pause)
			retry.Reset(pause)
		case <-limited.Done():
			cause := context.Cause(limited)
			if errors.Is(cause, errSlow) {
				cause = fmt.Errorf("%w after %v", ErrLocked, LockTime)
			}
			return nil, hint.Wrap(fmt.Errorf("lock %q: %w", path, heldError{cause}), HolderOf(ctx, path))
		}
	}
}

// heldError is ErrLocked in the words of what ended the wait.
type heldError struct{ cause error }

func (e heldError) Error() string { return e.cause.Error() }

func (e heldError) Unwrap() []error { return []error{ErrLocked, e.cause} }

// Held reports whether somebody holds the lock, without taking it or making its file: whoever looks is never mistaken for one who
// holds it. The error says why that cannot be seen.
func Held(ctx context.Context, path string) (bool, error) {
	limited, cancel := context.WithTimeoutCause(ctx, tryTime, errSlow)
	defer cancel()
	held, err := within(limited, path, func() (bool, error) {
		if err := Regular(path); errors.Is(err, fs.ErrNotExist) {
			return false, nil
		} else if err != nil {
			return false, err
		}
		lock := flock.New(path, flock.SetFlag(os.O_RDONLY|syscall.O_NONBLOCK))
		free, err := lock.TryRLock() // several may look at once
		return !free, errors.Join(err, lock.Close())
	}, nil)
	if err != nil {
		return false, hint.Wrap(fmt.Errorf("look at lock %q: %w", path, cause(err)), hintFor(path, err))
	}
	return held, nil
}

// Usable returns an error if the file of a lock is another user's than the directory, who can then not lock it.
func Usable(d *Dir, path string) error {
	file, err := os.Stat(path)
	if err != nil {
		return nil // there is nothing in the way
	}
	folder, err := os.Stat(d.path)
	if err != nil {
		return fmt.Errorf("look at the state directory: %w", err)
	}
	owner, _ := Owner(file)
	if user, group := Owner(folder); user > 0 && owner != user && file.Mode().Perm()&0o004 == 0 { // root may open it
		return hint.Wrap(fmt.Errorf("lock %q belongs to user %d and the folder to user %d", path, owner, user),
			giveTo(d.path, user, group))
	}
	return nil
}

// hintFor is Hint for the file of a lock, which another user may have made.
func hintFor(path string, err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return cmp.Or(ofOther(path), Hint(err))
	}
	return Hint(err)
}

// TryLock is Lock without waiting for others: ok reports whether it got the lock. The
// error says why the file cannot be locked.
func TryLock(path string) (unlock func(), ok bool, err error) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), tryTime, errSlow)
	defer cancel()
	unlock, err = attempt(ctx, path)
	return unlock, unlock != nil, err
}

// attempt tries once; unlock is nil if another holds the lock.
func attempt(ctx context.Context, path string) (unlock func(), err error) {
	open, err := within(ctx, path, func() (func(), error) { return lockFile(path) }, func(open func()) {
		if open != nil {
			open()
		}
	})
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("lock %q: %w", path, cause(err)), hintFor(path, err))
	}
	if open == nil {
		return nil, nil
	}
	return func() {
		ctx, cancel := context.WithTimeoutCause(context.Background(), tryTime, errSlow)
		defer cancel()
		// If the disk hangs, the lock is released when it answers or the process ends.
		_, _ = within(ctx, path, func() (struct{}, error) { open(); return struct{}{}, nil }, nil)
	}, nil
}

// Lockless reports whether an error of Lock or TryLock is that of a file system that has no locks.
func Lockless(err error) bool {
	return errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.ENOTSUP)
}

// errIrregular is the error of a path that is not a file.
var errIrregular = errors.New("not a regular file")

// irregular says what is in place of a regular file.
func irregular(mode fs.FileMode) error {
	switch {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return fmt.Errorf("%w but a folder", errIrregular)
	case mode&fs.ModeNamedPipe != 0:
		return fmt.Errorf("%w but a named pipe", errIrregular)
	}
	return errIrregular
}

// lockFile tries to lock the file, and writes into it who holds it.
func lockFile(path string) (unlock func(), err error) {
	// Checked before it is opened, and opened without waiting for the other end, since
	// it could be a named pipe.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, irregular(info.Mode())
	}
	lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR|syscall.O_NONBLOCK))
	got, err := lock.TryLock()
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) { // a file that can only be read can still be locked
		lock = flock.New(path, flock.SetFlag(os.O_RDONLY|syscall.O_NONBLOCK))
		if again, readErr := lock.TryLock(); readErr == nil {
			got, err = again, nil
		}
	}
	if err != nil {
		return nil, err
	}
	if !got {
		return nil, nil
	}
	if info, err := lock.Stat(); err == nil && !info.Mode().IsRegular() {
		return nil, errors.Join(irregular(info.Mode()), lock.Close())
	}
	sign(path)
	return func() {
		if lock.Locked() {
			erase(path)
		}
		// Closing the file, or the end of the process, releases the lock even if
		// unlocking fails: there is nothing to report.
		_ = lock.Close()
	}, nil
}
