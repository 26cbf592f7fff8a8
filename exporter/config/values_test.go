package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter/config"
)

func TestProfilesAreSplitTrimmedAndUnique(t *testing.T) {
	long := strings.Repeat("ä", 100)
	cases := []struct {
		name  string
		items []string
		want  []string
		err   string
	}{
		{"none", nil, nil, ""},
		{"repeated and separated", []string{"Anna Müller, Ben", " Mum "}, []string{"Anna Müller", "Ben", "Mum"}, ""},
		{"200 bytes", []string{long}, []string{long}, ""},
		{"201 bytes", []string{long + "x"}, nil, `profile "` + strings.Repeat("ä", 20) + `…" is longer than 200 bytes; shorten it`},
		{"empty", []string{""}, nil, "a profile name is empty; remove the extra comma or list item"},
		{"comma at the end", []string{"Anna,"}, nil, "a profile name is empty; remove the extra comma or list item"},
		{"twice", []string{"Anna", "Ben,Anna "}, nil, `profile "Anna" is named twice; remove one`},
		{"twice but for case", []string{"MÜLLER", "müller"}, nil, `profiles "MÜLLER" and "müller" differ only in letter case; rename or remove one`},
		{"Kelvin sign", []string{"K", "\u212a"}, nil, `profile "K" is named twice; remove one`},
		{"an accent apart", []string{"Zoe\u0308, Mu\u0308ller"}, []string{"Zo\u00eb", "M\u00fcller"}, ""},
		{"twice but for the spelling", []string{"Zo\u00eb", "Zoe\u0308"}, nil, "profile \"Zo\u00eb\" is named twice; remove one"},
		{"line break inside", []string{"An\nna"}, nil, `profile "An\nna" contains a control character; retype it, on one line`},
		{"text turned round", []string{"An\u202ena"}, nil, `profile "An\u202ena" contains a control character; retype it, on one line`},
		{"a mark of direction at the end", []string{"Anna\u200e"}, nil, `profile "Anna\u200e" contains a control character; retype it, on one line`},
		{"a line separator", []string{"An\u2028na"}, nil, `profile "An\u2028na" contains a control character; retype it, on one line`},
		{"joined letters", []string{"\U0001F469\u200d\U0001F467"}, []string{"\U0001F469\u200d\U0001F467"}, ""},
		{"not UTF-8", []string{"An\xffna"}, nil, `profile "An\xffna" is not valid UTF-8; retype it`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := config.Profiles(c.items)
			if msg := text(err, ""); msg != c.err {
				t.Fatalf("error\n got %s\nwant %s", msg, c.err)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestSecretComesFromExactlyOnePlace(t *testing.T) {
	dir := t.TempDir()
	cwd, wrong := os.Getwd()
	if wrong != nil {
		t.Fatal(wrong)
	}
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		put(t, path, content, 0o600)
		return path
	}
	cases := []struct{ name, value, file, want, err string }{
		{"value", "hunter2", "", "hunter2", ""},
		{"value with newline", "hunter2\n", "", "hunter2", ""},
		{"file", "", file("plain", "hunter2"), "hunter2", ""},
		{"file with newline", "", file("newline", "hunter2\n"), "hunter2", ""},
		{"file from Windows", "", file("crlf", "hunter2\r\n"), "hunter2", ""},
		{"spaces are kept", "", file("spaces", " hunter2 \n"), " hunter2 ", ""},
		{"neither", "", "", "", "--client-secret is not set; set it, or name a file that holds it with --client-secret-file (environment: WITHINGS_CLIENT_SECRET_FILE)"},
		{"both", "hunter2", "some", "", "--client-secret and --client-secret-file are both set; keep one"},
		{"blank value", " \n", "", "", "--client-secret is empty; put the secret there"},
		{"empty file", "", file("empty", "\n"), "", `--client-secret-file: file "empty" is empty; put the secret there`},
		{"two lines", "", file("two", "hunter2\nhunter3\n"), "", `--client-secret-file: file "two" contains a line break or another control character; put the secret alone on one line`},
		{"too large", "", file("large", strings.Repeat("hunter2", 10_000)), "", `--client-secret-file: file "large" is larger than 64 KiB; check that it is the right file`},
		{"missing file", "", filepath.Join(dir, "missing"), "", `--client-secret-file: file "missing" cannot be read: no such file or directory; check the path`},
		{"missing file, by its name alone", "", "missing", "", `--client-secret-file: file "missing" cannot be read: no such file or directory; check the path: what was looked for is ` + filepath.Join(cwd, "missing")},
		{"token in place of its file", "", filepath.Join(dir, "hunter2=="), "", `--client-secret-file is not the name of a file, and may be the secret itself; if it is, give it as --client-secret; else check the path`},
		{"secret in place of its file", "", "0f8a4e7b9c1d2e3f405162738495a6b7c8hunter", "", `may be the secret itself; if it is, give it as --client-secret; else check the path`},
		{"missing file of a token", "", "withings-influx-token", "", `check the path: what was looked for is ` + filepath.Join(cwd, "withings-influx-token")},
		{"folder", "", filepath.Join(dir, "."), "", `cannot be read: is a directory; check the path`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := config.Secret(c.value, c.file, "client-secret")
			if msg := text(err, filepath.Join(dir, "x")); !strings.HasSuffix(msg, c.err) || (err != nil) != (c.err != "") {
				t.Fatalf("error\n got %s\nwant %s", msg, c.err)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter") {
				t.Errorf("the error shows the secret: %v", err)
			}
		})
	}
}

func TestURLTakesAbsoluteWebAddressesOnly(t *testing.T) {
	const advice = "; write it like https://host.example:8086"
	cases := []struct{ name, value, want, err string }{
		{"plain", "https://wbsapi.withings.net", "https://wbsapi.withings.net", ""},
		{"slash at the end", "http://localhost:8086/", "http://localhost:8086", ""},
		{"path", " http://h/a%2Fb/c// ", "http://h/a%2Fb/c", ""},
		{"query", "http://h/a/?x=1/", "http://h/a?x=1/", ""},
		{"user", "http://u:hunter2@h/", "http://u:hunter2@h", ""},
		{"IPv6", "http://[::1]:80/", "http://[::1]:80", ""},
		{"capital scheme", "HTTP://h", "http://h", ""},
		{"empty", "", "", `"" is empty`},
		{"no scheme", "localhost:8086", "", `"localhost:8086" does not start with http:// or https://`},
		{"relative", "/a", "", `"/a" does not start with http:// or https://`},
		{"other scheme", "ftp://h", "", `"ftp://h" does not start with http:// or https://`},
		{"no host", "http://:80/", "", `"http://:80/" has no host`},
		{"opaque", "http:h", "", `"http:h" has no host`},
		{"port too large", "http://h:65536", "", `"http://h:65536" has a port outside 1 to 65535`},
		{"port zero", "http://h:0", "", `"http://h:0" has a port outside 1 to 65535`},
		{"control character", "http://h/\x01", "", `"http://h/\x01" is not an address`},
		{"user and bad port", "http://u:hunter2@h:x", "", "is not an address"},
		{"broken user", "http://u:hun#ter2@h", "", "is not an address"},
		{"user without scheme", "u:hunter2@h", "", "does not start with http:// or https://"},
		{"token and no host", "http://?token=hunter2", "", "has no host"},
		{"fragment", "http://h/#hunter2", "", "has a part after #"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := config.URL("influx.url", c.value)
			want := c.err
			if want != "" {
				want = "--influx.url: " + want + advice
			}
			if msg := text(err, ""); msg != want {
				t.Fatalf("error\n got %s\nwant %s", msg, want)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
