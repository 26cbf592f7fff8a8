package command

import "testing"

func TestASentenceLeavesAddressesAsTheyAre(t *testing.T) {
	for text, want := range map[string]string{
		"http://home.example is not accepted":  "http://home.example is not accepted.",
		"https://home.example is not accepted": "https://home.example is not accepted.",
		"cannot reach it":                      "Cannot reach it.",
		"élan":                                 "Élan.",
	} {
		if got := Sentence(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
