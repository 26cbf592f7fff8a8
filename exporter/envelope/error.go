package envelope

import (
	"fmt"

	"withings-exporter/exporter/redact"
)

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
// is one, Withings' text as redact.Text leaves it. Whoever knows the secrets of the
// request takes them out of Text before.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s: status %d (%s)", e.Action, e.Status, e.Class())
	if text := redact.Text(e.Text); text != "" {
		s += ": " + text
	}
	return s
}

// Class is the family of the status.
func (e *Error) Class() Class { return Classify(e.Status) }
