package bundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"withings-exporter/exporter/statedir"
)

// maxFile is the size in bytes above which a file is listed but not read.
const maxFile = 64 << 20

// kinds are those of files that the exporter keeps for a profile.
var kinds = []string{"token", "state", "influx", "openmetrics"}

// Entry is one file of the state directory.
type Entry struct {
	Path    string
	Profile string // whose it is; "" when it is nobody's
	Kind    string // token, state, influx, openmetrics; "" for any other file
	Current bool   // neither a lock, nor set aside, nor half-written

	shown string
	info  fs.FileInfo
}

// Entries looks at a state directory without changing anything, and tells the
// mask whose files there are.
func Entries(dir string, mask *Mask) ([]Entry, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list the state directory: %w", pathless(err))
	}
	entries := make([]Entry, 0, len(files))
	others := 0
	for _, file := range files {
		e := Entry{Path: filepath.Join(dir, file.Name())}
		e.info, _ = file.Info() // nil when it has just gone
		name, ours := statedir.ParseName(file.Name())
		switch {
		case ours && slices.Contains(kinds, name.Kind):
			e.Kind, e.Current = name.Kind, name.Current()
			e.Profile = profileOf(name.Stem, e.Path, e.Current)
			standIn := mask.Name("profile", e.Profile)
			mask.Instead(name.Stem+"."+name.Kind, standIn+"."+name.Kind)
			e.shown = name.As(standIn)
		case file.Name() == "rate" || file.Name() == "rate.lock":
			e.shown = file.Name()
		default:
			others++
			e.shown = fmt.Sprintf("[other file %d]", others)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// profileOf is the profile of a file by its name, or, where the name is too
// long for that, by what is in the file.
func profileOf(stem, path string, current bool) string {
	if profile, ok := statedir.Unescape(stem); ok {
		return profile
	}
	var inside struct {
		Profile string `json:"profile"`
	}
	if data, err := ReadFile(path); current && err == nil && json.Unmarshal(data, &inside) == nil && inside.Profile != "" {
		return inside.Profile
	}
	return stem
}

// Listing writes name, size, mode, owner and age of each file.
func Listing(w io.Writer, dir string, entries []Entry, now time.Time) error {
	info, err := os.Stat(dir)
	if err != nil {
		return pathless(err)
	}
	fmt.Fprintf(w, "%-28s %s\n", "[the folder itself]", facts(info, now))
	for _, e := range entries {
		if e.info == nil {
			fmt.Fprintf(w, "%-28s gone meanwhile\n", e.shown)
			continue
		}
		fmt.Fprintf(w, "%-28s %s\n", e.shown, facts(e.info, now))
	}
	return nil
}

func facts(info fs.FileInfo, now time.Time) string {
	return fmt.Sprintf("%s %9d bytes, %s, changed %s", info.Mode(), info.Size(), owner(info), when(info.ModTime(), now))
}

// Shown is how the file's name stands in the bundle.
func (e Entry) Shown() string { return e.shown }

// ReadFile reads a regular file that is not too large.
func ReadFile(path string) ([]byte, error) {
	data, err := statedir.Read(path, maxFile)
	return data, pathless(err)
}

// pathless takes the path off an error.
func pathless(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

func owner(info fs.FileInfo) string {
	user, group := statedir.Owner(info)
	if user < 0 {
		return "owner unknown"
	}
	return fmt.Sprintf("uid %d gid %d", user, group)
}
