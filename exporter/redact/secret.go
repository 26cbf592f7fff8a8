package redact

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

const (
	// shortSecret is the length, in bytes, below which a secret is hidden only
	// where it is a word of its own: else half the alphabet would be hidden.
	shortSecret = 4
	// shortCore is the least of a base64 text that tells a secret.
	shortCore = 4
	// shortStart is the least of a secret at the very end of a text that counts as
	// its beginning: whoever read the text may have cut it off there.
	shortStart = 5
)

// needle is a word in one of its spellings.
type needle struct {
	text    string // folded, or standard when it is wide
	instead string
	whole   bool // only as a word of its own
	wide    bool // part of a base64 text, all of which belongs to it
	start   bool // its beginning counts at the end of a text
}

// folded takes letters of either case as the same, and a plus as the space that
// it is in a form.
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

// standard takes the two alphabets of base64 as the same.
func standard(s string) string { return alphabet.Replace(s) }

var alphabet = strings.NewReplacer("-", "+", "_", "/")

// needlesOf lists how words may be spelled in a text that is searched with and
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

// spellings are a secret as it is, as line leaves it, and as either is when what
// looks like an escape in it is taken off, as it is from the text.
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

// coreOf is what base64 makes of a secret whatever stands around it, when so
// many bytes modulo three come before: "user:" of a Basic header, for example.
func coreOf(secret string, offset int) string {
	encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("-", offset) + secret))
	first := (8*offset + 5) / 6
	last := 8 * (offset + len(secret)) / 6
	return encoded[first:max(first, last)]
}

// words finds the needles.
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

// startAtEnd is where a text ends in the beginning of a secret, or its length.
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

// widen takes in all of the base64 text that a span is a part of.
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
