package profiles

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/spelling"
	"withings-exporter/exporter/statedir"
)

// Known are the profiles that are configured and those that have a token or a state, sorted.
func Known(s command.Settings, dir *statedir.Dir) ([]string, error) {
	names := slices.Clone(s.Profiles)
	for _, kind := range []string{"token", "state"} {
		stored, err := dir.Profiles(kind)
		if err != nil {
			return nil, hint.Wrap(fmt.Errorf("look for profiles: %w", err), cmp.Or(statedir.Hint(err), "check that the folder can be read"))
		}
		names = append(names, stored...)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Spelt is the name of a profile as its files spell it.
func Spelt(s command.Settings, dir *statedir.Dir, name string) (string, error) {
	known, err := Known(s, dir)
	return spelling.Stored(name, known), err
}

// Timezone is the time zone that a profile's saved state names, nil if it names none or
// cannot be read. The file is left alone.
func Timezone(dir *statedir.Dir, profile string) *time.Location {
	state := exporter.NewState(profile, nil)
	data, err := statedir.Read(dir.File(profile, "state"), MaxState)
	if err != nil || state.Restore(data) != nil {
		return nil
	}
	return state.Timezone()
}

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
