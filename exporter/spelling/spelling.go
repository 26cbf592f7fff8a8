// Package spelling says when two spellings are the same person's name, wherever people write one: on the command
// line, in the configuration and in the address of a page.
package spelling

import (
	"cmp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Of returns a name in the one spelling in which it is compared (NFC): a letter with an accent can also be written as
// the letter and the accent, as macOS does in names of files.
func Of(name string) string { return norm.NFC.String(name) }

// Spellings are names, each in the one spelling that is used although it may be stored in several, by how they are compared.
type Spellings map[string]string

// Stored has the names that are stored, whose files and series have their spelling. Of several spellings of a name it has that of
// Of, or else the first.
func Stored(names []string) Spellings {
	all := make(Spellings, len(names))
	for _, name := range names {
		if key := Of(name); name == key || all[key] == "" {
			all[key] = name
		}
	}
	return all
}

// Of returns a name as it is stored or, if it is not, in the spelling of the function Of.
func (s Spellings) Of(name string) string { return cmp.Or(s[Of(name)], Of(name)) }

// SameButCase returns the known name that differs from this one in letter case alone, or "" if none does or if this one is known.
func SameButCase(name string, known []string) string {
	like, folded := "", Fold(name)
	for _, k := range known {
		if Of(k) == Of(name) {
			return ""
		}
		if Fold(k) == folded {
			like = k
		}
	}
	return like
}

// Steers reports whether a character would steer a terminal or turn the direction of text, or breaks a line. Characters that only
// join others, as in family emoji, do not.
func Steers(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
}

// Clip shortens a name that somebody sent to at most some bytes, for a message.
func Clip(name string, most int) string {
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}

// Fold returns the same text for names that differ only in letter case, by Unicode's simple folding, and in spelling.
func Fold(name string) string {
	return strings.Map(func(r rune) rune {
		smallest := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			smallest = min(smallest, next)
		}
		return smallest
	}, Of(name))
}
