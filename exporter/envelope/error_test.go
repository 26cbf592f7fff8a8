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

func TestWhatLooksLikeACredentialIsNotShown(t *testing.T) {
	for _, text := range []string{"Bearer hunter2", `{"refresh_token":"hunter2"}`, "client_secret=hunter2", "token hunter2 is not known"} {
		if got := (&Error{Action: "getmeas", Status: 401, Text: text}).Error(); strings.Contains(got, "hunter2") {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}

func TestLongTextIsCut(t *testing.T) {
	got := (&Error{Action: "getmeas", Status: 503, Text: strings.Repeat("ü", 5000)}).Error()
	if n := utf8.RuneCountInString(got); n > 350 || !strings.HasSuffix(got, "…") {
		t.Errorf("%d runes of an error, want a line that shows that it was cut: %q", n, got)
	}
}

func TestErrorIsFoundThroughWrapping(t *testing.T) {
	err := fmt.Errorf("polling: %w", &Error{Action: "getmeas", Status: 401})
	var e *Error
	if !errors.As(err, &e) || e.Class() != AuthFailed {
		t.Errorf("got %v, want an Error of class %v inside", err, AuthFailed)
	}
}
