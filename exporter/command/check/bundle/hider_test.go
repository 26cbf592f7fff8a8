package bundle

import (
	"archive/zip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"withings-exporter/exporter/statedir"
)

func TestTextsTellNothingOfAnybody(t *testing.T) {
	h := &Hider{Keys: keys}
	h.Secret(`pass"wörd+1`)
	h.Secret("user:passw0rd")
	h.Secret("influx-ben:hunter2")
	h.Instead("/home/anna", "~")
	for _, name := range []string{"Anna", "Anna Müller", "Bo"} {
		h.Name("profile", name)
	}
	h.Name("user", "31415926")
	h.Instead("Withings exporter", "[user]") // the full name of the service's user
	h.Instead("Admin Müller", "[user]")
	for _, c := range []struct{ name, text, want string }{
		{"a secret", `a pass"wörd+1 b`, "a [hidden] b"},
		{"a secret inside of a word", `xpass"wörd+1x`, "x[hidden]x"},
		{"in quotes", strconv.Quote(`pass"wörd+1`), `"[hidden]"`},
		{"in ASCII", strconv.QuoteToASCII(`pass"wörd+1`), `"[hidden]"`},
		{"in an address", "x=" + url.QueryEscape(`pass"wörd+1`), "x=[hidden]"},
		{"in base64", "sent " + base64.StdEncoding.EncodeToString([]byte(`pass"wörd+1`)), "sent [hidden]"},
		{"a name", `profile "Anna"`, `profile "profile 1"`},
		{"the longer of two names", "Anna Müller", "profile 2"},
		{"a name as a file", "/data/+anna%20+m%c3%bcller.token.json", "/data/profile 2.token.json"},
		{"a name in JSON in an address", url.QueryEscape(`{"name":"Anna M\u00fcller"}`), url.QueryEscape(`{"name":"`) + "profile 2" + url.QueryEscape(`"}`)},
		{"a short name as a word", "Bo, body", "profile 3, body"},
		{"the home folder", "/home/anna/x", "~/x"},
		{"a number of Withings", "user 31415926, 3141592 and", "user user 1, [number] and"},
		{"user and password of an address", "http://me:you@host/x", "http://[hidden]@host/x"},
		{"an e-mail address", "of some.body@mail.example.", "of [hidden]."},
		{"what a decoder quotes", `not a state: "\"72.3\"" is not a number`, `not a state: "[text]" is not a number`},
		{"what YAML quotes", "cannot decode `72.3`", "cannot decode `[text]`"},
		{"halves of a secret", "influx-ben has no passw0rd", "[user] has no [hidden]"},
		{"a word that is all over a bundle", "user.info", "user.info"},
		{"what is also the program's name", "request to Withings", "request to Withings"},
		{"a name with a word that is all over a bundle", "an admin, Admin Müller", "an admin, [user]"},
		{"a path", `open "/data/x.json", "C:\\x"`, `open "/data/x.json", "C:\\x"`},
		{"a key", `key "client_secret" is not "client_secrets"`, `key "client_secret" is not "[text]"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := h.Text(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheSameNameHasTheSameStandIn(t *testing.T) {
	h := &Hider{}
	if a, b, again := h.Name("profile", "Anna"), h.Name("profile", "Ben"), h.Name("profile", "Anna"); a != "profile 1" || a != again || b != "profile 2" {
		t.Errorf("Anna is %q and %q, Ben is %q", a, again, b)
	}
	if c, d := h.Name("profile", "C"), h.Name("profile", "D"); c != "profile 3" || d != "profile 4" {
		t.Errorf("names of one letter are %q and %q", c, d)
	}
}

func TestALongNameIsHiddenWhereAFileIsNamedAfterIt(t *testing.T) {
	h, name := &Hider{}, strings.Repeat("Anna Maria ", 30)
	standIn := h.Name("profile", name)
	if got := h.Text("open " + statedir.Escape(name) + ".token.json"); got != "open "+standIn+".token.json" {
		t.Errorf("it is shown as %q", got)
	}
}

func TestOnlyKnownAttributesAreLogged(t *testing.T) {
	h := &Hider{}
	h.Name("profile", "Anna")
	var out strings.Builder
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: h.Attribute}))
	log.Info("state not loaded", "profile", "Anna", "err", fmt.Errorf("record %q", "12345"), "first", "Annamirl", "rows", 7)
	if want := `level=INFO msg="state not loaded" profile="profile 1" err="record \"[text]\"" first=[text] rows=7` + "\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	log.Info("state not loaded", "profile", "王") // too short to be hidden in a text
	if want := `profile="profile 2"` + "\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("got %q, want %q at the end", out.String(), want)
	}
}

func TestAPartThatFailsSaysSoAndTellsNoName(t *testing.T) {
	a := &Archive{}
	a.Add("one.json", "", func() (any, error) { panic("Anna") })
	a.Add("two.json", "", func() (any, error) { return map[string]string{"name": "Anna"}, fmt.Errorf("read %q", "x") })
	a.Name("profile", "Anna")
	if got, want := a.parts[0].text, "{\n  \"problem\": \"gathering this failed: Anna\"\n}\n"; got != want {
		t.Errorf("the first is %q, want %q", got, want)
	}
	var second incomplete
	if err := json.Unmarshal([]byte(a.parts[1].text), &second); err != nil || second.Problem != `read "[text]"` || second.Facts == nil {
		t.Errorf("the second is %q, %v", a.parts[1].text, err)
	}
	if list := a.Contents(); !strings.Contains(list, `two.json             ; missing: read "[text]"`) {
		t.Errorf("the list is %s", list)
	}
	file := filepath.Join(t.TempDir(), "b.zip")
	if err := a.Save(file, now); err != nil {
		t.Fatal(err)
	}
	r, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, part := range r.File {
		if data, err := fs.ReadFile(r, part.Name); err != nil || strings.Contains(string(data), "Anna") {
			t.Errorf("%s is %q, %v", part.Name, data, err)
		}
	}
}

func FuzzASecretIsHiddenInAnyText(f *testing.F) {
	f.Add("s3cret", "before ", " after")
	f.Add("ÄÖ\"\\\n", "x", "y")
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		const own = "[hidden] [text] [number]"
		if len(secret) < 8 || strings.ToValidUTF8(secret, "") != secret || strings.Contains(own, secret) {
			return // too short, or a word of the hider's own
		}
		h := &Hider{}
		h.Secret(secret)
		data, _ := json.Marshal(secret)
		for _, form := range []string{secret, url.QueryEscape(secret), string(data)} {
			if got := h.Text(before + form + after); strings.Contains(strings.ReplaceAll(got, "[hidden]", "\n"), secret) {
				t.Errorf("%q in %q is shown as %q", secret, before+form+after, got)
			}
		}
	})
}
