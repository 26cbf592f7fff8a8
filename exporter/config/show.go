package config

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// hidden is shown in place of what may be a secret.
const hidden = "…"

// show returns a key fit for a message: short, and without what may be a secret. That is what follows a colon or an equals sign, since
// "client_secret:x" without the space is one long key, what follows the name of a secret, and what no name of a setting looks like.
func show(key string) string {
	const longest = 80
	if i := strings.IndexAny(key, ":="); i >= 0 {
		key = key[:i] + hidden
	}
	if spaced(key) {
		first, _, _ := strings.Cut(key, " ")
		key = first + hidden
	}
	key = veil(key)
	if len(key) > longest {
		key = strings.ToValidUTF8(key[:longest], "") + hidden
	}
	return key
}

// spaced reports whether a key is the name of a secret with something behind a space, where the colon is missing.
func spaced(key string) bool {
	first, _, more := strings.Cut(key, " ")
	return more && isSecret(flagName(first))
}

// shortestSecret is the length, in characters, from which on a word may be a secret: those of Withings have 64, tokens of InfluxDB
// 88. A shorter one may be the name of somebody.
const shortestSecret = 12

// veil hides the words of a text that look like a secret: letters and digits mixed, or more letters in a row than a word has.
func veil(text string) string {
	return words().ReplaceAllStringFunc(text, func(word string) string {
		if utf8.RuneCountInString(word) < shortestSecret || spoken().MatchString(word) {
			return word
		}
		return hidden
	})
}

var (
	words  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[\pL\pM\pN_+/~$@%&!#*-]+`) })
	spoken = sync.OnceValue(func() *regexp.Regexp {
		const word = `\$?[\pL\pM]{1,20}\pN{0,2}`
		return regexp.MustCompile(`^[-_/~]*(` + word + `|\pN{1,8})([-_/]+(` + word + `|\pN{1,8}))*$`)
	})
)
