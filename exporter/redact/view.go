package redact

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// view is a text with its escapes decoded, and the place in the original text that
// each of its bytes came from.
type view struct {
	text     string
	from, to []int // for every byte, in the original text
}

// maxDepth is how many layers of escapes are decoded: JSON in a query in a page is
// three.
const maxDepth = 3

// views returns the text itself, and the text with one, two … layers of escapes
// decoded.
func views(text string) []view {
	plain := view{text: text, from: make([]int, len(text)), to: make([]int, len(text))}
	for i := range len(text) {
		plain.from[i], plain.to[i] = i, i+1
	}
	all := []view{plain}
	for range maxDepth {
		next := all[len(all)-1].unescaped()
		if next.text == all[len(all)-1].text {
			break
		}
		all = append(all, next)
	}
	return all
}

// unescaped decodes one layer of escapes: those of URLs, of JSON and of web pages.
func (v view) unescaped() view {
	var out view
	var text strings.Builder
	for i := 0; i < len(v.text); {
		meant, n := escape(v.text[i:])
		if n == 0 {
			meant, n = v.text[i:i+1], 1
		}
		for range len(meant) {
			out.from = append(out.from, v.from[i])
			out.to = append(out.to, v.to[i+n-1])
		}
		text.WriteString(meant)
		i += n
	}
	out.text = text.String()
	return out
}

// escape decodes the escape at the start of a text and returns its length in bytes;
// 0 if there is none.
func escape(s string) (meant string, n int) {
	switch {
	case len(s) < 2:
		return "", 0
	case s[0] == '%':
		return byteOf(s, 1)
	case s[0] == '&':
		return entity(s)
	case s[0] != '\\':
		return "", 0
	}
	switch s[1] {
	case '"', '\\', '/', '\'':
		return s[1:2], 2
	case 'n', 'r', 't', 'b', 'f':
		return " ", 2
	case 'x':
		return byteOf(s, 2)
	case 'u':
		if len(s) < 6 {
			return "", 0
		}
		r, err := strconv.ParseUint(s[2:6], 16, 32)
		if err != nil {
			return "", 0
		}
		return string(rune(r)), 6
	}
	return "", 0
}

// byteOf decodes two hexadecimal digits at an offset.
func byteOf(s string, at int) (meant string, n int) {
	if len(s) < at+2 {
		return "", 0
	}
	b, err := strconv.ParseUint(s[at:at+2], 16, 8)
	if err != nil {
		return "", 0
	}
	return string([]byte{byte(b)}), at + 2
}

// entities are the named ones for characters of URLs, headers and JSON.
var entities = map[string]string{"amp": "&", "lt": "<", "gt": ">", "quot": `"`, "apos": "'", "nbsp": " "}

// entity decodes a character reference of a web page.
func entity(s string) (meant string, n int) {
	end := strings.IndexByte(s[:min(len(s), 10)], ';')
	if end < 2 {
		return "", 0
	}
	name := s[1:end]
	if meant, known := entities[name]; known {
		return meant, end + 1
	}
	number, found := strings.CutPrefix(name, "#")
	if !found {
		return "", 0
	}
	base := 10
	if hex := strings.TrimLeft(number, "xX"); hex != number {
		number, base = hex, 16
	}
	r, err := strconv.ParseUint(number, base, 32)
	if err != nil || r > utf8.MaxRune {
		return "", 0
	}
	return string(rune(r)), end + 1
}
