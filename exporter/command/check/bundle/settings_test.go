package bundle

import (
	"strings"
	"testing"
)

var keys = []string{"client-id", "client-secret", "client-secret-file", "profiles", "influx.token", "influx.url", "poll-interval", "withings"}

func TestOfAConfigurationFileKeysAndStructureAreTold(t *testing.T) {
	got := strings.Join(lines([]byte(strings.Join([]string{
		"# my file", "client-id: abc", "client_secret: \"hunter2", "hunter2: 1", "influx:", "\ttoken: x # y", "  token_file : *a",
		"withings: {client_id: abc}", "- profiles: yes", "- Anna", "poll-interval: 5m\r", "client_secret:hunter2", "5: 6", "---", "", "profiles:",
	}, "\n")), &Hider{Keys: keys}), "\n")
	want := strings.Join([]string{
		"   1  #…", "   2  client-id: …", "   3  client_secret: \"…", "   4  [unknown key]: …",
		"   5  influx:", "   6  [tab]token: …", "   7    [unknown key]: *…", "   8  withings: {…",
		"   9  - profiles: …", "  10  - …", "  11  poll-interval: … [carriage return or byte order mark]", "  12  …",
		"  13  [unknown key]: …", "  14  ---", "  15", "  16  profiles:",
	}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// FuzzOfAConfigurationFileNoValueIsTold puts a secret anywhere into any file, as a
// value, a key, a comment or beside them.
func FuzzOfAConfigurationFileNoValueIsTold(f *testing.F) {
	for _, file := range []string{"", "client-secret: ", "a: {b: ", "- ", "\t", "\"", "profiles:\n - ", "client_secret:", "x: |\n  ", "\ufeff", "# "} {
		f.Add(file, "\nprofiles: [x]\n")
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "Xq7Zw9Kj4"
		for _, line := range lines([]byte(before+secret+after), &Hider{Keys: keys}) {
			rest := legend.Replace(line)
			for _, key := range keys { // as they are, or nested
				for _, k := range append(strings.Split(key, "."), key) {
					rest = strings.ReplaceAll(strings.ReplaceAll(rest, k+":", ""), strings.ReplaceAll(k, "-", "_")+":", "")
				}
			}
			if strings.ContainsFunc(rest, func(r rune) bool { return r > ' ' && !strings.ContainsRune("0123456789-:…\"'[{#|>&*!@%`", r) }) {
				t.Errorf("%q shows %q", before+secret+after, line)
			}
		}
	})
}

// legend removes what may be in the outline of any file.
var legend = strings.NewReplacer("[tab]", "", "[carriage return or byte order mark]", "", "[unknown key]", "")

func TestAddressesAreToldWithoutUserPasswordAndQuery(t *testing.T) {
	h := &Hider{}
	got := Configured([]Flag{
		{Name: "influx.url", Source: "flag", Value: "https://me:passw0rd@db.anna.example:8086/x?token=abc"},
		{Name: "api.url", Source: "default", Value: "https://wbsapi.withings.net"},
	}, h).Settings
	if got[0].Value != "https://db.anna.example:8086/x" || got[1].Value != "https://wbsapi.withings.net" {
		t.Errorf("told are %v", got)
	}
	if text := h.Text("cannot reach https://db.anna.example:8086: passw0rd"); text != "cannot reach https://[host of influx.url]:8086: [hidden]" {
		t.Errorf("an error that names the host is told as %q", text)
	}
}
