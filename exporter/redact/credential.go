package redact

import (
	"regexp"
	"strings"
	"sync"
)

var (
	// named is a key whose value is a secret, up to the value.
	named = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:(?:access|refresh|id|csrf|api|auth)[ _-]?token|client[ _-]?secret|secret|` +
			`passw(?:or)?d|passphrase|pwd|api[_-]?key|nonce|signature|[?&](?:code|p))` +
			`["'\\\]]*\s*(?:=>|[:=>])\s*[\["'\\(]*`)
	})
	// cookies go on to the end of their line.
	cookies = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)cookie["'\\\]]*\s*[:=]\s*[\["'\\(]*([^"'<>\\\[\]]+)`)
	})
	// scheme is what comes before a credential in a header.
	scheme = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)\b(?:authorization|bearer|token|basic|digest|negotiate)\b["'\\\]]*(?:\s*(?:=>|[:=>])\s*|[\s+]+)[\["'\\(]*`)
	})
	// userinfo is user and password of an address.
	userinfo = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`://([^\s/?#"'<>]+)@`) })
	// webToken is a JSON web token.
	webToken = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(eyJ[\w-]{8,}\.[\w-]+\.?[\w-]*)`) })
	// email is an e-mail address, which identifies a person.
	email = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([\w.+%-]+@[\w-]+(?:\.[\w-]+)+)`) })
	// long is longer than any word, as are tokens of Withings (40) and InfluxDB (88).
	long = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[\w+=-]{40,}`) })
	// value is where a credential ends.
	value = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("^[^\\s\"'&,;<>\\\\(){}\\[\\]`]+") })
)

// plainWords are words that follow "token", "bearer" or "basic" in messages about
// a credential, and are not one themselves.
var plainWords = wordSet(`a access and are at authentication authorization auth basic be been bearer but by can cannot could credential
	credentials denied digest does doesn't endpoint error expired failed for format found from had has have header in info invalid is
	isn't lacks length malformed may mismatch missing must no not of on or pair permission permissions permitted provided realm
	refused rejected request required requires revoked scheme should supplied that the this to token tokens type unauthorized unknown
	was wasn't which with without wrong you your`)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}

// credentials finds what looks like a credential, whoever it belongs to.
func (v view) credentials() []span {
	var found []span
	for _, at := range named().FindAllStringIndex(v.text, -1) {
		found = v.valueAt(found, at[1], false)
	}
	for at := 0; ; { // "Authorization: Bearer x" has two beginnings
		m := scheme().FindStringIndex(v.text[at:])
		if m == nil {
			break
		}
		found = v.valueAt(found, at+m[1], true)
		at += m[1]
	}
	for _, group := range []*regexp.Regexp{userinfo(), cookies(), webToken(), email()} {
		for _, m := range group.FindAllStringSubmatchIndex(v.text, -1) {
			found = append(found, span{from: m[2], to: m[3]})
		}
	}
	for _, m := range long().FindAllStringIndex(v.text, -1) {
		if run := v.text[m[0]:m[1]]; strings.ContainsAny(run, "0123456789") && strings.ToUpper(run) != strings.ToLower(run) {
			found = append(found, span{from: m[0], to: m[1]})
		}
	}
	return found
}

// valueAt adds the value that begins at an offset. Where plain words are allowed,
// they are not added.
func (v view) valueAt(found []span, at int, plain bool) []span {
	if quote := v.text[at-1]; quote == '"' || quote == '\'' { // it may have several words
		if end := strings.IndexByte(v.text[at:], quote); end > 0 {
			if words := strings.TrimRight(v.text[at:at+end], `\`); words != "" {
				return append(found, span{from: at, to: at + len(words)})
			}
		}
	}
	m := value().FindStringIndex(v.text[at:])
	if m == nil {
		return found
	}
	word := strings.TrimRight(v.text[at:at+m[1]], ".:!?")
	key, _, _ := strings.Cut(word, "=") // as in: Bearer realm="x", error="y"
	if word == "" || plain && plainWords[strings.ToLower(key)] {
		return found
	}
	return append(found, span{from: at, to: at + len(word)})
}
