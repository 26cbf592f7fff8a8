package config

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// beside returns the values of a flag with the names of files in them as they are meant: relative to the folder of the
// configuration file.
func (f *File) beside(flag *kong.Flag, values []string) ([]string, *fault) {
	placed := slices.Clone(values)
	for i, value := range placed {
		var wrong *fault
		placed[i], wrong = named(flag.Value, value, func(name string) (string, *fault) {
			name, wrong := atHome(name)
			return f.place(name), wrong
		})
		if wrong != nil {
			return nil, wrong
		}
	}
	return placed, nil
}

// place returns the path of a file that the configuration file names. What is not a name stays: "" is none, and "-" is
// standard output. A configuration that comes through /dev/fd or /dev/stdin has no folder: its names are relative to the working directory.
func (f *File) place(name string) string {
	if name == "" || name == "-" || filepath.IsAbs(name) || passed(f.path) {
		return name
	}
	folder, err := filepath.Abs(filepath.Dir(f.path))
	if err != nil { // the working directory is gone, and with it what is relative to it
		return name
	}
	return filepath.Join(folder, name)
}

// passed reports whether a path is an open file that the program was started with, as by <(command) of a shell.
func passed(path string) bool {
	return path == "/dev/stdin" || strings.HasPrefix(path, "/dev/fd/") || strings.HasPrefix(path, "/proc/")
}
