package command

import "testing"

// TestAHostWithLettersOfItsOwnIsNamedAsOthersSendIt: browsers ask for the name in ASCII, and would be turned away.
func TestAHostWithLettersOfItsOwnIsNamedAsOthersSendIt(t *testing.T) {
	for address, want := range map[string]string{
		"":                                  "",
		"https://home.example/Büro":         "https://home.example/Büro",
		"https://bücher.example/w":          "https://xn--bcher-kva.example/w",
		"https://BÜCHER.example:8443/a%2Fb": "https://xn--bcher-kva.example:8443/a%2Fb",
		"https://ü b/":                      "https://ü b/",
		"https://Home.example:1/":           "https://Home.example:1/",
		"https://xn--bcher-kva.example/":    "https://xn--bcher-kva.example/",
		"http://[fe80::1%25lo]:80/":         "http://[fe80::1%25lo]:80/",
		"nonsense ü":                        "nonsense ü",
		"https://anna:p@ü.example/":         "https://anna:p@xn--tda.example/",
	} {
		var s Settings
		flags := WebFlags{}
		flags.WebExternalURL = address
		flags.Apply(&s)
		if s.ExternalURL != want {
			t.Errorf("%q is %q, want %q", address, s.ExternalURL, want)
		}
	}
}
