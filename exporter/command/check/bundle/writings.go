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
