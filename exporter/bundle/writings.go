package bundle

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// writings are the forms in which a text can stand in messages, addresses, JSON
// and headers.
func writings(text string) []string {
	all := []string{
		text,
		url.QueryEscape(text), url.PathEscape(text), percented(text),
		inner(strconv.Quote(text)), inner(strconv.QuoteToASCII(text)),
		html.EscapeString(text),
	}
	if encoded, err := json.Marshal(text); err == nil { // a text always can be
		all = append(all, inner(string(encoded)))
	}
	if len(text) >= minSecret { // a shorter one would be found by chance
		all = append(all,
			base64.RawStdEncoding.EncodeToString([]byte(text)), base64.RawURLEncoding.EncodeToString([]byte(text)),
			hex.EncodeToString([]byte(text)))
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return s == "" })
}

// inner takes the quotes off.
func inner(quoted string) string { return quoted[1 : len(quoted)-1] }

// percented writes every byte as % and two digits.
func percented(text string) string {
	var b strings.Builder
	for i := range len(text) {
		b.WriteString("%" + hex.EncodeToString([]byte{text[i]}))
	}
	return b.String()
}

// escapedFileName is the name of a profile as package statedir writes it in
// names of files: a capital letter as "+" and its small one, what is neither
// letter, digit, dash nor underscore as "%" and two digits.
func escapedFileName(name string) string {
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
			b.WriteByte(c)
		case c >= 'A' && c <= 'Z':
			b.WriteByte('+')
			b.WriteByte(c - 'A' + 'a')
		default:
			b.WriteString(percented(string([]byte{c})))
		}
	}
	return b.String()
}

// unescapedFileName is the way back, as well as it goes.
func unescapedFileName(stem string) string {
	var b strings.Builder
	for i := 0; i < len(stem); i++ {
		switch {
		case stem[i] == '+' && i+1 < len(stem):
			i++
			b.WriteString(strings.ToUpper(stem[i : i+1]))
		case stem[i] == '%' && i+2 < len(stem):
			if raw, err := hex.DecodeString(stem[i+1 : i+3]); err == nil {
				b.Write(raw)
				i += 2
				continue
			}
			b.WriteByte('%')
		default:
			b.WriteByte(stem[i])
		}
	}
	return b.String()
}
