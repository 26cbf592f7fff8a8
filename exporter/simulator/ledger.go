package simulator

import (
	"maps"
	"slices"
	"sync"
)

// ledger holds what tests changed in people's lives. It lies over the computed history.
type ledger struct {
	mu      sync.Mutex // guards the fields below
	changes map[int64]*changes
	lastID  int64
}

// changes are those of one person. A value is never modified once it is in the ledger, so readers need no
// lock: every edit works on a copy.
type changes struct {
	groups map[int64]*Group // in place of the computed ones; nil: gone
	added  []*Group
	nights map[int64]*night // in place of the computed ones
	hearts []*Heart         // added
	delays []delay
	goals  *Goals
}

// delay holds back what a device recorded from a moment on until it synchronises.
type delay struct {
	model       int
	from, until int64
}

// firstEventID is above every computed group id.
const firstEventID = int64(1) << 44

func newLedger() *ledger {
	return &ledger{changes: make(map[int64]*changes), lastID: firstEventID}
}

// unchanged are the changes of people whom no test has touched.
var unchanged changes

// view returns the changes of a person; never nil.
func (l *ledger) view(user int64) *changes {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ch := l.changes[user]; ch != nil {
		return ch
	}
	return &unchanged
}

// edit changes a copy of a person's changes and puts it in place.
func (l *ledger) edit(user int64, change func(*changes)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := changes{groups: map[int64]*Group{}, nights: map[int64]*night{}}
	if old := l.changes[user]; old != nil {
		maps.Copy(next.groups, old.groups)
		maps.Copy(next.nights, old.nights)
		next.added = slices.Clone(old.added)
		next.hearts = slices.Clone(old.hearts)
		next.delays = slices.Clone(old.delays)
		next.goals = old.goals
	}
	change(&next)
	l.changes[user] = &next
}

// nextID returns an id for a record that a test adds.
func (l *ledger) nextID() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lastID++
	return l.lastID
}

// arrival returns when a record of a device reaches the server, given when it would have without a delay.
func (ch *changes) arrival(device *Device, recorded, created int64) int64 {
	if device == nil {
		return created
	}
	for _, d := range ch.delays {
		if d.model == device.ModelID && recorded >= d.from && recorded < d.until {
			created = max(created, d.until)
		}
	}
	return created
}

// heldSince returns since when a device has not synchronised, and whether it is held back at the moment.
func (ch *changes) heldSince(device *Device, now int64) (int64, bool) {
	for _, d := range ch.delays {
		if d.model == device.ModelID && now >= d.from && now < d.until {
			return d.from, true
		}
	}
	return 0, false
}

// earliest returns the beginning of the first delay, or the given moment if that is earlier.
func (ch *changes) earliest(unix int64) int64 {
	for _, d := range ch.delays {
		unix = min(unix, d.from)
	}
	return unix
}
