package withings

import (
	"strings"
	"sync"

	"withings-exporter/exporter"
	"withings-exporter/exporter/redact"
)

const (
	// mostKinds is how many unknown kinds a profile may have, each of types of measures
	// with their positions, positions, events of a night and categories of workouts.
	// Every one is a new series; of the types that have turned up in ten years, fewer
	// than ten lack a row.
	mostKinds = exporter.MostUnknown
	// mostDevices is how many devices a profile may have. Withings lists those that
	// are linked; people have under ten.
	mostDevices = 100
	// mostText is the longest label from Withings in characters; the longest seen is a
	// device id with 40.
	mostText = 100
	// mostWarned is how many different warnings are logged, for all profiles.
	mostWarned = 1000
)

// kinds are the unknown kinds of a profile. It is for one goroutine; nil has no
// limits.
type kinds struct{ seen map[string]map[string]bool }

// admits reports whether there is room for a kind; first come, first served.
func (l *kinds) admits(what, kind string) bool {
	if l == nil {
		return true
	}
	if l.seen == nil {
		l.seen = map[string]map[string]bool{}
	}
	seen := l.seen[what]
	switch {
	case seen[kind]:
		return true
	case len(seen) >= mostKinds:
		return false
	case seen == nil:
		seen = map[string]bool{}
		l.seen[what] = seen
	}
	seen[kind] = true
	return true
}

// label makes a label of a text from Withings: cut to length and without the token.
// Otherwise names of devices stay as they are.
func (d *decoder) label(s string) string {
	if d.token != "" && strings.Contains(strings.ToLower(s), strings.ToLower(d.token)) {
		s = redact.Text(s, d.token)
	}
	return short(s)
}

// short cuts a text to mostText characters.
func short(s string) string {
	if len(s) <= mostText {
		return s
	}
	n := 0
	for i := range s {
		if n++; n > mostText {
			return s[:i]
		}
	}
	return s
}

// warnings remembers which warnings were logged, up to mostWarned.
type warnings struct {
	mu   sync.Mutex // guards seen
	seen map[string]bool
}

// first reports whether a warning is new and there is room to remember it; last is
// set when that was the last room.
func (w *warnings) first(key string) (first, last bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen[key] || len(w.seen) >= mostWarned {
		return false, false
	}
	if w.seen == nil {
		w.seen = map[string]bool{}
	}
	w.seen[key] = true
	return true, len(w.seen) == mostWarned
}
