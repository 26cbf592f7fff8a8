package profiles

import (
	"os"
	"slices"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/statedir"
)

// Names are the profiles that the flags name and those with a token, in order,
// for a shell that completes: it asks at every press of a key, so nothing is made,
// nothing is said, and what cannot be read has no names.
func Names(f *command.AccountFlags) []string {
	names, _ := config.Profiles(f.Profiles)
	path := f.StateDir
	if path == "" {
		path, _ = config.StateDir()
	}
	// Opening makes a folder, and closes it to others: one that is not there, or not
	// ours yet, stays as it is.
	if info, err := os.Stat(path); err == nil && info.IsDir() && info.Mode().Perm()&0o077 == 0 {
		if dir, err := statedir.Open(path); err == nil {
			stored, _ := dir.Profiles("token")
			names = append(names, stored...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
