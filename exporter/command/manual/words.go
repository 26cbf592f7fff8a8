package manual

import "strings"

// words is a command line of bash up to the cursor.
type words struct {
	words []string // at least the program and what is being typed, without quotes
	open  rune     // the quote that is not closed yet, 0 for none
	kept  int      // bytes of the last word that bash does not replace
}

// split reads a command line as bash does, as far as people quote names: single
// and double quotes and backslashes. Breaks are the characters that end what bash
// replaces, such as = and :.
func split(typed, breaks string) *words {
	l := &words{}
	var word strings.Builder
	inside, escaped := false, false // a word; after a backslash
	for _, c := range typed {
		switch {
		case escaped:
			if l.open == '"' && !strings.ContainsRune("\"\\$`", c) {
				word.WriteRune('\\')
			}
			word.WriteRune(c)
			escaped = false
		case c == '\\' && l.open != '\'':
			inside, escaped = true, true
		case l.open != 0 && c == l.open:
			l.open = 0
		case l.open != 0:
			word.WriteRune(c)
		case c == '\'' || c == '"':
			inside, l.open, l.kept = true, c, word.Len()
		case c == ' ' || c == '\t' || c == '\n':
			if inside {
				l.words = append(l.words, word.String())
				word.Reset()
			}
			inside, l.kept = false, 0
		default:
			inside = true
			word.WriteRune(c)
			if strings.ContainsRune(breaks, c) {
				l.kept = word.Len()
			}
		}
	}
	l.words = append(l.words, word.String())
	if len(l.words) < 2 {
		l.words, l.kept = append(l.words, ""), 0
	}
	return l
}

// special are the characters that mean something to bash outside quotes.
const special = " \t\n\"'\\$`|&;<>()[]{}*?!#~"

// quote writes a word, or its rest, so that it means itself behind what was typed.
func (l *words) quote(word string) string {
	meaning := special
	switch l.open {
	case '\'':
		return strings.ReplaceAll(word, "'", `'\''`)
	case '"':
		meaning = "\"\\$`"
	}
	var b strings.Builder
	for _, c := range word {
		if strings.ContainsRune(meaning, c) {
			b.WriteRune('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}
