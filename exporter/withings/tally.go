package withings

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"time"

	"withings-exporter/exporter/statedir"
)

const (
	// mostTallied is the highest limit that is shared. Withings allows 120; who sets a
	// limit above 1000 does not want to wait.
	mostTallied = 1000
	// maxTally is the largest file read, in bytes; a thousand requests have 20 kB.
	maxTally = 256 << 10
	// tallyWait is how long a request waits for the shared file, whose lock is held
	// for a millisecond.
	tallyWait = 2 * time.Second
	// tallyRetry is how long a file that could not be used is left alone.
	tallyRetry = 30 * time.Second
)

// errTallyBusy is why the wait for the file has ended.
var errTallyBusy = fmt.Errorf("not available within %v", tallyWait)

// Tally shares a rate limit with other processes of the same application, such as a
// backfill beside a serve. It is a small file with the times of the last minute's
// requests, with what is waiting, and with the end of a cool-off. While it cannot be used, each process keeps to
// the limit by itself, with what it last knew of the others; that is logged once.
type Tally struct {
	path    string
	log     *slog.Logger
	process uint64 // by chance, since processes in containers have equal numbers

	mu      sync.Mutex // guards what follows; held for tallyWait at most
	known   tallyJSON  // the file when last read, and what this process has added since
	unsaved []int64    // requests of this process that are not in the file
	alone   bool       // the file could not be used the last time …
	retry   time.Time  // … and is not tried before this
}

// NewTally shares with all processes that use the same path. Its lock is a file
// beside it that ends in .lock.
func NewTally(path string, log *slog.Logger) *Tally {
	return &Tally{path: path, log: log, process: rand.Uint64()}
}

// tallyJSON is the content of the file. Times are UNIX nanoseconds.
type tallyJSON struct {
	window
	Claims  []claim `json:"claims,omitempty"`
	CoolOff int64   `json:"cool_off,omitempty"`     // no request before
	Length  int64   `json:"cool_off_for,omitempty"` // of that cool-off, in nanoseconds
}

// claim says that a process has a request waiting, and by when it asks again. Other
// processes leave room for it if theirs are due later.
type claim struct {
	Process uint64 `json:"process"`
	Due     int64  `json:"due"`
	Until   int64  `json:"until"`

	next int64 // when the request is due that waits behind this one; 0: none does
}

// claimGrace is how much later than planned a process may ask again: it waits for the
// file meanwhile, or the machine is busy.
const claimGrace = tallyWait

// pause is the current cool-off or the last one; zero if none is known.
func (is tallyJSON) pause() pause {
	if is.CoolOff == 0 {
		return pause{}
	}
	return pause{until: time.Unix(0, is.CoolOff), length: time.Duration(is.Length)}
}

// tidy drops what does not count any more, and what cannot be.
func (is *tallyJSON) tidy(now time.Time) {
	is.window.tidy(now.UnixNano())
	latest := now.Add(counted + coolOff.Most + claimGrace).UnixNano()
	is.Claims = slices.DeleteFunc(is.Claims, func(c claim) bool { return c.Until < now.UnixNano() || c.Until > latest })
	if is.CoolOff > now.Add(coolOff.Most).UnixNano() || is.CoolOff <= now.Add(-coolOff.Most).UnixNano() {
		is.CoolOff = 0
	}
	if is.CoolOff == 0 || is.Length < 0 || is.Length > int64(coolOff.Most) {
		is.Length = 0
	}
}

// take notes a request if one is allowed now; otherwise it returns how long to wait.
// It also returns the cool-off of all processes. Its error is that of ctx.
func (t *Tally) take(ctx context.Context, clock func() time.Time, perMinute int, want claim) (wait time.Duration, p pause, err error) {
	want.Process = t.process
	err = t.change(ctx, clock, func(is *tallyJSON, now time.Time) (sent bool) {
		p, wait = is.pause(), max(is.room(now.UnixNano(), perMinute, want), time.Duration(is.CoolOff-now.UnixNano()))
		again := wait
		if wait <= 0 {
			is.note(now.UnixNano(), perMinute)
			again = is.wait(now.UnixNano(), perMinute)
			want.Due = want.next
		}
		want.Until = now.Add(again + claimGrace).UnixNano()
		is.Claims = slices.DeleteFunc(is.Claims, func(c claim) bool { return c.Process == want.Process })
		if want.Due != 0 {
			is.Claims = append(is.Claims, want)
		}
		return wait <= 0
	})
	return wait, p, err
}

// room is how long to wait until the limit has room for a request, besides those of
// other processes that are due earlier.
func (is *tallyJSON) room(now int64, perMinute int, want claim) time.Duration {
	if wait := is.wait(now, perMinute); wait > 0 {
		return wait
	}
	_, yield := shape(perMinute)
	earlier := 0
	for _, c := range is.Claims {
		if c.Process != want.Process && c.Due < want.Due {
			yield = min(yield, time.Duration(c.Until-now)+time.Millisecond)
			earlier++
		}
	}
	if earlier > 0 && is.spare(now, perMinute) <= earlier {
		return yield
	}
	return 0
}

