package profiles

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"withings-exporter/exporter/statedir"
)

const (
	// servingLook is how often the one that serves is looked after: what it serves may have changed, or another may have ended.
	servingLook = 5 * time.Second
	// servingTry is how long the lock is waited for: a command that looks whether it is held has it for a moment.
	servingTry = time.Second
	// servingWrite is how long a disk may take for what is written down.
	servingWrite = 2 * time.Second
	// maxServing is the largest file that is read, in bytes.
	maxServing = 8 << 20
)

// serving is what the process that serves a state directory writes down there for others.
type serving struct {
	Version  int      `json:"version"`
	Profiles []string `json:"profiles"`           // empty, not null, if it serves nobody yet
	Influx   string   `json:"influx,omitempty"`   // where it writes readings to, as a ledger names it
	Notified bool     `json:"notified,omitempty"` // it has an address for notifications for each of them, or will have

	Application string `json:"application,omitempty"` // the trace of its client id and secret
}

// servingPath is where; the lock beside it is held for as long as it serves.
func servingPath(dir *statedir.Dir) string { return filepath.Join(dir.Path(), "serve.json") }

func servingLock(dir *statedir.Dir) string { return filepath.Join(dir.Path(), "serve.lock") }

// HoldServing holds the lock of the one that serves from the state directory until ctx ends, and writes down whom it serves. While
// another holds it, Remarks and the log say who. Where it cannot be locked, nobody knows of the others, which the log says.
func (h *Set) HoldServing(ctx context.Context, log *slog.Logger) {
	var unlock func()
	defer func() {
		if unlock != nil {
			unlock()
		}
	}()
	var written []byte
	blind := false
	look := time.NewTicker(servingLook)
	defer look.Stop()
	for {
		if unlock == nil {
			unlock, blind = h.claim(ctx, log, blind)
		}
		if text := h.serving(); unlock != nil && !bytes.Equal(text, written) && h.writeServing(ctx, text) == nil {
			written = text
		}
		select {
		case <-look.C:
		case <-h.loaded: // whoever looks right after a reload is told whom it serves now
		case <-ctx.Done():
			return
		}
	}
}

// errDisk is why the wait for the lock has ended.
var errDisk = errors.New("the disk does not respond")

// claim takes the lock, or notes who has it; unlock is nil unless it is taken. It is blind if it cannot be known whether
// another has it; wasBlind is what it was before.
func (h *Set) claim(ctx context.Context, log *slog.Logger, wasBlind bool) (unlock func(), blind bool) {
	limited, cancel := context.WithTimeoutCause(ctx, servingTry, errDisk)
	defer cancel()
	path := servingLock(h.Dir)
	unlock, err := statedir.Lock(limited, path)
	if ctx.Err() != nil {
		return unlock, wasBlind
	}
	rival := ""
	if errors.Is(err, statedir.ErrLocked) {
		rival = "another serve uses the same state directory, so Withings is asked twice and each misses the bed events that the other is told; " + statedir.ServerOf(ctx, path)
	}
	h.mu.Lock()
	was := h.rival
	h.rival = rival
	h.mu.Unlock()
	blind = err != nil && rival == ""
	switch {
	case rival != "" && was == "":
		log.Warn("two programs serve from the same state directory", "err", rival)
	case blind && !wasBlind:
		log.Warn("a second serve on this state directory would not be noticed; make sure that there is none", "err", err)
	case rival == "" && was != "":
		log.Info("the other program that served from the state directory has ended")
	}
	return unlock, blind
}

// serving is what there is to write down, as it is written.
func (h *Set) serving() []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	is := serving{Version: 1, Profiles: make([]string, len(h.members)), Notified: len(h.members) > 0 && h.members[0].box != nil}
	for i, m := range h.members {
		is.Profiles[i] = m.State.Profile()
	}
	if h.Influx != nil {
		is.Influx = h.Influx.Target()
	}
	if h.Cloud != nil {
		is.Application = h.Cloud.of.trace()
	}
	text, _ := json.Marshal(is) // of strings, it never fails
	return text
}

// writeServing writes it down. It is done again when it fails.
func (h *Set) writeServing(ctx context.Context, text []byte) error {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), servingWrite)
	defer cancel()
	path := servingPath(h.Dir)
	_, err := statedir.Within(limited, path, func() (struct{}, error) { return struct{}{}, statedir.Write(path, text) })
	return err
}

// Server is the process that serves from a state directory.
type Server struct {
	Who      string   // in words
	Process  int      // its number; 0 if it is not one of this machine
	Profiles []string // whom it serves; nil if that is not known
	Notified bool     // it is known to take notifications, though soon after the start it may not have asked for any

	influx      string // where it writes readings to; "" if nowhere, or if that is not known
	application string // the trace of its client id and secret; "" if that is not known
}

// Differs reports whether it is known to use another client id or client secret than a set.
func (s *Server) Differs(h *Set) bool {
	return s.application != "" && h.Cloud != nil && s.application != h.Cloud.of.trace()
}

// Fills reports whether it is known to write the readings of a profile to the InfluxDB of a set.
func (s *Server) Fills(h *Set, profile string) bool {
	return h.Influx != nil && s.influx == h.Influx.Target() && slices.Contains(s.Profiles, profile)
}

// Serving is who serves from the state directory; nil if nobody does. The error says why that cannot be seen.
func (h *Set) Serving(ctx context.Context) (*Server, error) {
	path := servingLock(h.Dir)
	switch held, err := statedir.Held(ctx, path); {
	case err != nil:
		return nil, err
	case !held:
		return nil, statedir.Usable(h.Dir, path) // one that serve cannot lock tells nothing
	}
	s := &Server{}
	s.Who, s.Process = statedir.Holder(ctx, path)
	limited, cancel := context.WithTimeout(ctx, servingWrite)
	defer cancel()
	file := servingPath(h.Dir)
	if data, err := statedir.Within(limited, file, func() ([]byte, error) { return statedir.Read(file, maxServing) }); err == nil {
		var read serving
		if json.Unmarshal(data, &read) == nil {
			s.Profiles, s.influx, s.Notified, s.application = read.Profiles, read.Influx, read.Notified, read.Application
		}
	}
	return s, nil
}
