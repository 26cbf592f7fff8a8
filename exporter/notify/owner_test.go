package notify

import (
	"strings"
	"testing"

	"withings-exporter/exporter/withings"
)

func TestWhoseASubscriptionIs(t *testing.T) {
	for _, c := range []struct {
		external, callback, comment string
		want                        Whose
	}{
		{external, Address(external, annasSecret), "", Ours},
		{external, Address(external, bensSecret), "", Ours},
		{"", Address(external, annasSecret), "", Ours},
		{external, Address("https://old.example", annasSecret), "", Former},
		{external, external + "/notify/another", "", Former},
		{"", "https://old.example/notify/another", withings.Comment, Former},
		{external, "https://old.example/hook", withings.Comment, Former},
		{external, external + "/notifyx", "", Others},
		{external, "https://home.example/notify/another", "", Others},
		{external, "https://other.example/hook", "Home Assistant", Others},
		{"", "https://other.example/hook", "", Others},
		{"", "https://other.example/notify/", "", Others},
		{external, "https://other.example/?x=" + string(annasSecret), "", Others},
	} {
		home := Home{External: c.external, Secrets: []Secret{annasSecret, "", bensSecret}}
		if got := home.Whose(withings.Subscription{Category: 1, Callback: c.callback, Comment: c.comment}); got != c.want {
			t.Errorf("with %q, %q (%s) is of %s, want %s", c.external, c.callback, c.comment, got, c.want)
		}
	}
}

func TestAnAddressIsShownWithoutWhatMayBeSecret(t *testing.T) {
	for address, want := range map[string]string{
		Address(external, annasSecret):                        "https://home.example/withings/notify/…",
		Address("http://10.0.0.1:8123", annasSecret):          "http://10.0.0.1:8123/notify/…",
		"https://other.example/api/webhook/s3cr3t":            "https://other.example/…",
		"https://other.example/s3cr3t/notify/short":           "https://other.example/…",
		"https://other.example/s3cr3t%2Fnotify%2Fx":           "https://other.example/…",
		"https://anna:s3cr3t@other.example/?s3cr3t#s3cr3t":    "https://other.example/…",
		"https://other.example":                               "https://other.example/…",
		Address("https://o.example/%2Fx", annasSecret) + "?a": "https://o.example/%2Fx/notify/…",
		"s3cr3t":            "[hidden]",
		"":                  "[hidden]",
		"https://s3cr3t\n/": "[hidden]",
	} {
		if got := Shown(address); got != want || strings.Contains(got, "s3cr3t") {
			t.Errorf("%q is shown as %q, want %q", address, got, want)
		}
	}
}

// FuzzShown looks for an address that shows the secret at its end.
func FuzzShown(f *testing.F) {
	for _, path := range []string{"notify/", "%2Fnotify/", "x/notify/notify/", "?", "#", "\x00", "notify/x@y/", "//z/notify/"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if shown := Shown("https://home.example/" + path + string(annasSecret)); strings.Contains(shown, string(annasSecret)) {
			t.Errorf("%q: %q shows the secret", path, shown)
		}
	})
}
