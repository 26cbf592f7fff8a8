package statedir

import (
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
	// LockTime is how long Lock waits at most. What is done under a lock takes
	// milliseconds, only the renewal of a token takes seconds.
	LockTime = 10 * time.Second
	// tryTime is how long TryLock waits for a disk that does not answer.
	tryTime = 2 * time.Second
)

// lockRetry is the time until a lock held by another process is tried again. It
// begins short, since most are held for milliseconds.
var lockRetry = retry.Backoff{First: time.Millisecond, Most: 50 * time.Millisecond}

// ErrLocked is the error of a lock that another process, or another part of this
// one, has kept for as long as Lock waits.
var ErrLocked = errors.New("still locked")

// errSlow is the error of a disk that has not answered in the time there was.
var errSlow = errors.New("the disk does not respond")

// Lock takes the lock that is the file at path, which is made if need be, and
// waits for it until ctx ends, LockTime at most. The error names who holds it.
// Unlocking twice does nothing more than unlocking once.
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
			return nil, hint.Wrap(fmt.Errorf("lock %q: %w", path, cause), HolderOf(ctx, path))
		}
	}
}

// TryLock is Lock without waiting for others: ok reports whether it got the
// lock. The error says why the file can be no lock.
func TryLock(path string) (unlock func(), ok bool, err error) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), tryTime, errSlow)
	defer cancel()
	unlock, err = attempt(ctx, path)
	return unlock, unlock != nil, err
}

// attempt tries once; unlock is nil while somebody else holds the lock.
func attempt(ctx context.Context, path string) (unlock func(), err error) {
	open, err := within(ctx, path, func() (func(), error) { return lockFile(path) }, func(open func()) {
		if open != nil {
			open()
		}
	})
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("lock %q: %w", path, cause(err)), Hint(err))
	}
	if open == nil {
		return nil, nil
	}
	return func() {
		ctx, cancel := context.WithTimeoutCause(context.Background(), tryTime, errSlow)
		defer cancel()
		// On a disk that hangs it is given back when that answers, or when the
		// process ends.
		_, _ = within(ctx, path, func() (struct{}, error) { open(); return struct{}{}, nil }, nil)
	}, nil
}

// errIrregular is the error of a path where something else than a file is.
var errIrregular = errors.New("not a regular file")

// irregular says what is there in place of a file, or nothing.
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

// lockFile tries to lock the file, and writes into it who has done so.
func lockFile(path string) (unlock func(), err error) {
	// Looked at before it is opened, and opened without waiting for anybody at
	// the other end: it could be a named pipe.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, irregular(info.Mode())
	}
	lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR|syscall.O_NONBLOCK))
	got, err := lock.TryLock()
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) { // who may only read can lock all the same
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
		// Closing its file gives the lock back even if unlocking fails, and so
		// does the end of the process: there is nothing to report.
		_ = lock.Close()
	}, nil
}
