package rude

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Meaning is what an answer says about the request, to a client that knows the server.
type Meaning string

// What an answer can mean.
const (
	Accepted     Meaning = "accepted"     // acknowledged: a positive sign
	Lines        Meaning = "lines"        // some lines are refused, and named or counted
	Unreadable   Meaning = "unreadable"   // of a write that cannot be parsed nothing was taken
	Address      Meaning = "address"      // the address, the scheme or the path is wrong
	Token        Meaning = "token"        // the token is wrong or may not do this
	Bucket       Meaning = "bucket"       // the bucket, database or retention policy is not there
	Organisation Meaning = "organisation" // the organisation is missing or wrong
	TooLarge     Meaning = "too large"    // the same in smaller pieces may be taken
	Temporary    Meaning = "temporary"    // the same again may be taken
	Disk         Meaning = "disk"         // the server cannot store anything now
	Unsupported  Meaning = "unsupported"  // the server cannot do this at all
)

// What is stored of a write that is answered so.
type Stored string

// What can be stored.
const (
	All    Stored = "all"
	None   Stored = "none"
	Others Stored = "others" // the lines that are not refused
)

// Answer is what a real server or proxy says in one situation: a row of a table.
type Answer struct {
	Name   string // who: in which situation
	Status int
	Type   string            // of the content
	Header map[string]string // besides
	Body   string
	From   string // run: seen on a real server; source, doc; thread: a public report
	Means  Meaning
	Stored Stored

	body func(refused []Refused) string // the answer to a write of which some lines are refused
}

// Refused is a line that is not taken, and the how many-th it is, from 1.
type Refused struct {
	Number int
	Line   Line
}

// Give answers every request so. A write is stored as the row says; where it says
// others, the first line is the one that is refused.
func (a Answer) Give(c *Call) {
	if a.Stored == All || a.Stored == Others {
		if lines, err := c.Lines(); err == nil && len(lines) > 0 {
			if a.Stored == Others {
				lines = lines[1:]
			}
			c.Store(lines)
		}
	} else {
		_, _ = io.Copy(io.Discard, io.LimitReader(c.R.Body, largest)) // a server that answers has read
	}
	a.say(c, a.Body)
}

// Lines answers so to a write that has a line which a function picks, with the true
// numbers and names of the lines in it; any other write is taken.
func (a Answer) Lines(picks func(Line) bool) Behaviour {
	return func(c *Call) {
		lines, err := c.Lines()
		if err != nil {
			Write("2.7: a line that cannot be parsed").say(c, json2("invalid", err.Error()))
			return
		}
		var refused []Refused
		var good []Line
		for i, line := range lines {
			if picks(line) {
				refused = append(refused, Refused{i + 1, line})
			} else {
				good = append(good, line)
			}
		}
		switch {
		case len(refused) == 0:
			c.Store(lines)
			c.W.WriteHeader(http.StatusNoContent)
			return
		case a.Stored == Others:
			c.Store(good)
		case a.Stored == All:
			c.Store(lines)
		}
		text := a.Body
		if a.body != nil {
			text = a.body(refused)
		}
		a.say(c, text)
	}
}

func (a Answer) say(c *Call, text string) {
	for name, value := range a.Header {
		c.W.Header().Set(name, value)
	}
	if a.Status == http.StatusNoContent {
		text = ""
	}
	c.Say(a.Status, a.Type, text)
}

// counted is a body with %d for how many lines are refused.
func counted(format string) func([]Refused) string {
	return func(refused []Refused) string { return fmt.Sprintf(format, len(refused)) }
}

// Write is the row of [Writes] with a name. It panics where there is none: a slip in a test.
func Write(name string) Answer { return named(Writes(), name) }

// Delete is the row of [Deletes] with a name.
func Delete(name string) Answer { return named(Deletes(), name) }

func named(table []Answer, name string) Answer {
	i := slices.IndexFunc(table, func(a Answer) bool { return a.Name == name })
	if i < 0 {
		var names bytes.Buffer
		for _, a := range table {
			fmt.Fprintf(&names, "\n%s", a.Name)
		}
		panic(fmt.Sprintf("no answer is named %q; there are:%s", name, strings.TrimRight(names.String(), "\n")))
	}
	return table[i]
}
