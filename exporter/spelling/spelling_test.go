package spelling_test

import (
	"testing"

	"withings-exporter/exporter/spelling"
)

func TestANameIsFoundInEitherSpellingAndQuestionedInOtherCase(t *testing.T) {
	const composed, apart = "Zo\u00eb", "Zoe\u0308"
	for _, c := range []struct {
		name         string
		known        []string
		stored, like string
	}{
		{composed, nil, composed, ""},
		{apart, nil, composed, ""},
		{composed, []string{apart}, apart, ""},
		{apart, []string{composed}, composed, ""},
		{apart, []string{composed, apart}, composed, ""}, // one of the two, whoever asks how
		{composed, []string{apart, composed}, composed, ""},
		{"anna", []string{"Anna"}, "anna", "Anna"},
		{"anna", []string{"Anna", "anna"}, "anna", ""},
		{"ZOE\u0308", []string{composed}, "ZO\u00cb", composed},
		{"Ben", []string{"Anna"}, "Ben", ""},
	} {
		if got := spelling.Stored(c.known).Of(c.name); got != c.stored {
			t.Errorf("%q among %q: got %q, want %q", c.name, c.known, got, c.stored)
		}
		if got := spelling.SameButCase(c.name, c.known); got != c.like {
			t.Errorf("%q is like %q among %q, want %q", c.name, got, c.known, c.like)
		}
	}
}

func TestALongNameIsShortenedBetweenLetters(t *testing.T) {
	for _, c := range []struct {
		name string
		most int
		want string
	}{{"Anna", 4, "Anna"}, {"Annabelle", 4, "Anna…"}, {"Zo\u00eb M", 3, "Zo…"}, {"", 4, ""}} {
		if got := spelling.Clip(c.name, c.most); got != c.want {
			t.Errorf("%q: got %q, want %q", c.name, got, c.want)
		}
	}
}
