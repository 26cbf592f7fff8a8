// Package words writes durations and paragraphs for people. For plurals, packages use
// github.com/dustin/go-humanize/english directly.
package words

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/dustin/go-humanize/english"
)

// units of Span, largest first; the larger ones are averages.
var units = []struct {
	name string
	size time.Duration
}{
	{"year", 8766 * time.Hour},
	{"month", 730 * time.Hour},
	{"day", 24 * time.Hour},
	{"hour", time.Hour},
	{"minute", time.Minute},
}

// Span words a duration in the largest unit of which it has at least two, rounded down: 47 hours are not "1 day".
func Span(d time.Duration) string {
	for _, u := range units {
		if d >= 2*u.size {
			return english.Plural(int(d/u.size), u.name, "")
		}
	}
	if d < time.Second {
		return "under a second"
	}
	return english.Plural(int(d/time.Second), "second", "")
}

// Ago words how long ago something was; less than ten seconds are "just now".
func Ago(d time.Duration) string {
	if d < 10*time.Second {
		return "just now"
	}
	return Span(d) + " ago"
}

// Short writes a duration the way a flag is given: 5m and not 5m0s.
func Short(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// Columns is the width at which text for a terminal is wrapped.
const Columns = 80

// Paragraph writes a text as Wrap does, its first line after a label, the others indented by the label's width.
func Paragraph(w io.Writer, label, text string) {
	Wrap(w, label, strings.Repeat(" ", utf8.RuneCountInString(label)), text)
}

// unbroken is what stays on one line: what follows "run: " up to a semicolon outside quotes, what is between backticks,
// or else a word.
var unbroken = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("run: (?:\\\\.|[^;'\\\\]|'[^']*')*;?|`[^`]*`\\S*|\\S+")
})

// Wrap writes a text in lines of at most Columns, which begin with first and then with rest. A command stays whole, so
// that it can be copied; like a long word it has a longer line of its own if need be.
func Wrap(w io.Writer, first, rest, text string) {
	line, empty := first, true
	for _, word := range unbroken().FindAllString(text, -1) {
		word = strings.TrimSpace(word)
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > Columns {
			fmt.Fprintln(w, line)
			line, empty = rest, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	fmt.Fprintln(w, line)
}
