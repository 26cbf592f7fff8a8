package statedir

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/shell"
)

const (
	// tempMark separates the name of a file from the random ending of a temporary one.
	tempMark = ".tmp-"
	// damagedMark separates the name of a file from the time it was set aside.
	damagedMark = ".damaged-"
)

// tempPattern is the pattern for os.CreateTemp; the leading dot hides the file and
// keeps it out of Profiles.
func tempPattern(base string) string { return "." + base + tempMark + "*" }

func isTemp(name string) bool {
	return strings.HasPrefix(name, ".") && strings.Contains(name, tempMark)
}

// Write replaces the file's content, mode 0600, and returns when it is safe on the
// disk. After an error the old content is in place, unless only the last step failed,
// syncing the folder: then the new content is there but may be lost in a power cut.
func Write(path string, data []byte) error {
	if err := Replace(path, data); err != nil {
		return hint.Wrap(fmt.Errorf("write %q: %w", path, cause(err)), Hint(err))
	}
	return nil
}

// Replace is Write for a file that may be anywhere: its error is bare.
func Replace(path string, data []byte) error {
	temp, err := stage(path, data)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp) // otherwise it is swept away later
		return err
	}
	return syncDir(filepath.Dir(path))
}

// Create writes a file, mode 0600, that may be anywhere and does not exist yet: it is
// there complete or not at all, and what is there stays, with an error that is
// fs.ErrExist.
func Create(path string, data []byte) error {
	temp, err := stage(path, data)
	if err != nil {
		return err
	}
	defer os.Remove(temp) // otherwise it is swept away later
	switch err := os.Link(temp, path); {
	case errors.Is(err, fs.ErrExist):
		return err
	case err != nil: // the file system has no links
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return cmp.Or(err, error(fs.ErrExist))
		}
		if err := os.Rename(temp, path); err != nil {
			return err
		}
	}
	return syncDir(filepath.Dir(path))
}

// Room tries whether a file of this size can be written beside the one at path now. Its
// error is worded like that of Write.
func Room(path string, size int) error {
	if err := staged(path, size); err != nil {
		return hint.Wrap(fmt.Errorf("write %q: %w", path, cause(err)), Hint(err))
	}
	return nil
}

// staged is the error of a temporary file of this size beside the one at path, which is removed again.
func staged(path string, size int) error {
	temp, err := stage(path, make([]byte, size))
	if err == nil {
		err = os.Remove(temp)
	}
	return err
}

// stage writes a temporary file, mode 0600, beside the one at path and returns its name
// when it is synced: some file systems only then notice a full disk.
func stage(path string, data []byte) (string, error) {
	temp, err := os.CreateTemp(filepath.Dir(path), tempPattern(filepath.Base(path)))
	if err != nil {
		return "", err
	}
	_, err = temp.Write(data)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		_ = os.Remove(temp.Name())
		return "", err
	}
	return temp.Name(), nil
}

// syncDir makes a rename in the folder durable, where the system has that.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil // the file system does not sync folders and does not need it
	}
	return errors.Join(err, f.Close())
}

// Hint says what to do about a file that could not be made or written; it may be "".
func Hint(err error) string {
	switch {
	case errors.Is(err, errIrregular):
		return "move it away"
	case full(err):
		return Space(err, "")
	case errors.Is(err, syscall.EMFILE):
		return "this process has too many files open: raise its limit (ulimit -n, LimitNOFILE= of systemd)"
	case errors.Is(err, syscall.ENFILE):
		return "the whole system has too many files open: raise fs.file-max, or stop what opens them"
	case Lockless(err):
		return "the file system there cannot lock files: choose a state directory on another one"
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return "allow the user running this program to write to that folder, or choose another state directory"
	case errors.Is(err, fs.ErrNotExist):
		return "the state directory is gone: restore it, or restart"
	}
	return ""
}

// full reports whether an error is that of a disk without space.
func full(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// Space says what to do if an error is that of a full disk; otherwise it is the other advice.
func Space(err error, otherwise string) string {
	if !full(err) {
		return otherwise
	}
	if of := (*fs.PathError)(nil); errors.As(err, &of) && noInodes(filepath.Dir(of.Path)) {
		return "that disk has no inodes left (df -i): remove files there"
	}
	return "free some space on that disk"
}

// Elsewhere is the error of a file that may be anywhere and could not be written: what it is, where, and why, without the name of a
// temporary file. If the disk is full, that is what the advice is about.
func Elsewhere(err error, what, path, advice string) error {
	return hint.Wrap(fmt.Errorf("write %s %q: %w", what, path, cause(err)), Space(err, advice))
}

// OfDisk is what the text of an error says of a whole disk, such as that it is full, with what to do about that, and without the file
// that could not be written; "" if it is about that file.
func OfDisk(text string) string {
	for _, of := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS} {
		if _, advice, is := strings.Cut(text, of.Error()+"; "); is {
			advice, _, _ = strings.Cut(advice, "; ")
			return of.Error() + "; " + advice
		}
	}
	return ""
}

