package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/statedir"
)

const (
	// kind is the kind of the files with secrets in the state directory.
	kind = "notify"
	// fileVersion is the version of their content.
	fileVersion = 1
	// maxFile is more bytes than one has, however long the name of the profile is.
	maxFile = 64 << 10
)

// content is that of the file.
type content struct {
	Version int    `json:"version"`
	Profile string `json:"profile"`
	User    string `json:"user"`   // Withings' number of the person that the secret was made for; "" if it was not known
	Secret  string `json:"secret"` // see Secret
}

// File keeps the secret of one profile, so that its address stays the same.
type File struct {
	Dir     *statedir.Dir
	Profile string
	Now     func() time.Time
}

// errDamaged is behind the error of a file that is not as it was written.
var errDamaged = errors.New("damaged")

// errNewer is behind that of a file of a newer version.
var errNewer = errors.New("cannot be used")

// Peek returns the secret; none if there is no file, or it cannot be read.
func (f File) Peek() Secret {
	is, err := f.read()
	if err != nil {
		return ""
	}
	return Secret(is.Secret)
}

// read reads the file without changing anything.
func (f File) read() (content, error) {
	var is content
	data, err := statedir.Read(f.path(), maxFile)
	if err != nil {
		return is, err
	}
	err = json.Unmarshal(data, &is)
	switch {
	case is.Version > fileVersion: // also where the rest has another form
		return content{}, fmt.Errorf("%q %w: %w", f.path(), errNewer, hint.Newer(is.Version, fileVersion))
	case err != nil:
		return content{}, fmt.Errorf("%q is %w: it is not JSON", f.path(), errDamaged)
	case is.Version != fileVersion:
		return content{}, fmt.Errorf("%q is %w: it has no version", f.path(), errDamaged)
	case is.Profile != f.Profile:
		return content{}, fmt.Errorf("%q is %w: it belongs to profile %q, not to %q", f.path(), errDamaged, is.Profile, f.Profile)
	case !Secret(is.Secret).valid():
		return content{}, fmt.Errorf("%q is %w: it has no secret", f.path(), errDamaged)
	}
	return is, nil
}

// Secret returns the secret for a person, "" for an unknown one, and makes it if there is none. Another person gets another
// one, so that nobody receives what was meant for the one before. A damaged file is set aside, which note tells.
func (f File) Secret(ctx context.Context, user string) (s Secret, note, err error) {
	if is, err := f.read(); err == nil && is.User == user { // as always but once; then the disk may be full, or read-only
		return Secret(is.Secret), nil, nil
	}
	unlock, err := statedir.Lock(ctx, f.Dir.LockFile(f.Profile, kind))
	if err != nil {
		return "", nil, fmt.Errorf("wait to change the address for notifications of profile %q: %w", f.Profile, err)
	}
	defer unlock()
	is, err := f.read()
	switch {
	case err == nil && (is.User == user || user == ""):
		return Secret(is.Secret), nil, nil
	case err == nil && is.User == "":
		return Secret(is.Secret), nil, f.write(content{User: user, Secret: is.Secret})
	case err == nil, errors.Is(err, fs.ErrNotExist):
	case errors.Is(err, errDamaged), errors.Is(err, errNewer):
		aside, failed := statedir.SetAside(f.path(), f.Now())
		if failed != nil {
			return "", nil, errors.Join(err, failed)
		}
		note = fmt.Errorf("%w; it is kept as %q, and notifications get a new address", err, aside)
	default:
		return "", nil, fmt.Errorf("load the address for notifications of profile %q: %w", f.Profile, err)
	}
	s = newSecret()
	return s, note, f.write(content{User: user, Secret: string(s)})
}

// write replaces the file. The lock must be held.
func (f File) write(is content) error {
	is.Version, is.Profile = fileVersion, f.Profile
	data, err := json.Marshal(is)
	if err == nil {
		err = statedir.Write(f.path(), data)
	}
	if err != nil {
		return fmt.Errorf("save the address for notifications of profile %q: %w", f.Profile, err)
	}
	return nil
}

// Remove deletes the file. A missing one is not an error.
func (f File) Remove(ctx context.Context) error {
	unlock, err := statedir.Lock(ctx, f.Dir.LockFile(f.Profile, kind))
	if err != nil {
		return fmt.Errorf("wait to remove the address for notifications of profile %q: %w", f.Profile, err)
	}
	defer unlock()
	if err := os.Remove(f.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return hint.Wrap(fmt.Errorf("remove the address for notifications of profile %q: %w", f.Profile, err), "delete the file yourself")
	}
	return nil
}

func (f File) path() string { return f.Dir.File(f.Profile, kind) }

// Provisional returns the secret, or one that is not kept if there is none yet.
func (f File) Provisional() Secret {
	if s := f.Peek(); s != "" {
		return s
	}
	return newSecret()
}
