package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// peculiar is a secret with everything that an encoding changes.
const peculiar = `p+ss/w"rd\ of&<ben>=%41`

func TestTextOfAnotherSystemIsOnePrintableLine(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"blanks", " \r\n\t", ""},
		{"line breaks", "Invalid\nParams:\r\n  code", "Invalid Params: code"},
		{"escape sequences", "\x1b[31mred\x00", "[31mred"},
		{"not UTF-8", "bad\xffbyte", "bad byte"},
		{"other scripts", "ungültig 無効", "ungültig 無効"},
		{"text that runs backwards", "abc\u202etxt.exe", "abctxt.exe"},
		{"300 runes", strings.Repeat("ü", 300), strings.Repeat("ü", 300)},
		{"301 runes", strings.Repeat("ü", 301), strings.Repeat("ü", 299) + "…"},
		{"a cut before a blank", strings.Repeat("ü", 298) + " üü", strings.Repeat("ü", 298) + "…"},
		{"a cut in what was hidden", strings.Repeat("ü", 295) + " Bearer abc1", strings.Repeat("ü", 295) + " Bea…"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Text(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// echoes are the forms in which a peer may repeat a secret.
var echoes = []struct {
	name string
	of   func(secret string) string
}{
	{"as it is", func(s string) string { return "refused " + s }},
	{"in quotes", func(s string) string { return "refused '" + s + "' as it was sent" }},
	{"url-escaped", func(s string) string { return "refused " + url.QueryEscape(s) }},
	{"path-escaped", func(s string) string { return "/login/" + url.PathEscape(s) + "/x" }},
	{"url-escaped in lower case", func(s string) string { return "refused " + strings.ToLower(url.QueryEscape(s)) }},
	{"every byte url-escaped", func(s string) string {
		var all strings.Builder
		for i := range len(s) {
			fmt.Fprintf(&all, "%%%02x", s[i])
		}
		return all.String()
	}},
	{"url-escaped twice", func(s string) string { return "to /login?next=" + url.QueryEscape("/x?y="+url.QueryEscape(s)) }},
	{"JSON", func(s string) string { return `{"echo":` + jsonOf(s) + `}` }},
	{"JSON in JSON", func(s string) string { return `{"echo":` + jsonOf(jsonOf(s)) + `}` }},
	{"Go syntax", func(s string) string { return fmt.Sprintf("refused %q", s) }},
	{"every character as \\u", func(s string) string {
		var all strings.Builder
		for _, r := range s {
			fmt.Fprintf(&all, `\u%04x`, r)
		}
		return all.String()
	}},
	{"a web page", func(s string) string { return "<p>refused " + html.EscapeString(s) + "</p>" }},
	{"numbers in a web page", func(s string) string {
		var all strings.Builder
		for _, r := range s {
			fmt.Fprintf(&all, "&#%d;&#x%X;", 'x', r)
		}
		return strings.ReplaceAll(all.String(), "&#120;", "")
	}},
	{"base64", func(s string) string { return "sent " + base64.StdEncoding.EncodeToString([]byte(s)) }},
	{"base64 of addresses, unpadded", func(s string) string { return "sent " + base64.RawURLEncoding.EncodeToString([]byte(s)) }},
	{"base64 of user:password", func(s string) string { return "sent " + base64.StdEncoding.EncodeToString([]byte("user:"+s)) }},
	{"base64 of a user of another length", func(s string) string { return "sent " + base64.StdEncoding.EncodeToString([]byte("me:"+s)) }},
	{"base64 of the header", func(s string) string {
		return "sent " + base64.StdEncoding.EncodeToString([]byte("Authorization: Bearer "+s+"\r\nAccept: */*"))
	}},
	{"base64, url-escaped", func(s string) string {
		return "sent=" + url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("u:"+s)))
	}},
	{"hexadecimal", func(s string) string { return "sent " + hex.EncodeToString([]byte(s)) }},
	{"in upper case", func(s string) string { return "refused " + strings.Map(upper, s) }},
	{"cut off by whoever read it", func(s string) string { return "refused " + s[:len(s)-2] }},
	{"cut off at the end of what is looked at", func(s string) string { return strings.Repeat("x", maxRead-8) + s }},
	{"with something invisible in it", func(s string) string { return "refused " + s[:2] + "\u200b" + s[2:] }},
}