// coolOff stops the other processes, too, and this one after a restart.
func (t *Tally) coolOff(ctx context.Context, clock func() time.Time, p pause) {
	// This process cools off even if ctx has ended or the file cannot be used.
	_ = t.change(ctx, clock, func(is *tallyJSON, _ time.Time) bool {
		is.later(p)
		return false
	})
}

// later takes over a cool-off if it ends later.
func (is *tallyJSON) later(p pause) {
	if at := p.until.UnixNano(); !p.until.IsZero() && at > is.CoolOff {
		is.CoolOff, is.Length = at, int64(p.length)
	}
}

// pending is a cool-off left by an earlier run of the program or another process.
func (t *Tally) pending(now time.Time) pause {
	ctx, cancel := context.WithTimeout(context.Background(), tallyWait)
	defer cancel()
	is, err := statedir.Within(ctx, t.path, func() (tallyJSON, error) { return readTally(t.path) })
	if err != nil {
		return pause{} // the first request meets the error again and reports it
	}
	is.tidy(now)
	return is.pause()
}

// look is what all processes have sent and want to send. Its error is that of ctx.
func (t *Tally) look(ctx context.Context, clock func() time.Time) (seen tallyJSON, err error) {
	err = t.change(ctx, clock, func(is *tallyJSON, _ time.Time) bool {
		seen = *is
		seen.window, seen.Claims = is.clone(), slices.Clone(is.Claims)
		return false
	})
	return seen, err
}

// change calls f to change the file or, while that cannot be used, what is known of
// it. f gets the time after the wait and reports whether it has noted a request.
func (t *Tally) change(ctx context.Context, clock func() time.Time, f func(is *tallyJSON, now time.Time) (sent bool)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := clock()
	if !t.alone || !now.Before(t.retry) || t.retry.Sub(now) > tallyRetry { // the last: the clock was set back
		err := t.share(ctx, clock, f)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		t.tell(err)
		if err == nil {
			return nil
		}
		now = clock()
		t.retry = now.Add(tallyRetry)
	}
	t.known.tidy(now)
	t.unsaved = slices.DeleteFunc(t.unsaved, func(at int64) bool { return at <= now.Add(-counted).UnixNano() })
	if f(&t.known, now) {
		t.unsaved = append(t.unsaved, now.UnixNano())
	}
	return nil
}

// tell logs when the file becomes unusable, and when it is used again.
func (t *Tally) tell(err error) {
	switch {
	case err != nil && !t.alone:
		t.log.Warn("requests of other processes cannot be counted; this process keeps to the rate limit by itself", "err", err)
	case err == nil && t.alone:
		t.log.Info("requests of all processes are counted together again")
	}
	t.alone = err != nil
}

// share is change with the file itself.
func (t *Tally) share(ctx context.Context, clock func() time.Time, f func(is *tallyJSON, now time.Time) (sent bool)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, tallyWait, errTallyBusy)
	defer cancel()
	unlock, err := statedir.Lock(ctx, t.path+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	is, err := statedir.Within(ctx, t.path, func() (tallyJSON, error) { return readTally(t.path) })
	if err != nil {
		return err
	}
	is.add(t.unsaved)
	is.later(t.known.pause())
	now := clock()
	is.tidy(now)
	coolOff, claims := is.CoolOff, slices.Clone(is.Claims)
	sent := f(&is, now)
	if sent || len(t.unsaved) > 0 || is.CoolOff != coolOff || is.CoolOff != t.known.CoolOff || !slices.EqualFunc(is.Claims, claims, claim.equal) {
		data, err := json.Marshal(is)
		if err != nil {
			return err
		}
		if _, err := statedir.Within(ctx, t.path, func() (struct{}, error) { return struct{}{}, writeTally(t.path, data) }); err != nil {
			return err
		}
	}
	t.known, t.unsaved = is, nil
	return nil
}

// equal reports whether two claims look the same in the file.
func (c claim) equal(other claim) bool {
	return c.Process == other.Process && c.Due == other.Due && c.Until == other.Until
}

// readTally reads the file. A damaged one counts as empty: a minute later its content
// would not matter any more.
func readTally(path string) (is tallyJSON, err error) {
	data, err := statedir.Read(path, maxTally)
	if errors.Is(err, fs.ErrNotExist) {
		return is, nil
	}
	if err != nil {
		return is, err
	}
	// Only the first value: the rest of a longer one may follow, see writeTally.
	if json.NewDecoder(bytes.NewReader(data)).Decode(&is) != nil {
		return tallyJSON{}, nil
	}
	return is, nil
}

// writeTally overwrites the old content in place: a crash never leaves a file without
// the cool-off, and a new file for every request, with a sync, would wear out an SD
// card.
func writeTally(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("note a request: %w", err)
	}
	data = append(data, '\n')
	_, err = f.WriteAt(data, 0)
	if err == nil {
		err = f.Truncate(int64(len(data)))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("note a request in %q: %w", path, err)
	}
	return nil
}
