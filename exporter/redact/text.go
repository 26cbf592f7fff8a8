package redact

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// Hidden replaces what was removed.
	Hidden = "[hidden]"
	// maxRunes is the length of the longest text shown.
	maxRunes = 300
	// maxRead is how many bytes of a text are read. Hiding may shorten it, so this
	// is more than maxRunes.
	maxRead = 8 << 10
)

// Text returns a text from another system in a form that is safe to show: one
// printable line of at most 300 runes, in which the secrets, however they are
// encoded, and everything that looks like a credential are replaced by [Hidden].
// Empty secrets are ignored.
func Text(text string, secrets ...string) string {
	if len(text) > maxRead {
		text = text[:maxRead]
	}
	words := make([]Word, 0, len(secrets))
	for _, secret := range secrets {
		words = append(words, Word{Text: secret})
	}
	return shorten(Prepare(words...).Line(text))
}

// Word is something to hide: a secret, or a name.
type Word struct {
	Text    string
	Instead string // shown in its place; [Hidden] when empty
	Whole   bool   // hide it only where it is not part of a longer word
}

// Words is a set of words to hide, prepared for use in many texts.
type Words struct{ needles []needle }

// Prepare returns a set of words to hide. Words without text are ignored.
func Prepare(words ...Word) Words { return Words{needlesOf(words)} }

// Line is [Text] without the limit of length; each word is replaced by its Instead.
func (w Words) Line(text string) string {
	return hide(line(text), func(v view) []span { return append(v.words(w.needles), v.credentials()...) })
}

// Hide replaces the words in a text, however they are encoded, and changes nothing
// else.
func (w Words) Hide(text string) string {
	return hide(text, func(v view) []span { return v.words(w.needles) })
}

// line turns a text into one printable line.
func line(text string) string {
	printable := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r): // invisible, and could be inside a secret
			return -1
		case !unicode.IsGraphic(r), r == unicode.ReplacementChar:
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(printable), " ")
}

func shorten(text string) string {
	if utf8.RuneCountInString(text) <= maxRunes {
		return text
	}
	text = string([]rune(text)[:maxRunes-1])
	for n := len(Hidden) - 1; n > 0; n-- { // half of Hidden means nothing
		if cut, found := strings.CutSuffix(text, Hidden[:n]); found {
			text = cut
			break
		}
	}
	return strings.TrimRight(text, " ") + "…"
}

// span is a part of the text in bytes; the end is excluded.
type span struct {
	from, to int
	instead  string // Hidden when empty
}

// hide replaces what a search finds.
func hide(text string, search func(view) []span) string {
	var found []span
	for _, v := range views(text) {
		for _, s := range search(v) {
			s.from, s.to = v.from[s.from], v.to[s.to-1]
			if !isHidden(text, s) {
				found = append(found, s)
			}
		}
	}
	return replace(text, found)
}

// isHidden reports whether a span is inside an existing Hidden: a text may be
// redacted twice.
func isHidden(text string, s span) bool {
	for from := max(s.from-len(Hidden)+1, 0); from <= s.from; from++ {
		if strings.HasPrefix(text[from:], Hidden) && s.to <= from+len(Hidden) {
			return true
		}
	}
	return false
}

// replace replaces each run of spans that overlap, or touch and have the same
// replacement, by the replacement of the first and longest.
func replace(text string, found []span) string {
	slices.SortStableFunc(found, func(a, b span) int { return cmp.Or(a.from-b.from, b.to-a.to) })
	var out strings.Builder
	end := 0
	for i := 0; i < len(found); {
		s := found[i]
		for i++; i < len(found) && (found[i].from < s.to || found[i].from == s.to && found[i].instead == s.instead); i++ {
			s.to = max(s.to, found[i].to)
		}
		out.WriteString(text[end:s.from])
		out.WriteString(cmp.Or(s.instead, Hidden))
		end = s.to
	}
	out.WriteString(text[end:])
	return out.String()
}
