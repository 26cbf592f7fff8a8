package profiles

import (
	"os"
	"slices"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/statedir"
)

// Names are the profiles that the flags name and those with a token, sorted, for shell
// completion: it runs at every press of a key, so nothing is created or printed, and
// what cannot be read is ignored.
func Names(f *command.AccountFlags) []string {
	names, _ := config.Profiles(f.Profiles)
	path := f.StateDir
	if path == "" {
		path, _ = config.StateDir()
	}
	// Opening would create the folder or change its mode, so a folder that is missing
	// or open to others is left alone.
	if info, err := os.Stat(path); err == nil && info.IsDir() && info.Mode().Perm()&0o077 == 0 {
		if dir, err := statedir.Open(path); err == nil {
			stored, _ := dir.Profiles("token")
			names = append(names, stored...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
