package config

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"withings-exporter/exporter/spelling"
)

// maxProfile is the longest profile name in bytes; escaped for a file name it still fits what file systems allow.
const maxProfile = 200

// fault is what is wrong with a value and what to do about it.
type fault struct{ problem, advice string }

func (f *fault) Error() string { return f.problem + "; " + f.advice }
func (f *fault) Hint() string  { return f.advice }

// Profiles returns the names in a list whose items may themselves be separated by commas, trimmed, in the spelling of spelling.Of and in
// order. No item gives no name and no error. A name that is empty, longer than 200 bytes, not UTF-8, holds control characters or such
// as turn the direction of text, or differs from another at most in letter case is an error quoting the name.
func Profiles(items []string) ([]string, error) {
	var names []string
	seen := make(map[string]string) // folded name → name
	for _, name := range parts(items) {
		if err := checkProfile(name); err != nil {
			return nil, err
		}
		name = spelling.Of(name)
		first, double := seen[spelling.Fold(name)]
		switch {
		case double && first == name:
			return nil, &fault{fmt.Sprintf("profile %q is named twice", name), "remove one"}
		case double:
			return nil, &fault{fmt.Sprintf("profiles %q and %q differ only in letter case", first, name), "rename or remove one"}
		}
		seen[spelling.Fold(name)] = name
		names = append(names, name)
	}
	return names, nil
}

func checkProfile(name string) error {
	switch {
	case name == "":
		return &fault{"a profile name is empty", "remove the extra comma or list item"}
	case !utf8.ValidString(name):
		return &fault{fmt.Sprintf("profile %q is not valid UTF-8", clip(name)), "retype it"}
	case strings.ContainsFunc(name, spelling.Steers):
		return &fault{fmt.Sprintf("profile %q contains a control character", clip(name)), "retype it, on one line"}
	case len(name) > maxProfile:
		return &fault{fmt.Sprintf("profile %q is longer than %d bytes", clip(name), maxProfile), "shorten it"}
	}
	return nil
}

// clip shortens what somebody wrote for a message.
func clip(text string) string { return spelling.Clip(text, 40) }
