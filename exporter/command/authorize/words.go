package authorize

import (
	"fmt"
	"time"

	"withings-exporter/exporter/words"
)

// say tells a person something, as a paragraph of its own.
func (a *authorizer) say(format string, args ...any) {
	words.Paragraph(a.talk, "", fmt.Sprintf(format, args...))
}

// moment writes a time for people, with its zone.
func moment(t time.Time) string { return t.Format("2006-01-02 15:04 MST") }
