package archive

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// folds lists letters with marks under the letter they are compared as.
var folds = sync.OnceValue(func() map[rune]string {
	table := map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'º': "°", '’': "'", '´': "'", 'µ': "u", 'μ': "u"}
	for plain, marked := range map[string]string{
		"a": "àáâãäåāăą", "c": "çćč", "d": "ďđ", "e": "èéêëēėęě", "g": "ğ", "i": "ìíîïīı", "l": "ł", "n": "ñńň",
		"o": "òóôõöøōő", "r": "řŕ", "s": "śšş", "t": "ťţ", "u": "ùúûüūůű", "y": "ýÿ", "z": "źżž",
	} {
		for _, r := range marked {
			table[r] = plain
		}
	}
	return table
})

// fold returns the form in which names are compared: lower case,
// without diacritics, whatever separates its words a single space. A name that
// is not UTF-8 is read as Latin-1.
func fold(name string) string {
	if !utf8.ValidString(name) {
		latin := make([]rune, len(name))
		for i := range len(name) {
			latin[i] = rune(name[i])
		}
		name = string(latin)
	}
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case folds()[r] != "":
			b.WriteString(folds()[r])
		case unicode.Is(unicode.Mn, r), r == '\ufeff': // a mark of its own, a byte order mark
		case unicode.IsSpace(r), strings.ContainsRune("_-.:()[]\"", r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// heading parts a header such as "Weight (kg)" into the name and the unit. What
// stands in brackets and is no unit, as in "Heart rate (min)", belongs to the name.
func heading(header string) (name, unit string) {
	header = strings.TrimSpace(header)
	if end := strings.LastIndexAny(header, "(["); end >= 0 {
		if last := foldUnit(header[end:]); isUnit(last) {
			return fold(header[:end]), last
		}
	}
	return fold(header), ""
}

// foldUnit is a unit without its brackets, in the form of the table of units.
func foldUnit(text string) string { return strings.ReplaceAll(fold(text), " ", "") }

// maxName is how much of somebody else's name a report shows.
const maxName = 40

// printable is a name fit for a terminal and a line.
func printable(name string) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.ToValidUTF8(strings.TrimSpace(name), "�") {
		if !unicode.IsPrint(r) {
			r = '�'
		}
		if n++; n > maxName {
			return b.String() + "…"
		}
		b.WriteRune(r)
	}
	return b.String()
}
