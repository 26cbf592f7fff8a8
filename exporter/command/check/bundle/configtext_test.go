package bundle

import (
	"strings"
	"testing"
)

var flags = []string{"client-id", "client-secret", "client-secret-file", "profiles", "influx.token", "influx.url", "poll-interval", "config.file"}

func TestConfigTextShowsKeysAndKindsOnly(t *testing.T) {
	got := ConfigText([]byte(strings.Join([]string{
		"# my file", "client-id: abc", "client_secrte: \"hunter2", "hunter2: 1", "influx:", "\ttoken: x # y", "  token_file : *a",
		"withings: {client_id: abc}", "- profiles: yes", "- Anna", "poll-interval: 5m\r", "client_secret:hunter2", "5: 6", "---", "", "profiles:",
	}, "\n")), flags)
	want := strings.Join([]string{
		"   1  [comment]", "   2  client-id: [text]", "   3  client_secrte: [text in double quotes]", "   4  [unknown key]: [number]",
		"   5  influx:", "   6  [tab]token: [text] [comment]", "   7    [unknown key]: [alias]", "   8  withings: [map in braces]",
		"   9  - profiles: [true or false]", "  10  - [text]", "  11  poll-interval: [text] [carriage return]", "  12  [text]",
		"  13  [unknown key]: [number]", "  14  ---", "  15  ", "  16  profiles:", "",
	}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// FuzzConfigTextShowsNothingOfAValue puts a secret anywhere into any file, as a
// value, a key, a comment or beside them.
func FuzzConfigTextShowsNothingOfAValue(f *testing.F) {
	for _, file := range []string{"", "client-secret: ", "a: {b: ", "- ", "\t", "\"", "profiles:\n - ", "client_secret:", "x: |\n  ", "\ufeff", "# "} {
		f.Add(file, "\nprofiles: [x]\n")
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "Xq7Zw9Kj4"
		got := ConfigText([]byte(before+secret+after), flags)
		if strings.Contains(got, secret) {
			t.Errorf("%q shows the secret: %s", before+secret+after, got)
		}
		for line := range strings.Lines(got) {
			if rest := legend.Replace(line); strings.ContainsAny(rest, "[]\"'{}*&!@%`/\\+<>=$") {
				t.Errorf("%q shows %q, which no key has", before+secret+after, rest)
			}
		}
	})
}

// legend takes out what ConfigText writes by itself.
var legend = strings.NewReplacer(
	"[begins with a byte order mark]", "", "[empty]", "", "[tab]", "", "[carriage return]", "", "[unknown key]", "", "[comment]", "",
	"[number]", "", "[true or false]", "", "[!secret]", "", "[text]", "", "[text in double quotes]", "", "[text in single quotes]", "",
	"[list in brackets]", "", "[map in braces]", "", "[text over lines]", "", "[anchor]", "", "[alias]", "", "[tag]", "",
	"[reserved character]", "", "<<", "")
