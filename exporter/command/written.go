package command

import (
	"errors"
	"io/fs"
	"syscall"

	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/statedir"
)

// MayWrite refuses, before anything is asked of Withings, a file that this user may not make where a flag wants it. Whatever else is in
// the way is found by who writes the file.
func MayWrite(flag, file string) error {
	err := statedir.Room(file, 0)
	if !errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.EROFS) {
		return nil
	}
	advice := "choose another folder"
	switch {
	case !shell.IsService():
	case flag == "--to openmetrics":
		advice = "the service's user may not write there, but your shell may: give --to openmetrics >FILE instead, which redirects standard output"
	default:
		advice = "the service's user may not write there: give " + flag + " a name without a folder; then it says where the file is, and how to copy it"
	}
	cause, _ := errors.AsType[syscall.Errno](err) // not its advice, which is for files of the state directory
	return Usagef(advice, "%s=%s: no file can be made there: %w", flag, file, cause)
}
