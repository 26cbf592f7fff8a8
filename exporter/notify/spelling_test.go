package notify

import (
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/withings"
)

// TestAnAddressIsTheSameInEverySpelling: Withings may list an address in another one than it was given.
func TestAnAddressIsTheSameInEverySpelling(t *testing.T) {
	s := newSecret()
	for external, want := range map[string]string{
		"https://home.example":               "https://home.example",
		"https://home.example/":              "https://home.example",
		"https://home.example//":             "https://home.example",
		"HTTPS://Home.Example.:443/":         "https://home.example",
		"https://home.example:8443/a/":       "https://home.example:8443/a",
		"http://home.example:80":             "http://home.example",
		"http://home.example:443":            "http://home.example:443",
		"https://home.example//a/./b//":      "https://home.example/a/b",
		"https://home.example/With%20ings/":  "https://home.example/With%20ings",
		"https://[2001:DB8::1]/":             "https://[2001:db8::1]",
		"https://[2001:db8::1]:8443/":        "https://[2001:db8::1]:8443",
		"https://home.example/%C3%BCber/../": "https://home.example",
	} {
		if got := Address(external, s); got != want+"/notify/"+string(s) {
			t.Errorf("below %s it is %s", external, strings.ReplaceAll(got, string(s), "…"))
		}
	}
}

// TestAListInAnotherSpellingChangesNothing: else every upkeep would end and make each subscription again.
func TestAListInAnotherSpellingChangesNothing(t *testing.T) {
	for name, spell := range map[string]func(string) string{
		"as given":                func(a string) string { return a },
		"with the usual port":     func(a string) string { return strings.Replace(a, "home.example", "home.example:443", 1) },
		"with a slash at the end": func(a string) string { return a + "/" },
		"in upper case":           func(a string) string { return strings.Replace(a, "https://home", "HTTPS://HOME", 1) },
		"with two slashes":        func(a string) string { return strings.Replace(a, "/notify/", "//notify/", 1) },
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(t *testing.T, h *house) {
				h.upkeep(t)
				for i := range h.ledger.list {
					h.ledger.list[i].Callback = spell(h.ledger.list[i].Callback)
				}
				time.Sleep(time.Hour)
				if got := h.upkeep(t); !slices.Equal(got, []string{"list 0 +0"}) {
					t.Errorf("an hour later asked for %q", got)
				}
				if len(h.Announced()) != 3 {
					t.Errorf("announced are %v", h.Announced())
				}
				home := Home{External: external, Secrets: []Secret{h.File.Peek()}}
				if got := home.Whose(withings.Subscription{Callback: h.ledger.list[0].Callback}); got != Ours {
					t.Errorf("it is said to be of %s", got)
				}
			})
		})
	}
}
