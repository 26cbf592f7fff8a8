package redact

import (
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
	return shorten(hide(line(text), secrets))
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
type span struct{ from, to int }

// hide replaces what must not be shown.
func hide(text string, secrets []string) string {
	needles := needlesOf(secrets)
	var found []span
	for _, v := range views(text) {
		for _, s := range append(v.secrets(needles), v.credentials()...) {
			if s = (span{v.from[s.from], v.to[s.to-1]}); !isHidden(text, s) {
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

// replace puts one Hidden in the place of each run of spans that touch.
func replace(text string, found []span) string {
	slices.SortFunc(found, func(a, b span) int { return a.from - b.from })
	var out strings.Builder
	end := 0
	for i := 0; i < len(found); {
		s := found[i]
		for i++; i < len(found) && found[i].from <= s.to; i++ {
			s.to = max(s.to, found[i].to)
		}
		out.WriteString(text[end:s.from])
		out.WriteString(Hidden)
		end = s.to
	}
	out.WriteString(text[end:])
	return out.String()
}
