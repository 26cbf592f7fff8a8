package app

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// columns is the width text for a terminal is broken at.
const columns = 80

// say tells a person something, as a paragraph of its own.
func (a *authorizer) say(format string, args ...any) {
	paragraph(a.talk, "", fmt.Sprintf(format, args...))
}

// paragraph writes a text in lines of at most 80 columns, longer words apart.
// Lines after the first are indented by as much as the first word's label.
func paragraph(w io.Writer, label, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(label))
	line := label
	empty := true
	for word := range strings.FieldsSeq(text) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > columns {
			fmt.Fprintln(w, line)
			line, empty = indent, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	fmt.Fprintln(w, line)
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
