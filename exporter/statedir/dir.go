package statedir

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/shell"
)

// maxNamed is the largest file whose profile name Profiles reads, in bytes.
const maxNamed = 64 << 20

// Dir is a state directory.
type Dir struct{ path string }

// Open makes the state directory if it does not exist, with mode 0700, and closes it to
// other users. It refuses folders that must stay open, such as a temporary folder
// shared by all users. Temporary files left by a crash are removed.
func Open(path string) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("find the state directory: %w", err), "give an absolute path")
	}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return nil, hint.Wrap(fmt.Errorf("open the state directory: %q is a file, but --state.dir needs a folder", path),
			"choose another path, or move the file away")
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, hint.Wrap(fmt.Errorf("create the state directory: %w", err), adviseAbove(err, path))
	}
	if err := writable(path); err != nil {
		return nil, err
	}
	if err := tighten(path); err != nil {
		return nil, err
	}
	d := &Dir{path: path}
	d.sweep()
	return d, nil
}

// tighten closes the folder to group and others.
func tighten(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("look at the state directory: %w", err)
	}
	if runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if info.Mode()&fs.ModeSticky != 0 || filepath.Dir(path) == path {
		return hint.Wrap(fmt.Errorf("state directory %q is shared by all users and must stay open to them", path), "choose a folder inside it")
	}
	if err := os.Chmod(path, 0o700); err != nil {
		inside := filepath.Join(path, "state")
		return hint.Wrap(fmt.Errorf("close the state directory to other users: %w; it would hold tokens, but it %s", err, look(path).whose()),
			fmt.Sprintf("choose a folder inside it with --state.dir=%s or WITHINGS_STATE_DIR=%[1]s, which is then created with mode 0700", shell.Quote(inside)))
	}
	return nil
}

// Path is the absolute path of the directory.
func (d *Dir) Path() string { return d.path }

// File is the path of a profile's file of a kind, such as "token" or "state".
func (d *Dir) File(profile, kind string) string {
	return filepath.Join(d.path, Escape(profile)+suffix(kind))
}

// Files is a pattern for a shell that all files of a profile match, and no others.
func (d *Dir) Files(profile string) string {
	return filepath.Join(d.path, Escape(profile)) + ".*"
}

// LockFile is the path of the file to lock while a profile's file of a kind is being
// replaced. It is never removed, since another process may be waiting for it.
func (d *Dir) LockFile(profile, kind string) string {
	return filepath.Join(d.path, Escape(profile)+"."+kind+".lock")
}

func suffix(kind string) string { return "." + kind + ".json" }

// Profiles lists, in order, the profiles that have a file of this kind. A very long
// name is read from the "profile" key of the file; if that fails the file is left out.
func (d *Dir) Profiles(kind string) ([]string, error) {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return nil, fmt.Errorf("read the state directory: %w", err)
	}
	var profiles []string
	for _, entry := range entries {
		name, found := strings.CutSuffix(entry.Name(), suffix(kind))
		if !found || entry.IsDir() {
			continue
		}
		profile, ok := Unescape(name)
		if strings.Contains(name, hashMark) {
			profile, ok = d.nameInside(entry.Name())
			ok = ok && Escape(profile) == name
		}
		if ok {
			profiles = append(profiles, profile)
		}
	}
	slices.Sort(profiles)
	return profiles, nil
}

// nameInside reads the "profile" key of a file.
func (d *Dir) nameInside(name string) (string, bool) {
	data, err := Read(filepath.Join(d.path, name), maxNamed)
	if err != nil {
		return "", false
	}
	var content struct {
		Profile string `json:"profile"`
	}
	if err := json.Unmarshal(data, &content); err != nil {
		return "", false
	}
	return content.Profile, true
}

// leftoverAge is the age at which a temporary file counts as left behind: no write
// takes that long.
const leftoverAge = time.Hour

// sweep removes the temporary files of writes that never ended. Their age goes by the
// clock of the file system, as shown by a new file; on a full disk they stay until the
// next start.
func (d *Dir) sweep() {
	probe, err := os.CreateTemp(d.path, tempPattern("sweep"))
	if err != nil {
		return
	}
	info, err := probe.Stat()
	if err := errors.Join(err, probe.Close(), os.Remove(probe.Name())); err != nil {
		return
	}
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return
	}
	for _, entry := range entries {
		old, err := entry.Info()
		if err != nil || !isTemp(entry.Name()) || !old.Mode().IsRegular() {
			continue
		}
		if info.ModTime().Sub(old.ModTime()) > leftoverAge {
			// A leftover that cannot be removed does no harm and is tried again next time.
			_ = os.Remove(filepath.Join(d.path, entry.Name()))
		}
	}
}
