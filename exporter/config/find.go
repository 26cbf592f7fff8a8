package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/shell"
)

const folderName = "withings-exporter" // below the user's configuration and state folders

// fileNames are what the file may be called, but only one of a folder.
var fileNames = []string{"withings.yaml", "withings.yml"}

// Find returns the configuration file to read: the given one, or else withings.yaml or withings.yml in the working
// directory, or else in the configuration folder (withings-exporter below os.UserConfigDir). It returns "" when none was
// given and none is there, and an *Error when the given one is not there, or when a folder has two.
func Find(given string) (path string, err error) {
	if given != "" {
		given, wrong := atHome(given)
		if wrong != nil {
			return "", &Error{Path: given, Problem: "this name" + strings.TrimPrefix(strings.TrimPrefix(wrong.problem, strconv.Quote(given)), given), Advice: wrong.advice}
		}
		if _, err := os.Stat(given); err != nil {
			return "", unreadable(given, err)
		}
		return given, nil
	}
	for _, folder := range folders() {
		var found []string
		for _, name := range fileNames {
			path := filepath.Join(folder, name)
			// Lstat: a link that leads nowhere was put there for a reason, and Load says what is wrong with it.
			if _, err := os.Lstat(path); err == nil {
				found = append(found, path)
			}
		}
		switch len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			return "", &Error{Path: found[0], Problem: "is there, and " + found[1] + " as well",
				Advice: "keep one of them: copy to " + found[0] + " what only " + found[1] + " has, and remove " + found[1]}
		}
	}
	return "", nil
}

// Looked says where a configuration file is looked for when none is given.
func Looked() string {
	all := folders()
	for i, folder := range all {
		if path, err := filepath.Abs(folder); err == nil {
			all[i] = path
		}
	}
	return strings.Join(fileNames, " or ") + " in " + strings.Join(all, " and ")
}

// folders are those that may have a configuration file, in the order in which they are searched: the working directory
// and the configuration folder. Without a home directory, as in most containers, there is no configuration folder.
func folders() []string {
	all := []string{""}
	if dir, err := os.UserConfigDir(); err == nil {
		all = append(all, filepath.Join(dir, folderName))
	}
	return all
}

// StateDir returns the default folder for tokens and state: withings-exporter below $XDG_STATE_HOME, else below
// ~/.local/state. It does not create it. The error, when there is no home directory, says what to set.
func StateDir() (string, error) {
	// A relative path is to be ignored, says the XDG base directory specification.
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, folderName), nil
	}
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		return "", hint.Wrap(errors.New("no home directory to keep state in"), "set --state.dir or WITHINGS_STATE_DIR to a folder")
	}
	return filepath.Join(home, ".local", "state", folderName), nil
}

// unreadable explains why a file could not be opened or read.
func unreadable(path string, err error) *Error {
	e := &Error{Path: path, Problem: "cannot be read", err: err}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Problem, e.Advice = "does not exist", hint.Path("check the path given by --config.file or WITHINGS_CONFIG_FILE", path)
	case errors.Is(err, fs.ErrPermission):
		e.Problem, e.Advice = "permission denied", shell.Allow(path)
	default:
		e.Problem += ": " + cause(err).Error()
		e.Advice = "name a file that can be read"
	}
	return e
}

// cause returns what a path error is about without the path, which the message around it names already.
func cause(err error) error {
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}
