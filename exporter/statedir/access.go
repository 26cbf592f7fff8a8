package statedir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/shell"
)

// writable makes a file in the folder and removes it. Its error says who may not write
// and what to type. It is nil for other problems, such as a full disk: known values
// must still be served.
func writable(path string) error {
	probe, err := os.CreateTemp(path, tempPattern("probe"))
	switch {
	case err == nil:
		// What cannot be closed or removed now is swept away later.
		_ = probe.Close()
		_ = os.Remove(probe.Name())
		return nil
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return hint.Wrap(fmt.Errorf("cannot write to the state directory %q: %w", path, cause(err)), advise(err, look(path)))
	}
	return nil
}

// folder is what determines who may write to a folder.
type folder struct {
	path         string
	mode         fs.FileMode
	owner, group int // of the folder; -1 if the system has no such numbers
	uid, gid     int // of this process; -1 likewise
}

// look describes a folder. One that cannot be read has mode 0 and no owner.
func look(path string) folder {
	f := folder{path: path, owner: -1, group: -1, uid: os.Geteuid(), gid: os.Getegid()}
	if info, err := os.Stat(path); err == nil {
		f.mode = info.Mode()
		f.owner, f.group = Owner(info)
	}
	return f
}

// adviseAbove says what to do if a folder cannot be made, for want of rights in the innermost one above it that exists.
// That may be one of the system, which nobody should give to a user.
func adviseAbove(err error, path string) string {
	above := filepath.Dir(path)
	for {
		if _, err := os.Stat(above); err == nil || filepath.Dir(above) == above {
			break
		}
		above = filepath.Dir(above)
	}
	return look(above).adviseMake(err, path)
}

// adviseMake is adviseAbove for the folder that exists.
func (f folder) adviseMake(err error, path string) string {
	if !errors.Is(err, fs.ErrPermission) || f.uid < 0 || f.owner == f.uid {
		return advise(err, f)
	}
	return fmt.Sprintf("this program runs as %s, but %s %s: make the folder for it (as root: install -d -m 700 -o %s -g %s %s), or choose another with --state.dir",
		shell.User(f.uid), f.path, f.whose(), shell.UserName(f.uid), shell.GroupName(f.gid), shell.Quote(path))
}

// whose says who owns the folder.
func (f folder) whose() string {
	if f.owner < 0 {
		return fmt.Sprintf("has mode %#o", f.mode.Perm())
	}
	return fmt.Sprintf("belongs to user %d and group %d with mode %#o", f.owner, f.group, f.mode.Perm())
}

// advise says what to do if no file can be made in the folder.
func advise(err error, f folder) string {
	switch {
	case errors.Is(err, syscall.EROFS) && filepath.Dir(f.path) == f.path:
		return "the whole file system is read-only: mount a volume, and choose a folder on it with --state.dir"
	case errors.Is(err, syscall.EROFS):
		return fmt.Sprintf("%s is mounted read-only: mount it read-write (for a container, without ro or readOnly)", f.path)
	case errors.Is(err, syscall.ENOTDIR):
		return "a file is where a folder must be: move it away, or choose another folder with --state.dir"
	case !errors.Is(err, fs.ErrPermission):
		if text := Hint(err); text != "" {
			return text
		}
		return fmt.Sprintf("fix that at %s, or choose another folder with --state.dir", f.path)
	case f.owner < 0 || f.uid < 0:
		return fmt.Sprintf("allow the user running this program to write to %s, or choose another folder with --state.dir", f.path)
	case f.owner != f.uid:
		return f.adviseOtherOwner()
	case f.mode&0o300 != 0o300:
		return fmt.Sprintf("%s is yours with mode %#o: run chmod 700 %s", f.path, f.mode.Perm(), shell.Quote(f.path))
	}
	return fmt.Sprintf("owner and mode of %s allow writing, so a security policy must forbid it: with SELinux, mount it with :Z", f.path)
}

// own is the command that gives a folder to a user who has a name here, ofService advice on what nobody else is to be given.
var own, ofService = shell.Own, shell.OfService

// adviseOtherOwner is for a folder of another user. In a container the folder to
// change is the one outside, whose path is not known here.
func (f folder) adviseOtherOwner() string {
	if advice := ofService(f.path); advice != "" {
		return advice
	}
	text := fmt.Sprintf("this program runs as %s, but %s %s: ", shell.User(f.uid), f.path, f.whose())
	if command := own(f.path, f.uid, f.gid); command != "" {
		return text + "run: " + command
	}
	text += fmt.Sprintf("run chown -R %d:%d on it (for a container, on the host's folder that is mounted there)", f.uid, f.gid)
	if f.owner != 0 { // a folder of root is no reason to run this as root
		text += fmt.Sprintf(", or run this program as its owner (a container with --user %d:%d)", f.owner, f.group)
	}
	return text
}

// ofOther says what to do about a file that is there and another user's, such as one of a command that ran as root, or of a
// copy of the folder; "" for others.
func ofOther(path string) string {
	if advice := ofService(path); advice != "" {
		return advice
	}
	f := look(path)
	if f.owner < 0 || f.uid < 0 || f.owner == f.uid {
		return ""
	}
	return fmt.Sprintf("it belongs to %s, and this program runs as %s: %s", shell.User(f.owner), shell.User(f.uid), giveTo(filepath.Dir(path), f.uid, f.gid))
}

// giveTo is advice to give a folder, with what is in it, to a user.
func giveTo(folder string, user, group int) string {
	if command := own(folder, user, group); command != "" {
		return "run: " + command
	}
	return fmt.Sprintf("as root, run chown -R %d:%d %s", user, group, shell.Quote(folder))
}

// cause is the cause of a path error, without the random name of a temporary file.
func cause(err error) error {
	if of := (*fs.PathError)(nil); errors.As(err, &of) {
		return of.Err
	}
	if of := (*os.LinkError)(nil); errors.As(err, &of) {
		return of.Err
	}
	return err
}
