package profiles

import (
	"os"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/statedir"
)

const (
	composed = "Jos\u00e9"  // an accent can be written as a letter with it …
	apart    = "Jose\u0301" // … or as one of its own
)

// filed makes files of a kind for profiles.
func filed(t *testing.T, dir *statedir.Dir, kind string, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.WriteFile(dir.File(name, kind), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOneNameIsOnePersonInHoweverManySpellings: nobody may get the readings of one for those of the other.
func TestOneNameIsOnePersonInHoweverManySpellings(t *testing.T) {
	for title, c := range map[string]struct {
		tokens, states, configured, serves, want []string
		note                                     string
	}{
		"one spelling":              {tokens: []string{apart}, want: []string{apart}},
		"one that is configured":    {tokens: []string{apart}, configured: []string{composed}, want: []string{apart}},
		"a state alone":             {states: []string{apart}, configured: []string{composed}, want: []string{apart}},
		"a token before a state":    {tokens: []string{apart}, states: []string{composed}, configured: []string{composed}, want: []string{apart}},
		"both":                      {tokens: []string{composed, apart}, want: []string{composed}, note: "+jos%c3%a9.token.json is used, and +jose%cc%81.token.json is ignored"},
		"both, and configured":      {tokens: []string{composed, apart}, configured: []string{composed}, want: []string{composed}, note: "two tokens"},
		"one that has lost it":      {serves: []string{apart}, want: []string{apart}},
		"one, while the other runs": {tokens: []string{apart}, serves: []string{composed}, want: []string{apart}},
	} {
		dir := opened(t)
		filed(t, dir, "token", c.tokens...)
		filed(t, dir, "state", c.states...)
		set := &Set{Dir: dir}
		for _, name := range c.serves {
			set.members = append(set.members, &Member{Profile: exporter.Profile{State: exporter.NewState(name, nil)}})
		}
		names, _, notes, err := set.names(command.Settings{Profiles: c.configured})
		said := strings.Join(notes, "\n")
		if err != nil || !slices.Equal(names, c.want) || !strings.Contains(said, c.note) || (c.note == "") != (said == "") || strings.Contains(said, "--revoke") {
			t.Errorf("%s: served are %+q, with %q, %v, want %+q and %q", title, names, said, err, c.want, c.note)
		}
	}
}

// TestAnotherSpellingIsNotANewcomer that would be looked for every few seconds.
func TestAnotherSpellingIsNotANewcomer(t *testing.T) {
	dir := opened(t)
	filed(t, dir, "token", composed, apart)
	set := &Set{Dir: dir, members: []*Member{{Profile: exporter.Profile{State: exporter.NewState(composed, nil)}}}}
	if set.Newcomers(command.Settings{}) {
		t.Error("the other spelling counts as a person")
	}
	filed(t, dir, "token", "Ben")
	if !set.Newcomers(command.Settings{}) {
		t.Error("a person does not count")
	}
}

// TestANameInOtherCaseIsQuestioned, and nobody is told to end the authorisation of the person who is meant.
func TestANameInOtherCaseIsQuestioned(t *testing.T) {
	dir := opened(t)
	filed(t, dir, "token", "Anna")
	filed(t, dir, "state", "anna") // of a serve that has polled nobody by this name
	s := command.Settings{Profiles: []string{"anna"}, ConfigFile: "withings.yaml"}
	want := []string{`profile "anna" is configured, but the token is of "Anna": they differ only in letter case; write "Anna" in the profiles in withings.yaml`}
	if _, _, notes, err := (&Set{Dir: dir}).names(s); err != nil || !slices.Equal(notes, want) {
		t.Errorf("noted is %q, %v, want %q", notes, err, want)
	}
	if like, signedIn, err := Like(s, dir, "anna"); like != "Anna" || !signedIn || err != nil {
		t.Errorf("anna is like %q, who has a token: %t, %v", like, signedIn, err)
	}
	filed(t, dir, "token", "anna")
	if _, _, notes, err := (&Set{Dir: dir}).names(s); err != nil || len(notes) != 1 || !strings.Contains(notes[0], "auth --revoke Anna") {
		t.Errorf("with a token of both, noted is %q, %v", notes, err)
	}
	if like, _, err := Like(s, dir, "anna"); like != "" || err != nil {
		t.Errorf("with a token, anna is like %q, %v", like, err)
	}
}
