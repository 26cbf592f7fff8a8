package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxProfile is the longest profile name in bytes; escaped for a file name it still fits what file systems allow.
const maxProfile = 200

// fault is what is wrong with a value and what to do about it.
type fault struct{ problem, advice string }

func (f *fault) Error() string { return f.problem + "; " + f.advice }
func (f *fault) Hint() string  { return f.advice }

// Name returns a name in the one spelling in which it is compared (NFC): a letter with an accent can also be written as
// the letter and the accent, as macOS does in names of files.
func Name(name string) string { return norm.NFC.String(name) }

// Stored returns a name as it is spelt among those that are stored, whose files and series have their spelling, or in
// that of Name.
func Stored(name string, stored []string) string {
	if slices.Contains(stored, name) {
		return name
	}
	if i := slices.IndexFunc(stored, func(s string) bool { return Name(s) == Name(name) }); i >= 0 {
		return stored[i]
	}
	return Name(name)
}

// SameButCase returns the known name that differs from this one in letter case alone, or "" if none does or if this one is known.
func SameButCase(name string, known []string) string {
	like := ""
	for _, k := range known {
		if Name(k) == Name(name) {
			return ""
		}
		if fold(Name(k)) == fold(Name(name)) {
			like = k
		}
	}
	return like
}

// Profiles returns the names in a list whose items may themselves be separated by commas, trimmed, in the spelling of Name and in
// order. No item gives no name and no error. A name that is empty, longer than 200 bytes, not UTF-8, holds control characters, or
// differs from another at most in letter case is an error quoting the name.
func Profiles(items []string) ([]string, error) {
	var names []string
	seen := make(map[string]string) // folded name → name
	for _, name := range parts(items) {
		if err := checkProfile(name); err != nil {
			return nil, err
		}
		name = Name(name)
		first, double := seen[fold(name)]
		switch {
		case double && first == name:
			return nil, &fault{fmt.Sprintf("profile %q is named twice", name), "remove one"}
		case double:
			return nil, &fault{fmt.Sprintf("profiles %q and %q differ only in letter case", first, name), "rename or remove one"}
		}
		seen[fold(name)] = name
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
	case strings.ContainsFunc(name, unicode.IsControl):
		return &fault{fmt.Sprintf("profile %q contains a control character", clip(name)), "retype it, on one line"}
	case len(name) > maxProfile:
		return &fault{fmt.Sprintf("profile %q is longer than %d bytes", clip(name), maxProfile), "shorten it"}
	}
	return nil
}

// clip shortens a name for a message.
func clip(name string) string {
	const longest = 40
	if len(name) <= longest {
		return name
	}
	return strings.ToValidUTF8(name[:longest], "") + "…"
}

// fold returns the same text for names that differ only in letter case, by Unicode's simple folding.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		smallest := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			smallest = min(smallest, next)
		}
		return smallest
	}, name)
}
