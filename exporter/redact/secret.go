package redact

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

const (
	// shortSecret is the length in bytes below which a secret is hidden only as a
	// whole word; otherwise half the alphabet would be hidden.
	shortSecret = 4
	// shortCore is the shortest part of a base64 text that counts as a match.
	shortCore = 4
	// shortStart is the shortest beginning of a secret that is hidden at the end of
	// a text, where the text may have been cut off.
	shortStart = 5
)

// needle is a word in one spelling.
type needle struct {
	text    string // folded, or standard when it is wide
	instead string
	whole   bool // matches only a whole word
	wide    bool // matches part of a base64 text, all of which is hidden
	start   bool // its beginning matches at the end of a text
}

// folded maps upper case to lower case, and a plus to a space, which it means in a
// form.
func folded(s string) string {
	b := []byte(s)
	for i, c := range b {
		switch {
		case c >= 'A' && c <= 'Z':
			b[i] = c + 'a' - 'A'
		case c == '+':
			b[i] = ' '
		}
	}
	return string(b)
}

// standard maps the URL alphabet of base64 to the standard one.
func standard(s string) string { return alphabet.Replace(s) }

var alphabet = strings.NewReplacer("-", "+", "_", "/")

// needlesOf lists the spellings of words to look for in a text and in the text
// without its escapes.
func needlesOf(words []Word) []needle {
	var all []needle
	for _, w := range words {
		if w.Text == "" {
			continue
		}
		whole := w.Whole || len(w.Text) < shortSecret
		for _, spelling := range spellings(w.Text) {
			all = append(all, needle{text: folded(spelling), instead: w.Instead, whole: whole, start: !w.Whole})
		}
		all = append(all, needle{text: hex.EncodeToString([]byte(w.Text)), instead: w.Instead, whole: whole})
		for offset := range 3 {
			if core := coreOf(w.Text, offset); len(core) >= shortCore {
				all = append(all, needle{text: standard(core), instead: w.Instead, wide: true})
			}
		}
	}
	return all
}

// spellings returns a secret as it is, as line leaves it, and both with anything
// that looks like an escape decoded, since that is done to the text as well.
func spellings(secret string) []string {
	var all []string
	for _, form := range []string{secret, line(secret)} {
		for _, v := range views(form) {
			if v.text != "" && !slices.Contains(all, v.text) {
				all = append(all, v.text)
			}
		}
	}
	return all
}

// coreOf returns the part of a base64 encoding that depends on the secret alone,
// when offset bytes (modulo three) come before it, such as "user:" in a Basic
// header.
func coreOf(secret string, offset int) string {
	encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("-", offset) + secret))
	first := (8*offset + 5) / 6
	last := 8 * (offset + len(secret)) / 6
	return encoded[first:max(first, last)]
}

// words finds the needles in a view.
func (v view) words(needles []needle) []span {
	var found []span
	plain, coded := folded(v.text), standard(v.text)
	for _, n := range needles {
		text, want := plain, n.text
		if n.wide {
			text = coded
		}
		for at := 0; ; {
			i := strings.Index(text[at:], want)
			if i < 0 {
				break
			}
			s := span{from: at + i, to: at + i + len(want), instead: n.instead}
			at = s.from + 1
			if n.whole && (isWord(text, s.from-1) || isWord(text, s.to)) {
				continue
			}
			if n.wide {
				s = widen(text, s)
			}
			found = append(found, s)
		}
		if i := startAtEnd(text, want); n.start && i < len(text) {
			found = append(found, span{from: i, to: len(text), instead: n.instead})
		}
	}
	return found
}

// startAtEnd returns where a text ends in the beginning of a secret; without one, its length.
func startAtEnd(text, secret string) int {
	for n := min(len(secret)-1, len(text)); n >= shortStart; n-- {
		if strings.HasSuffix(text, secret[:n]) {
			return len(text) - n
		}
	}
	return len(text)
}

func isWord(text string, i int) bool {
	return i >= 0 && i < len(text) && isAlphanumeric(text[i])
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// widen extends a span to all of the base64 text around it.
func widen(text string, s span) span {
	in := func(i int) bool {
		return isWord(text, i) || i >= 0 && i < len(text) && strings.IndexByte("+/=", text[i]) >= 0
	}
	for in(s.from - 1) {
		s.from--
	}
	for in(s.to) {
		s.to++
	}
	return s
}
