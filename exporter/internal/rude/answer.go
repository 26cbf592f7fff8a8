package rude

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Meaning is what an answer means to a client that knows the server.
type Meaning string

// What an answer can mean.
const (
	Accepted     Meaning = "accepted"     // acknowledged
	Lines        Meaning = "lines"        // some lines are rejected, and named or counted
	Unreadable   Meaning = "unreadable"   // the write cannot be parsed and nothing was stored
	Address      Meaning = "address"      // the address, the scheme or the path is wrong
	Token        Meaning = "token"        // the token is wrong or may not do this
	Bucket       Meaning = "bucket"       // the bucket, database or retention policy does not exist
	Organisation Meaning = "organisation" // the organisation is missing or wrong
	TooLarge     Meaning = "too large"    // smaller writes may be accepted
	Temporary    Meaning = "temporary"    // a retry may be accepted
	Disk         Meaning = "disk"         // the server cannot store anything now
	Unsupported  Meaning = "unsupported"  // the server cannot do this at all
)

// Stored is how much of a write is stored when it is answered like this.
type Stored string

// What can be stored.
const (
	All    Stored = "all"
	None   Stored = "none"
	Others Stored = "others" // the lines that are not rejected
)

// Answer is the answer of a real server or proxy in one situation: a row of a table.
type Answer struct {
	Name   string // who, and in which situation
	Status int
	Type   string            // of the body
	Header map[string]string // other headers
	Body   string
	From   string // run: seen on a real server; source; doc; thread: a public report
	Means  Meaning
	Stored Stored

	body func(refused []Refused) string // the answer to a write with some rejected lines
}

// Refused is a rejected line and its number, from 1.
type Refused struct {
	Number int
	Line   Line
}

// Give answers every request like this. A write is stored as the row says; if that
// is Others, the first line is rejected.
func (a Answer) Give(c *Call) {
	if a.Stored == All || a.Stored == Others {
		if lines, err := c.Lines(); err == nil && len(lines) > 0 {
			if a.Stored == Others {
				lines = lines[1:]
			}
			c.Store(lines)
		}
	} else {
		_, _ = io.Copy(io.Discard, io.LimitReader(c.R.Body, largest)) // a server reads the request before it answers
	}
	a.say(c, a.Body)
}

// Lines answers like this to writes with a line that a function picks, with the
// real numbers and names of those lines in the answer. Other writes are accepted.
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

// counted returns a body with %d for the number of rejected lines.
func counted(format string) func([]Refused) string {
	return func(refused []Refused) string { return fmt.Sprintf(format, len(refused)) }
}

// Write returns the row of [Writes] with a name. It panics if there is none.
func Write(name string) Answer { return named(Writes(), name) }

// Delete returns the row of [Deletes] with a name. It panics if there is none.
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
