package envelope

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestErrorIsOnePrintableLine(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"no text", "", "getmeas: status 503 (invalid params)"},
		{"only blanks", " \r\n\t", "getmeas: status 503 (invalid params)"},
		{"line breaks", "Invalid\nParams:\r\n  code", "getmeas: status 503 (invalid params): Invalid Params: code"},
		{"escape sequences", "\x1b[31mred\x00", "getmeas: status 503 (invalid params): [31mred"},
		{"not UTF-8", "bad\xffbyte", "getmeas: status 503 (invalid params): bad byte"},
		{"other scripts", "ungültig 無効", "getmeas: status 503 (invalid params): ungültig 無効"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := (&Error{Action: "getmeas", Status: 503, Text: c.text}).Error()
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestLongTextIsCut(t *testing.T) {
	prefix := "getmeas: status 503 (invalid params): "
	for _, text := range []string{strings.Repeat("ü", 5000), strings.Repeat("ü ", 5000), strings.Repeat("ü", 198) + " ü ü"} {
		got := strings.TrimPrefix((&Error{Action: "getmeas", Status: 503, Text: text}).Error(), prefix)
		if n := utf8.RuneCountInString(got); n > maxText || n < maxText-2 {
			t.Errorf("text has %d runes, want about %d and not more", n, maxText)
		}
		if !strings.HasSuffix(got, "…") {
			t.Errorf("text %q does not show that it was cut", got)
		}
	}
}

func TestTextThatFitsIsNotCut(t *testing.T) {
	text := strings.Repeat("ü", maxText)
	if got := clean(text); got != text {
		t.Errorf("got %q, want it unchanged", got)
	}
}

func TestErrorIsFoundThroughWrapping(t *testing.T) {
	err := fmt.Errorf("polling: %w", &Error{Action: "getmeas", Status: 401})
	var e *Error
	if !errors.As(err, &e) || e.Class() != AuthFailed {
		t.Errorf("got %v, want an Error of class %v inside", err, AuthFailed)
	}
}

func FuzzErrorText(f *testing.F) {
	f.Add("Invalid Params: invalid code")
	f.Add("\x1b]0;x\x07\xff\n")
	f.Fuzz(func(t *testing.T, text string) {
		got := clean(text)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\x1b\x00") || utf8.RuneCountInString(got) > maxText {
			t.Errorf("clean(%q) = %q", text, got)
		}
		if again := clean(got); again != got {
			t.Errorf("clean is not stable: %q, then %q", got, again)
		}
	})
}
