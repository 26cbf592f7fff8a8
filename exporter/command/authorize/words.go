package authorize

import (
	"fmt"
	"time"

	"withings-exporter/exporter/words"
)

// say writes a paragraph for the person.
func (a *authorizer) say(format string, args ...any) {
	words.Paragraph(a.talk, "", fmt.Sprintf(format, args...))
}

// moment writes a time for people, with its zone.
func moment(t time.Time) string { return t.Format("2006-01-02 15:04 MST") }