// upper changes the case of ASCII letters only, as some servers do with headers.
func upper(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r - 'a' + 'A'
	}
	return r
}

func jsonOf(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// traces returns texts that must not be left of a secret.
func traces(secret string) []string {
	head := []string{secret[:5], url.QueryEscape(secret)[:5], hex.EncodeToString([]byte(secret))[:8], url.QueryEscape(secret[5:])}
	for offset := range 3 {
		head = append(head, coreOf(secret, offset)[:6])
	}
	return head
}

func TestAnEchoedSecretIsHiddenInEveryEncoding(t *testing.T) {
	secrets := []string{peculiar, "3e9d0c7a15b84f62a7c1d2e8f09b6a4455d7c310", "paßwort-für-möwen", "two  words\nand a line",
		"hunter2hunter2", "-_-_-_~~.~~"}
	for _, e := range echoes {
		for _, secret := range secrets {
			t.Run(e.name+"/"+secret[:5], func(t *testing.T) {
				got := Text(e.of(secret), "another", "", secret)
				if e.name != "cut off at the end of what is looked at" && !strings.Contains(got, Hidden) {
					t.Errorf("%q became %q: nothing is hidden", e.of(secret), got)
				}
				for _, trace := range traces(secret) {
					if strings.Contains(strings.ToLower(got), strings.ToLower(trace)) {
						t.Errorf("%q became %q, which has %q", e.of(secret), got, trace)
					}
				}
			})
		}
	}
}

func TestOtherTextStays(t *testing.T) {
	for _, c := range []struct{ text, secret, want string }{
		{"Invalid Params: invalid code", "", "Invalid Params: invalid code"},
		{"a bad password", "a", "[hidden] bad password"},
		{"the abc of abcde", "abc", "the [hidden] of abcde"},
		{"refused abcdef again", "abcdef", "refused [hidden] again"},
		{"abcdefabcdef", "abcdef", "[hidden]"},
		{"it ends in abcde", "abcdefgh", "it ends in [hidden]"},
		{"it ends in abcd", "abcdefgh", "it ends in abcd"},
		{"100% of &c. and \\ \\u12 &#x; %zz &;", "secret", "100% of &c. and \\ \\u12 &#x; %zz &;"},
	} {
		if got := Text(c.text, c.secret); got != c.want {
			t.Errorf("%q without %q is %q, want %q", c.text, c.secret, got, c.want)
		}
	}
}

func TestWhatLooksLikeACredentialIsHidden(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"got Bearer abcDEF123", "got Bearer [hidden]"},
		{"got bearer abcdef", "got bearer [hidden]"},
		{"Authorization: Bearer x", "Authorization: Bearer [hidden]"},
		{"Authorization: Token my-token==", "Authorization: Token [hidden]"},
		{"Authorization: x", "Authorization: [hidden]"},
		{"authorization=Basic dXNlcjpwYXNz; next", "authorization=Basic [hidden]; next"},
		{"Proxy-Authorization: Basic dXNlcjpwYXNz", "Proxy-Authorization: Basic [hidden]"},
		{`map[Authorization:[Bearer abc-1] Accept:[*/*]]`, `map[Authorization:[Bearer [hidden]] Accept:[*/*]]`},
		{`{"Authorization":"Token two words"}`, `{"Authorization":"[hidden]"}`},
		{`{\"authorization\":\"Bearer abc-1\"}`, `{\"authorization\":\"[hidden]\"}`},
		{"authorization%3A%20Bearer%20abc-1", "authorization%3A%20Bearer%20[hidden]"},
		{"Bearer+abc-1", "Bearer+[hidden]"},
		{"access_token=abc&x=1", "access_token=[hidden]&x=1"},
		{"?next=%2Fx%3Faccess_token%3Dabc%26y%3D1", "?next=%2Fx%3Faccess_token%3D[hidden]%26y%3D1"},
		{`{"access_token":"abc","refresh_token":"def","n":1}`, `{"access_token":"[hidden]","refresh_token":"[hidden]","n":1}`},
		{`{"accessToken": ["abc"]}`, `{"accessToken": ["[hidden]"]}`},
		{"client_secret=abc refused", "client_secret=[hidden] refused"},
		{"wrong client secret: abc", "wrong client secret: [hidden]"},
		{`password: "two words", user: ben`, `password: "[hidden]", user: ben`},
		{"<password>hunter2</password>", "<password>[hidden]</password>"},
		{"http://ben:hunter2@db:8086/write?u=ben&p=hunter2", "http://[hidden]@db:8086/write?u=ben&p=[hidden]"},
		{"https://token@db/", "https://[hidden]@db/"},
		{"/callback?code=abc&state=1", "/callback?code=[hidden]&state=1"},
		{"Set-Cookie: session=abc; other=def", "Set-Cookie: [hidden]"},
		{"X-Api-Key: abc", "X-Api-Key: [hidden]"},
		{"no user anna.m+x@mail.example.org", "no user [hidden]"},
		{"jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_1 is old", "jwt [hidden] is old"},
		{"who is 3e9d0c7a15b84f62a7c1d2e8f09b6a4455d7c310", "who is [hidden]"},

		{"invalid token", "invalid token"},
		{"The access token provided is invalid.", "The access token provided is invalid."},
		{"token expired: renew it", "token expired: renew it"},
		{"Basic auth required", "Basic auth required"},
		{"Bearer token missing", "Bearer token missing"},
		{"Bearer token abc1", "Bearer token [hidden]"},
		{`Bearer realm="withings", error="invalid_token"`, `Bearer realm="withings", error="invalid_token"`},
		{"client secret is wrong", "client secret is wrong"},
		{"status code: 500", "status code: 500"},
		{"lookup wbsapi.withings.net: no such host", "lookup wbsapi.withings.net: no such host"},
		{"request 0b9f6c4e-7a55-4a5e-9d0f-2f8f4f0f7a11", "request 0b9f6c4e-7a55-4a5e-9d0f-2f8f4f0f7a11"},
		{"=" + strings.Repeat("-", 60), "=" + strings.Repeat("-", 60)},
	} {
		if got := Text(c.text); got != c.want {
			t.Errorf("%q is shown as %q, want %q", c.text, got, c.want)
		}
	}
}

