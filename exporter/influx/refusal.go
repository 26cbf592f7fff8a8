package influx

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Reasons why a server rejects a line.
const (
	ReasonRetention = "older than the retention policy allows"
	ReasonConflict  = "the field has another type in the database"
	ReasonLine      = "the server does not understand the line"
	ReasonOther     = "the server rejects it"
)

// named is an answer that rejects lines of a write, by number or by what is wrong
// with one of them.
type named struct {
	reason  string
	told    string // the server's own words, safe to log
	partial int    // at least how many lines were dropped if others may be stored; otherwise 0
}

var (
	quotedLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?s)'.*'`) })
	dropped    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`dropped=(\d+)`) })
	outside    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`dropped (\d+) points`) })
	rejected   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(\d+)/\d+ points rejected`) })
)

// unquote removes the lines that a server quotes: those are readings.
func unquote(text string) string { return quotedLine().ReplaceAllString(text, "a line") }

// message is the text of an answer: from its JSON, its body or a header.
func (r reply) message() string {
	var told struct{ Error, Message string }
	if json.Unmarshal(r.body, &told) == nil {
		if told.Message != "" {
			return told.Message
		}
		return told.Error
	}
	if r.page() {
		return ""
	}
	if text := strings.TrimSpace(string(r.body)); text != "" {
		return text
	}
	return r.header.Get("X-Influxdb-Error")
}

// naming reports whether an answer rejects lines of a write rather than the write.
// Only a database answers in one of these forms; after any other answer the address,
// the request or the server is wrong.
func (w *Writer) naming(r reply) (named, bool) {
	text := r.message()
	has := func(part string) bool { return strings.Contains(text, part) }
	if r.page() || !json.Valid(r.body) && !has("influx line protocol data") { // the text of VictoriaMetrics
		return named{}, false
	}
	n := named{reason: reasonOf(text)}
	switch r.status {
	case 400, 422, 500: // 2.0 answers a partial write with 500
	default:
		return n, false
	}
	switch {
	case has("partial write"):
		n.partial = max(droppedBy(text), 1)
	case r.status == 400 && has("errors encountered on line"): // InfluxDB 3 Cloud; the others are stored
		n.partial = 1
	case r.status == 400 && (strings.HasPrefix(text, "unable to parse '") || has("line protocol parse failed") ||
		has("parsing for line protocol failed") || has("influx line protocol data")):
	default:
		return n, false
	}
	n.told = w.told(r)
	return n, true
}

func reasonOf(text string) string {
	lower := strings.ToLower(text)
	switch {
	case strings.Contains(lower, "retention policy"):
		return ReasonRetention
	case strings.Contains(lower, "field type conflict"), strings.Contains(lower, "already exists as type"),
		strings.Contains(lower, "invalid column type"):
		return ReasonConflict
	case strings.Contains(lower, "pars"), strings.Contains(lower, "influx line"):
		return ReasonLine
	}
	return ReasonOther
}

// droppedBy reads how many lines of a partial write were dropped.
func droppedBy(text string) int {
	for _, pattern := range []*regexp.Regexp{dropped(), outside(), rejected()} {
		if m := pattern.FindStringSubmatch(text); m != nil {
			if n, err := strconv.Atoi(m[1]); err == nil {
				return n
			}
		}
	}
	return 0
}

// Refused is a line that a server rejected.
type Refused struct {
	Line   int    // which line of the write, from 0
	Reason string // one of the Reasons
	Told   string // the server's own words, safe to log
}
