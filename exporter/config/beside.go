package config

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// beside returns the values of a flag with the names of files in them as they are meant: relative to the folder of the
// configuration file. Which flags name files is told by their placeholders, as for the completion of a shell.
func (f *File) beside(flag *kong.Flag, values []string) []string {
	placed := slices.Clone(values)
	for i, value := range placed {
		switch flag.PlaceHolder {
		case "FILE", "DIR":
			placed[i] = f.place(value)
		case "WHERE": // influx, openmetrics, openmetrics=FILE or openmetrics=URL
			if kind, file, named := strings.Cut(value, "="); named && !strings.Contains(file, "://") {
				placed[i] = kind + "=" + f.place(file)
			}
		}
	}
	return placed
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
