package bundle

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"withings-exporter/exporter/statedir"
)

func TestMaskHides(t *testing.T) {
	m := NewMask()
	m.Secret(`pass"wörd+1`)
	m.Instead("/home/anna", "~")
	for _, name := range []string{"Anna", "Anna Müller", "Bo"} {
		m.Name("profile", name)
	}
	m.ID("user", "31415926")
	for _, c := range []struct{ name, text, want string }{
		{"a secret", `a pass"wörd+1 b`, "a [secret] b"},
		{"a secret inside of a word", `xpass"wörd+1x`, "x[secret]x"},
		{"in other letters", `PASS"WÖRD+1`, "[secret]"},
		{"in quotes", strconv.Quote(`pass"wörd+1`), `"[secret]"`},
		{"in ASCII", strconv.QuoteToASCII(`pass"wörd+1`), `"[secret]"`},
		{"in an address", "x=" + url.QueryEscape(`pass"wörd+1`), "x=[secret]"},
		{"in base64", base64.StdEncoding.EncodeToString([]byte(`pass"wörd+1`)), "[secret]"},
		{"in hexadecimal", hex.EncodeToString([]byte(`pass"wörd+1`)), "[secret]"},
		{"a name", `profile "Anna"`, `profile "profile 1"`},
		{"the longer of two names", "Anna Müller", "profile 2"},
		{"a name as a file", "/data/+anna%20+m%c3%bcller.token.json", "/data/profile 2.token.json"},
		{"a short name as a word", "Bo, body", "profile 3, body"},
		{"the home folder", "/home/anna/x", "~/x"},
		{"a number of Withings", "user 31415926, 3141592", "user user 1, 3141592"},
		{"user and password of an address", "http://me:you@host/x", "http://[user]@host/x"},
		{"what follows a question mark", `Get "https://h/x?code=1": EOF`, `Get "https://h/x?[query]": EOF`},
		{"an e-mail address", "of some.body@mail.example.", "of [e-mail]."},
		{"what looks like a token", "abcdefgh12345678abcdefgh12345678", "[long word]"},
		{"what a decoder quotes", `not a state: "72.3" is not a number`, "not a state: [value] is not a number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := m.Text(c.text)
			got = strings.ReplaceAll(got, "[secret]=", "[secret]") // the padding of base64 tells nothing
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheSameNameHasTheSameStandIn(t *testing.T) {
	m := NewMask()
	if a, b, again := m.Name("profile", "Anna"), m.Name("profile", "Ben"), m.Name("profile", "Anna"); a != again || a == b {
		t.Errorf("Anna is %q and %q, Ben is %q", a, again, b)
	}
}

func TestALongNameIsHiddenWhereAFileIsNamedAfterIt(t *testing.T) {
	m, name := NewMask(), strings.Repeat("Anna Maria ", 30)
	standIn := m.Name("profile", name)
	if got := m.Text("open " + statedir.Escape(name) + ".token.json"); got != "open "+standIn+".token.json" {
		t.Errorf("it is shown as %q", got)
	}
}

func FuzzMaskHidesItsSecretInAnyText(f *testing.F) {
	f.Add("s3cret", "before ", " after")
	f.Add("ÄÖ\"\\\n", "x", "y")
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		if len(secret) < minSecret || len(secret) > 100 || strings.TrimSpace(secret) == "" || strings.ToValidUTF8(secret, "") != secret ||
			strings.Contains("[secret] [user] [query] [e-mail] [long word] [value] [id] record parsing time cannot unmarshal number is not a number as ", secret) {
			t.Skip("too short to be sure, or a word of the mask's own")
		}
		m := NewMask()
		m.Secret(secret)
		if strings.Contains(before+after, secret) || strings.Contains(before+"[secret]"+after, secret) {
			t.Skip("it begins in the text around it")
		}
		for _, form := range writings(secret) {
			if got := m.Text(before + form + after); strings.Contains(got, form) && !strings.Contains("[secret]", form) && !strings.Contains(m.Text(before)+m.Text(after), form) {
				t.Errorf("%q in %q is shown as %q", secret, before+form+after, got)
			}
		}
	})
}
