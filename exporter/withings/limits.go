package withings

import (
	"strings"
	"sync"

	"withings-exporter/exporter"
	"withings-exporter/exporter/redact"
)

const (
	// mostKinds is how many kinds that nobody knows are taken in of a profile:
	// types of measures with their positions, positions, events of a night,
	// categories of workouts, each. Every one is a series for ever; of the types
	// that have turned up in ten years, fewer than ten lack a row.
	mostKinds = exporter.MostUnknown
	// mostDevices is how many devices are taken in of a profile. Withings lists
	// those that are linked; people have under ten.
	mostDevices = 100
	// mostText is how many characters of a name from Withings make a label; the
	// longest seen is a device id with 40.
	mostText = 100
	// mostWarned is how many different things are logged once: a line each, for
	// all profiles.
	mostWarned = 1000
)

// kinds are those that were met of a profile. It is for one goroutine; nil
// has no limits.
type kinds struct{ seen map[string]map[string]bool }

// admits reports whether there is room for a kind of something: those that come
// first have it.
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

// label is a text from Withings as it may be a label. Names of devices stay as they
// are, whatever they look like; the token is hidden.
func (d *decoder) label(s string) string {
	if d.token != "" && strings.Contains(strings.ToLower(s), strings.ToLower(d.token)) {
		s = redact.Text(s, d.token)
	}
	return short(s)
}

// short cuts a text that is to be a label.
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

// warnings remembers what was logged, up to a number of things.
type warnings struct {
	mu   sync.Mutex // guards seen
	seen map[string]bool
}

// first reports whether a thing is to be logged: it was not, and there is room
// to remember that it was. The last one for which there is room is last.
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
