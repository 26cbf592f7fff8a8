// Package hint lets an error carry advice: what went wrong is one thing, what to do
// about it another. A log and the status page show both in one line; the command
// line puts them on lines of their own.
package hint

import (
	"regexp"
	"strings"
	"sync"
)

// Wrap gives an error advice of one line, such as "check the network". The text of
// the result is that of the error, a semicolon and the advice. Without advice, or
// without an error, nothing changes.
func Wrap(err error, advice string) error {
	if err == nil || advice == "" {
		return err
	}
	return &advised{err, advice}
}

// Adviser is an error that carries advice; its text ends in "; " and the advice.
// Types of other packages may implement it instead of being wrapped.
type Adviser interface {
	error
	Hint() string
}

type advised struct {
	error
	advice string
}

func (a *advised) Error() string { return a.error.Error() + "; " + a.advice }
func (a *advised) Unwrap() error { return a.error }
func (a *advised) Hint() string  { return a.advice }

// Line is one line of an error's text.
type Line struct {
	Text   string // Text is what went wrong.
	Advice string // Advice is what to do about it; empty when nobody knows.
}

// Lines splits an error into its lines, of which errors.Join makes several, and
// takes the advice out of each, however deep it was wrapped. An indented line, such
// as yaml writes, continues the one before.
func Lines(err error) []Line {
	if err == nil {
		return nil
	}
	var lines []Line
	for text := range strings.SplitSeq(continued().ReplaceAllString(mark(err), " "), "\n") {
		var line Line
		for {
			before, rest, found := strings.Cut(text, begin)
			line.Text += before
			if !found {
				break
			}
			var advice string
			advice, text, _ = strings.Cut(rest, end)
			line.Advice = join(line.Advice, advice)
		}
		lines = append(lines, line)
	}
	return lines
}

// Text is an error's text without any advice.
func Text(err error) string {
	var texts []string
	for _, line := range Lines(err) {
		texts = append(texts, line.Text)
	}
	return strings.Join(texts, "\n")
}

// Of is the advice that an error carries, that of several errors joined and none
// given twice; empty when there is none.
func Of(err error) string {
	var advice string
	for _, line := range Lines(err) {
		advice = join(advice, line.Advice)
	}
	return advice
}

// join adds advice to advice, unless it has been given already.
func join(advice, more string) string {
	switch {
	case advice == "":
		return more
	case strings.Contains(advice, more):
		return advice
	}
	return advice + "; " + more
}

// continued is a line break before an indented line.
var continued = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\n[ \t]+`) })

// begin and end enclose advice in a text; no text of ours contains them.
const begin, end = "\x00", "\x01"

// mark returns the text of an error with its advice enclosed. What wraps an error
// has made its text from that of the error, so each text is found in the outer one.
func mark(err error) string {
	var inner []error
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		inner = []error{e.Unwrap()}
	case interface{ Unwrap() []error }:
		inner = e.Unwrap()
	}
	text, marked := err.Error(), ""
	for _, in := range inner {
		if in == nil {
			continue
		}
		if before, after, found := strings.Cut(text, in.Error()); found {
			marked += before + mark(in)
			text = after
		}
	}
	if a, ok := err.(Adviser); ok {
		if before, found := strings.CutSuffix(text, "; "+a.Hint()); found && a.Hint() != "" {
			text = before + begin + a.Hint() + end
		}
	}
	return marked + text
}
