package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"withings-exporter/exporter/hint"
)

func TestWhatIsPastedIsRefusedForWhatItIs(t *testing.T) {
	for _, c := range []struct{ name, text, want, problem, advice string }{
		{"as it is", "0a1B2c", "0a1B2c", "", ""},
		{"nothing", " \n", "", "", ""},
		{"with space around it", " 0a1b2c\t", "0a1b2c", "", ""},
		{"in quotes", `"0a1b2c"`, "", "is in quotation marks that are taken as part of it", "remove them"},
		{"in quotes of a text processor", "“0a1b2c”", "", "is in quotation marks that are taken as part of it", "remove them"},
		{"a variable", "${SECRET}", "", "is the name of a variable", "give its value: variables are replaced by a shell, not here"},
		{"a variable of Windows", "%SECRET%", "", "is the name of a variable", "give its value: variables are replaced by a shell, not here"},
		{"the example of Home Assistant", "CONSUMER_SECRET", "", "is still the placeholder of an example", "copy the real one from the application's page at Withings"},
		{"with its variable", "WITHINGS_CLIENT_SECRET=0a1b2c", "", "has a name before the value", "give the value alone"},
		{"with its key", "client_secret: 0a1b2c", "", "has a name before the value", "give the value alone"},
		{"in two parts", "0a1b 2c", "", "contains a space or another character that none has", "copy it again from the application's page at Withings, alone"},
		{"with a letter that is not seen", "0a1b\u200b2c", "", "contains a space or another character that none has", "copy it again from the application's page at Withings, alone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Pasted(c.text, "--client-secret")
			want := ""
			if c.problem != "" {
				want = "--client-secret " + c.problem
			}
			if got != c.want || hint.Text(err) != want || hint.Of(err) != c.advice {
				t.Errorf("got %q and error %v", got, err)
			}
			if err != nil && strings.Contains(err.Error(), "0a1b") {
				t.Errorf("the error shows the secret: %v", err)
			}
		})
	}
}

func TestASecretIsReadAsWindowsWritesIt(t *testing.T) {
	for name, content := range map[string]string{
		"with a mark":                   "\ufeffhunter2\r\n",
		"of PowerShell":                 "\xff\xfeh\x00u\x00n\x00t\x00e\x00r\x002\x00\r\x00\n\x00",
		"with the other order":          "\xfe\xff\x00h\x00u\x00n\x00t\x00e\x00r\x002",
		"cut in the middle of a letter": "\xff\xfeh\x00u\x00n\x00t\x00e\x00r\x002\x00\r",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if got, err := Secret("", path, "client-secret"); got != "hunter2" || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

// FuzzPasted looks for a text that panics, or is taken although it cannot stand in a form.
func FuzzPasted(f *testing.F) {
	for _, seed := range []string{"0a1b", `"`, "“a”", "${A}", "client_id=a", "\xff\xfe", "\xfe\xffa", "\ufeff", " "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Pasted(plain([]byte(text)), "it")
		if err == nil && strings.ContainsFunc(got, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("%q is taken as %q", text, got)
		}
	})
}
