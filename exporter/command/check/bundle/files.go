package bundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"withings-exporter/exporter/statedir"
)

// maxFile is the size in bytes above which a file is listed but not read.
const maxFile = 64 << 20

// kinds are those of the files that the exporter keeps for a profile.
var kinds = []string{"token", "state", "influx", "openmetrics", "notify", "withdrawn", "ended"}

// shared are the files that are not of one profile.
var shared = []string{"rate", "rate.lock", "serve.json", "serve.lock", "influx.lock", "openmetrics.lock", "simulator.json"}

// File is what a bundle contains about a file.
type File struct {
	Name    string    `json:"name"`
	Mode    string    `json:"mode,omitempty"`
	Size    int64     `json:"bytes"`
	UID     int       `json:"uid"`
	GID     int       `json:"gid"`
	Changed time.Time `json:"changed,omitzero"`
	Problem string    `json:"problem,omitempty"`
	Token   *Token    `json:"token,omitempty"`
	State   *State    `json:"state,omitempty"`
	Notify  *Notify   `json:"notify,omitempty"`
}

// Files describes a state directory without changing it: the folder, every file in
// it, and what is in the files of profiles. The hider learns the tokens and the
// names of the profiles.
func Files(dir string, h *Hider) ([]File, error) {
	found, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	all := []File{look(dir, "[the folder itself]")}
	for i, entry := range found {
		path, shown := filepath.Join(dir, entry.Name()), entry.Name()
		name, ours := statedir.ParseName(shown)
		switch {
		case ours && slices.Contains(kinds, name.Kind):
			all = append(all, profileFile(path, name, h))
			continue
		case !slices.Contains(shared, shown):
			shown = fmt.Sprintf("[other file %d]", i+1)
		}
		all = append(all, look(path, shown))
	}
	return all, nil
}

// profileFile describes a file of a profile.
func profileFile(path string, name statedir.Name, h *Hider) File {
	profile, whole := statedir.Unescape(name.Stem)
	if !whole { // it is too long for the name of a file
		profile = name.Stem
	}
	f := look(path, name.As(h.Name("profile", profile)))
	data, err := statedir.Read(path, maxFile)
	switch {
	case !name.Current(), name.Kind == "withdrawn", name.Kind == "ended": // whose time is that of the file
	case err != nil:
		f.Problem = "cannot be read: " + pathless(err).Error()
	case name.Kind == "token":
		f.Token, f.Problem = token(data, h)
	case name.Kind == "notify":
		f.Notify, f.Problem = notify(data, h)
	default:
		f.State, f.Problem = state(data, h)
	}
	return f
}

// look describes a file without opening it.
func look(path, shown string) File {
	info, err := os.Lstat(path)
	if err != nil {
		return File{Name: shown, Problem: pathless(err).Error()}
	}
	user, group := statedir.Owner(info)
	return File{Name: shown, Mode: info.Mode().String(), Size: info.Size(), UID: user, GID: group, Changed: info.ModTime().UTC()}
}

// pathless removes the path from an error.
func pathless(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}

// decode decodes JSON; the problem it returns does not quote the content.
func decode(data []byte, into any) (problem string) {
	err := json.Unmarshal(data, into)
	switch wrong := err.(type) {
	case nil:
		return ""
	case *json.SyntaxError:
		return fmt.Sprintf("damaged: not JSON from byte %d of %d on", wrong.Offset, len(data))
	case *json.UnmarshalTypeError:
		return fmt.Sprintf("damaged: not a %s at byte %d of %d", wrong.Type.Kind(), wrong.Offset, len(data))
	}
	return fmt.Sprintf("damaged: %d bytes that cannot be read", len(data))
}