func TestAWordMayHaveAnotherInItsPlace(t *testing.T) {
	words := Prepare([]Word{{Text: "Anna", Instead: "profile 1"}, {Text: "Anna Müller", Instead: "profile 2"}, {Text: "Bo", Instead: "profile 3", Whole: true}, {Text: "s3cret"}}...)
	for _, c := range []struct{ name, text, want string }{
		{"the longest of those that begin at a place", "Anna Müller and Anna", "profile 2 and profile 1"},
		{"in another encoding", "name=Anna%20M%C3%BCller", "name=profile 2"},
		{"a whole word only", "Bo, body", "profile 3, body"},
		{"two that touch", "Annas3cret", "profile 1[hidden]"},
		{"nothing else is touched", "token: abc\nof  a@b.example", "token: abc\nof  a@b.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := words.Hide(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if got, want := words.Line("Anna:\n"+strings.Repeat("x ", 400)+"password=abc"), "profile 1: "+strings.Repeat("x ", 400)+"password=[hidden]"; got != want {
		t.Errorf("a long line is %q, want %q", got, want)
	}
}

func TestNothingMoreIsHiddenTheSecondTime(t *testing.T) {
	for _, text := range []string{"Bearer abc1", "token: [abc1", `{"password":"x y"}`, "hidden [hidden] secret=[hidden]", "a://b:c@d"} {
		once := Text(text, "hidden", "idde")
		if twice := Text(once, "hidden", "idde"); twice != once {
			t.Errorf("%q is %q, and then %q", text, once, twice)
		}
	}
}

func FuzzText(f *testing.F) {
	for i, e := range echoes {
		f.Add(e.of(peculiar), peculiar, i)
	}
	f.Add("\x1b]0;x\x07\xff\n", "abcdef", 3)
	f.Add("token [hidd", "é%C3\xa9\\u00", 7)
	f.Fuzz(func(t *testing.T, text, secret string, way int) {
		if !utf8.ValidString(secret) { // no form or header has such a secret
			secret = "abcdef"
		}
		given := text
		if len(secret) >= 8 { // long enough for every echo
			given = text + " " + echoes[(way%len(echoes)+len(echoes))%len(echoes)].of(secret)
		}
		got := Text(given, secret)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxRunes || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("Text(%q) = %q", given, got)
		}
		rest := strings.ReplaceAll(got, Hidden, "\n")
		if len(secret) >= 8 && strings.Contains(rest, secret) {
			t.Errorf("Text(%q, %q) = %q", given, secret, got)
		}
	})
}
