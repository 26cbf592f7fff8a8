package redact

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// Hidden stands where something was left out.
	Hidden = "[hidden]"
	// maxRunes is the longest text shown: a line of a log, not a page of it.
	maxRunes = 300
	// maxRead is how much of a text is looked at, in bytes. It leaves room for
	// what hiding shortens.
	maxRead = 8 << 10
)

// Text is a text of another system as it may be shown: one printable line of at
// most 300 runes, in which the secrets, however they are encoded, and everything
// that looks like a credential are replaced by [Hidden]. Empty secrets are
// ignored.
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
	Instead string // is shown in its place; [Hidden] when empty
	Whole   bool   // it is hidden only where it is not part of a longer word
}

// Words are words to hide in several texts.
type Words struct{ needles []needle }

// Prepare returns words to hide. Those without text are ignored.
func Prepare(words ...Word) Words { return Words{needlesOf(words)} }

// Line is [Text] for a text of any length, in which each word is replaced by what
// stands in for it.
func (w Words) Line(text string) string {
	return hide(line(text), func(v view) []span { return append(v.words(w.needles), v.credentials()...) })
}

// Hide replaces the words in a text, however they are encoded, and leaves
// everything else as it is.
func (w Words) Hide(text string) string {
	return hide(text, func(v view) []span { return v.words(w.needles) })
}

// line makes one printable line of a text.
func line(text string) string {
	printable := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r): // invisible, and could stand inside a secret
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
	for n := len(Hidden) - 1; n > 0; n-- { // half a Hidden tells nothing
		if cut, found := strings.CutSuffix(text, Hidden[:n]); found {
			text = cut
			break
		}
	}
	return strings.TrimRight(text, " ") + "…"
}

// span is a part of the text, in bytes, its end excluded.
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

// isHidden reports whether a span lies in a Hidden that is there already: a text
// may come here twice on its way.
func isHidden(text string, s span) bool {
	for from := max(s.from-len(Hidden)+1, 0); from <= s.from; from++ {
		if strings.HasPrefix(text[from:], Hidden) && s.to <= from+len(Hidden) {
			return true
		}
	}
	return false
}

// replace puts one text in the place of each run of spans that overlap, or that
// touch and have the same one: that of the first, of several the longest.
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
