package profiles

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"withings-exporter/exporter/statedir"
)

const (
	// servingLook is how often the one that serves is looked after: the names it serves may have changed, or another may have ended.
	servingLook = 5 * time.Second
	// servingTry is how long a lock may be held by a command that only looks whether it is.
	servingTry = time.Second
	// servingWrite is how long a disk may take for the names.
	servingWrite = 2 * time.Second
	// maxServing is the largest list of names that is read, in bytes.
	maxServing = 8 << 20
)

// serving is what the process that serves a state directory writes down there for others.
type serving struct {
	Version  int      `json:"version"`
	Profiles []string `json:"profiles"`
}

// servingPath is where; the lock beside it is held for as long as it serves.
func servingPath(dir *statedir.Dir) string { return filepath.Join(dir.Path(), "serve.json") }

func servingLock(dir *statedir.Dir) string { return filepath.Join(dir.Path(), "serve.lock") }

// HoldServing holds the lock of the one that serves from the state directory until ctx ends, and writes down whom it serves. While
// another holds it, Remarks and the log say who. Where the disk has no locks, nobody knows of the others.
func (h *Set) HoldServing(ctx context.Context, log *slog.Logger) {
	var unlock func()
	defer func() {
		if unlock != nil {
			unlock()
		}
	}()
	var written []string
	look := time.NewTicker(servingLook)
	defer look.Stop()
	for {
		if unlock == nil {
			unlock = h.claim(ctx, log)
		}
		if names := h.Served(); unlock != nil && (written == nil || !slices.Equal(names, written)) && h.writeServing(ctx, names) == nil {
			written = append([]string{}, names...)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}

// claim takes the lock, or notes who has it; unlock is nil unless it is taken.
func (h *Set) claim(ctx context.Context, log *slog.Logger) (unlock func()) {
	limited, cancel := context.WithTimeout(ctx, servingTry)
	defer cancel()
	path := servingLock(h.Dir)
	unlock, err := statedir.Lock(limited, path)
	rival := ""
	if held := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, statedir.ErrLocked); held && ctx.Err() == nil {
		rival = "another serve uses the same state directory, so Withings is asked twice and each misses the bed events that the other is told; " + statedir.HolderOf(ctx, path)
	}
	h.mu.Lock()
	was := h.rival
	h.rival = rival
	h.mu.Unlock()
	switch {
	case rival != "" && was == "":
		log.Warn("two programs serve from the same state directory", "err", rival)
	case rival == "" && was != "" && ctx.Err() == nil:
		log.Info("the other program that served from the state directory has ended")
	}
	return unlock
}

// writeServing writes down the names. It is done again when it fails.
func (h *Set) writeServing(ctx context.Context, names []string) error {
	data, err := json.Marshal(serving{Version: 1, Profiles: names})
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), servingWrite)
	defer cancel()
	path := servingPath(h.Dir)
	_, err = statedir.Within(limited, path, func() (struct{}, error) { return struct{}{}, statedir.Write(path, data) })
	return err
}

// Server is the process that serves from a state directory.
type Server struct {
	Who      string   // in words
	Process  int      // its number; 0 if it is not one of this machine
	Profiles []string // whom it serves; nil if that is not known
}

// Serving is who serves from the state directory; nil if nobody does. The error is that of a disk without locks.
func (h *Set) Serving(ctx context.Context) (*Server, error) {
	path := servingLock(h.Dir)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	unlock, ok, err := statedir.TryLock(path)
	if err != nil {
		return nil, err
	}
	if ok {
		unlock()
		return nil, nil
	}
	s := &Server{}
	s.Who, s.Process = statedir.Holder(ctx, path)
	limited, cancel := context.WithTimeout(ctx, servingWrite)
	defer cancel()
	file := servingPath(h.Dir)
	if data, err := statedir.Within(limited, file, func() ([]byte, error) { return statedir.Read(file, maxServing) }); err == nil {
		var read serving
		if json.Unmarshal(data, &read) == nil {
			s.Profiles = read.Profiles
		}
	}
	return s, nil
}