// Regular returns an error for what is not a regular file: fs.ErrNotExist where there is nothing, another where there is,
// say, a named pipe, which must not be opened.
func Regular(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := irregular(info.Mode()); err != nil {
		return fmt.Errorf("%q: %w", path, err)
	}
	return nil
}

// Read returns the content of a regular file of at most limit bytes. The error of a
// missing file is fs.ErrNotExist.
func Read(path string, limit int64) ([]byte, error) {
	// Checked before it is opened, since opening a named pipe would wait.
	if err := Regular(path); err != nil {
		if errors.Is(err, errIrregular) {
			return nil, hint.Wrap(fmt.Errorf("read %w", err), Hint(err))
		}
		return nil, unread(path, err)
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, unread(path, err)
	}
	var data bytes.Buffer
	if info, err := f.Stat(); err == nil && info.Size() <= limit {
		data.Grow(int(info.Size()) + bytes.MinRead) // room for all of it, since a state is large
	}
	_, err = data.ReadFrom(io.LimitReader(f, limit+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, unread(path, err)
	}
	if int64(data.Len()) > limit {
		return nil, hint.Wrap(fmt.Errorf("read %q: larger than %d bytes, so it was not written by this program", path, limit), "move it away")
	}
	return data.Bytes(), nil
}

// unread is the error of Read for a file that could not be read.
func unread(path string, err error) error {
	return hint.Wrap(fmt.Errorf("read %q: %w", path, cause(err)), readHint(path, err))
}

// Unread reports whether an error of Read is that of a file that could not be read, now at least: it may be as it was written,
// so it must be neither replaced nor renamed.
func Unread(err error) bool {
	var no syscall.Errno
	return errors.As(err, &no) && !errors.Is(err, fs.ErrNotExist)
}

// readHint says what to do about a file that cannot be read.
func readHint(path string, err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ""
	case errors.Is(err, syscall.EIO):
		return "check that disk, or restore the file from a backup"
	case errors.Is(err, fs.ErrPermission):
		return cmp.Or(ofOther(path), "allow the user running this program to read it: chmod 600 "+shell.Quote(path))
	}
	return Hint(err)
}

// SetAsideSince is the newest of the files that SetAside has made of a path since a time, to the second; "" without one.
func SetAsideSince(path string, since time.Time) string {
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return ""
	}
	base, newest := filepath.Base(path)+damagedMark, ""
	for _, f := range files { // sorted, so the last is the newest
		stamp, is := strings.CutPrefix(f.Name(), base)
		if !is {
			continue
		}
		stamp, _, _ = strings.Cut(stamp, "-")
		if at, err := time.Parse(asideTime, stamp); err == nil && !at.Before(since.Truncate(time.Second)) {
			newest = filepath.Join(filepath.Dir(path), f.Name())
		}
	}
	return newest
}

// asideTime is when a damaged file was set aside, as its name has it.
const asideTime = "20060102T150405Z"

// maxAside is how many damaged files of one name SetAside keeps in one second.
const maxAside = 1000

// SetAside renames a damaged file, so that a new one can take its place and a person
// can still look at it: path + ".damaged-20261122T193000Z", and "-2" and so on if that
// exists. It returns the new path.
func SetAside(path string, now time.Time) (string, error) {
	base := path + damagedMark + now.UTC().Format(asideTime)
	for n := 1; n <= maxAside; n++ {
		aside := base
		if n > 1 {
			aside = fmt.Sprintf("%s-%d", base, n)
		}
		// Making the file first reserves the name: a rename alone would overwrite.
		f, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			return "", hint.Wrap(fmt.Errorf("set damaged file %q aside: %w", path, err), Hint(err))
		}
		if err := os.Rename(path, aside); err != nil {
			_ = os.Remove(aside)
			return "", hint.Wrap(fmt.Errorf("set damaged file %q aside: %w", path, err), Hint(err))
		}
		if err := syncDir(filepath.Dir(path)); err != nil {
			return aside, fmt.Errorf("set damaged file %q aside: %w", path, err)
		}
		return aside, nil
	}
	return "", hint.Wrap(fmt.Errorf("set damaged file %q aside: %d others are there already", path, maxAside), "remove some")
}
