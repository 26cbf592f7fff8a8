package withings

import (
	"encoding/json"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// Tally shares a rate limit with other processes that ask Withings for the same
// application, such as a backfill beside a serve. It is a small file with the
// moments of the last minute's requests. Where it cannot be read or written,
// each process keeps to the limit by itself.
type Tally struct{ path string }

// NewTally shares with all who use the same path, and the file beside it that
// ends in .lock.
func NewTally(path string) *Tally { return &Tally{path} }

// mostTallied is the highest limit that is shared: Withings allows 120, and above
// that somebody does not want to wait.
const mostTallied = 1000

// tallyJSON is the content of the file. Times are UNIX nanoseconds.
type tallyJSON struct {
	Requests []int64 `json:"requests"`
	CoolOff  int64   `json:"cool_off,omitempty"` // no request before
}

// take notes a request if there may be one now, and returns how long to wait
// otherwise.
func (t *Tally) take(now time.Time, perMinute int) (wait time.Duration) {
	t.change(func(is *tallyJSON) {
		minute := now.Add(-time.Minute).UnixNano()
		first := 0
		for first < len(is.Requests) && (is.Requests[first] <= minute || is.Requests[first] > now.UnixNano()) {
			first++ // a minute old, or of a clock that has been put back
		}
		is.Requests = is.Requests[first:]
		switch n := len(is.Requests); {
		case is.CoolOff > now.UnixNano() && is.CoolOff <= now.Add(coolOffMost).UnixNano():
			wait = time.Duration(is.CoolOff - now.UnixNano())
		case n >= perMinute:
			wait = max(time.Duration(is.Requests[n-perMinute]-minute), time.Millisecond)
		default:
			is.Requests = append(is.Requests, now.UnixNano())
		}
	})
	return wait
}

// coolOff stops the other processes, too.
func (t *Tally) coolOff(until time.Time) {
	t.change(func(is *tallyJSON) { is.CoolOff = max(is.CoolOff, until.UnixNano()) })
}

// change rewrites the file under its lock.
func (t *Tally) change(f func(*tallyJSON)) {
	lock := flock.New(t.path + ".lock")
	if err := lock.Lock(); err != nil {
		f(&tallyJSON{})
		return
	}
	defer func() { _ = lock.Close() }()
	var is tallyJSON
	if data, err := os.ReadFile(t.path); err == nil {
		if json.Unmarshal(data, &is) != nil {
			is = tallyJSON{}
		}
	}
	f(&is)
	if data, err := json.Marshal(is); err == nil {
		_ = os.WriteFile(t.path, data, 0o600) // a minute later it would not matter any more
	}
}
