package envelope

import (
	"fmt"
	"strings"
	"unicode"
)

// maxText is the longest text of Withings that an Error shows, in runes: an
// error is a line of a log, not a page of it.
const maxText = 200

// Error is a Withings answer whose status is not 0.
type Error struct {
	// Action is what was asked for, as in "getmeas".
	Action string
	// Status is the number Withings answered with.
	Status int
	// Text is Withings' own explanation; it may be empty.
	Text string
}

// Error is one line naming the action, the status, its family and, if there
// is one, Withings' text: made printable, without line breaks and of at most
// 200 runes.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s: status %d (%s)", e.Action, e.Status, e.Class())
	if text := clean(e.Text); text != "" {
		s += ": " + text
	}
	return s
}

// Class is the family of the status.
func (e *Error) Class() Class { return Classify(e.Status) }

// clean makes one printable line of at most maxText runes out of foreign text.
func clean(text string) string {
	printable := strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, text)
	line := []rune(strings.Join(strings.Fields(printable), " "))
	if len(line) <= maxText {
		return string(line)
	}
	return strings.TrimRight(string(line[:maxText-1]), " ") + "…"
}
