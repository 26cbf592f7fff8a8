package profiles

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
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
		more, err := stored(dir, kind)
		if err != nil {
			return nil, err
		}
		names = append(names, more...)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Spelt are the names of profiles as their files spell them.
func Spelt(dir *statedir.Dir, names ...string) ([]string, error) {
	files, err := spellingsIn(dir)
	spelt := make([]string, len(names))
	for i, name := range names {
		spelt[i] = files.of(name)
	}
	return spelt, err
}

// files are the spellings of the names of those who have a token, all of which are listed, too, and of those who have a state, which
// may have no token.
type files struct {
	tokens, states spelling.Spellings
	listed         []string
}

func spellingsIn(dir *statedir.Dir) (f files, err error) {
	tokens, err := stored(dir, "token")
	if err != nil {
		return f, err
	}
	states, err := stored(dir, "state")
	return files{spelling.Stored(tokens), spelling.Stored(states), tokens}, err
}

// of is a name as its token spells it, or else its state.
func (f files) of(name string) string {
	if as, found := f.tokens[spelling.Of(name)]; found {
		return as
	}
	return f.states.Of(name)
}

// stored are the profiles that have a file of a kind.
func stored(dir *statedir.Dir, kind string) ([]string, error) {
	names, err := dir.Profiles(kind)
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("look for profiles: %w", err), cmp.Or(statedir.Hint(err), "check that the folder can be read"))
	}
	return names, nil
}

// Twice says of a profile that its token is that of another spelling of one that is used, and what to do; "" if it is not, or has none.
func Twice(dir *statedir.Dir, used spelling.Spellings, name string) string {
	one, signedIn := used[spelling.Of(name)]
	if !signedIn || one == name {
		return ""
	}
	return fmt.Sprintf("there are two tokens of profile %q, whose accents can be written in two ways: %s is used, and %s is ignored; "+
		"delete the one that you do not want, and authorise another person under another name",
		one, filepath.Base(dir.File(one, "token")), filepath.Base(dir.File(name, "token")))
}

// Miswritten says that a configured profile without a token differs from one with a token in letter case alone, and what to do.
func Miswritten(s command.Settings, configured, name string) error {
	return command.Usagef(fmt.Sprintf("write %q in %s", name, s.ProfilesPlace()),
		"profile %q is configured, but the token is of %q: they differ only in letter case", configured, name)
}

// Like is the profile that is likely meant by a name without a token, since it differs in letter case alone: one with a token, or
// else a known one; "" if there is none.
func Like(s command.Settings, dir *statedir.Dir, name string) (like string, signedIn bool, err error) {
	tokens, err := stored(dir, "token")
	if err != nil {
		return "", false, err
	}
	if like = spelling.SameButCase(name, tokens); like != "" || spelling.Stored(tokens)[spelling.Of(name)] != "" {
		return like, true, nil
	}
	known, err := Known(s, dir)
	return spelling.SameButCase(name, known), false, err
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
