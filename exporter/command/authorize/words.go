package authorize

import (
	"fmt"
	"time"

	"withings-exporter/exporter/command"
)

// say tells a person something, as a paragraph of its own.
func (a *authorizer) say(format string, args ...any) {
	command.Paragraph(a.talk, "", fmt.Sprintf(format, args...))
}

// age says how long ago something was, in the largest unit that fits.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return ago(int(d.Minutes()), "minute")
	case d < 24*time.Hour:
		return ago(int(d.Hours()), "hour")
	}
	return ago(int(d.Hours()/24), "day")
}

func ago(n int, unit string) string {
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s ago", n, unit)
}

// moment writes a time for people, with its zone.
func moment(t time.Time) string { return t.Format("2006-01-02 15:04 MST") }
