package influx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/statedir"
)

const (
	kind          = "influx" // of the file in the state directory
	ledgerVersion = 1
	maxLedger     = 64 << 20
)

// ledger is the file that remembers, for one profile and target, how far each
// service is safe and where the points of the last weeks are. Two processes may
// share it, a serve and a backfill: every change reads it first, under a lock.
type ledger struct {
	path, lock string
	log        *slog.Logger
	now        func() time.Time
	fits       func(*book) // makes a book that was read one of this owner and target

	mu     sync.Mutex  // guards what follows
	cached *book       // what is in the file …
	info   fs.FileInfo // … as long as it is this one
}

// book is the content of the ledger.
type book struct {
	Version  int                           `json:"version"`
	Profile  string                        `json:"profile"`
	User     string                        `json:"user,omitempty"`
	Target   string                        `json:"target"`
	Catalog  string                        `json:"catalog"`
	Services map[exporter.Service]*chapter `json:"services"`
}

// chapter is what the book knows of a service.
type chapter struct {
	exporter.Progress
	Covered exporter.Spans    `json:"covered,omitempty"`
	Open    exporter.Spans    `json:"open,omitempty"`    // not safe, whatever cursor and covered spans say
	Written map[string]*entry `json:"written,omitempty"` // by id of the record
	Pending []spot            `json:"pending,omitempty"` // to be deleted as soon as the server does that
	Refused []*refusal        `json:"refused,omitempty"` // what the server has given up
	Marks   []spot            `json:"marks,omitempty"`   // some of the old points that were acknowledged
	Had     time.Time         `json:"had,omitzero"`      // since when everything was there, before that was forgotten or lost
}

// entry is where the points of a record are.
type entry struct {
	At   int64    `json:"at"`             // UNIX seconds: its points are there, or about to be
	Old  []int64  `json:"old,omitempty"`  // and here points of earlier versions may be
	Hash uint64   `json:"hash,omitempty"` // of what was written; 0 while that is not certain
	Keys uint64   `json:"keys,omitempty"`
	In   []string `json:"in,omitempty"` // measurements
}

func newBook() *book { return &book{Version: ledgerVersion, Services: map[exporter.Service]*chapter{}} }

// of returns the chapter of a service.
func (b *book) of(s exporter.Service) *chapter {
	c := b.Services[s]
	if c == nil {
		c = &chapter{}
		b.Services[s] = c
	}
	if c.Written == nil {
		c.Written = map[string]*entry{}
	}
	return c
}

// change lets a function change the book, and returns when what it changed is on
// the disk. The function reports whether it changed anything.
func (l *ledger) change(ctx context.Context, f func(*book) (changed bool)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	unlock, err := statedir.Lock(ctx, l.lock)
	if err != nil {
		return fmt.Errorf("remember what InfluxDB has: %w", err)
	}
	defer unlock()
	b, err := l.read()
	if err != nil {
		return err
	}
	l.cached = nil // until it is saved, memory and disk differ
	if !f(b) {
		l.cached = b
		return nil
	}
	data, err := json.Marshal(b)
	if err == nil {
		err = statedir.Write(l.path, data)
	}
	if err != nil {
		return fmt.Errorf("remember what InfluxDB has: %w", err)
	}
	l.cached = b
	l.info, err = os.Stat(l.path)
	if err != nil {
		l.cached = nil
	}
	return nil
}

// look shows the book as it is on the disk now.
func (l *ledger) look(f func(*book)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, err := l.read()
	if err == nil {
		f(b)
	}
	return err
}

// read returns the book, from memory if the file is still the same. One that
// cannot be used is set aside.
func (l *ledger) read() (*book, error) {
	info, err := os.Stat(l.path)
	if err == nil && l.cached != nil && l.info != nil && os.SameFile(info, l.info) &&
		info.ModTime().Equal(l.info.ModTime()) && info.Size() == l.info.Size() {
		l.fits(l.cached)
		return l.cached, nil
	}
	b := newBook()
	data, err := statedir.Read(l.path, maxLedger)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = nil
		info = nil
	case err == nil:
		err = parse(data, b)
	}
	if err != nil {
		aside, failed := statedir.SetAside(l.path, l.now())
		if failed != nil {
			return nil, fmt.Errorf("read %s: %w; it could not be set aside: %w", l.path, err, failed)
		}
		l.log.Error("record of what InfluxDB has not read, everything recent is written once more", "err", err, "kept", aside)
		b, info = newBook(), nil
	}
	l.fits(b)
	l.cached, l.info = b, info
	return b, nil
}

func parse(data []byte, b *book) error {
	if err := json.Unmarshal(data, b); err != nil {
		return fmt.Errorf("not a file of ours: %w", err)
	}
	if b.Version != ledgerVersion {
		return fmt.Errorf("version %d is not known to this exporter", b.Version)
	}
	for _, c := range b.Services {
		if c == nil {
			return errors.New("a service says nothing")
		}
		for _, e := range c.Written {
			if e == nil {
				return errors.New("a record says nothing")
			}
		}
		for _, r := range c.Refused {
			if r == nil {
				return errors.New("a refusal says nothing")
			}
		}
	}
	if b.Services == nil {
		b.Services = map[exporter.Service]*chapter{}
	}
	return nil
}

// forget drops how far everything is safe; where points are stays known.
func (b *book) forget() {
	for _, c := range b.Services {
		c.reset()
	}
}

// reset forgets how far a service is safe, but not since when it was.
func (c *chapter) reset() {
	since := c.Back
	if len(c.Covered) > 0 {
		since = time.Unix(1, 0).UTC()
	}
	if c.Had.IsZero() || !since.IsZero() && since.Before(c.Had) {
		c.Had = since
	}
	c.Progress, c.Covered, c.Open, c.Refused = exporter.Progress{}, nil, nil, nil
	c.unsure()
}

// unsure lets every record that is remembered be written again.
func (c *chapter) unsure() {
	for _, e := range c.Written {
		e.Hash = 0
	}
}

// rewind lets everything that changed since a moment be asked of Withings, and
// written, once more.
func (c *chapter) rewind(to time.Time) {
	if c.Updated.IsZero() {
		return // nothing was read yet, so everything will be
	}
	if to.Before(c.Updated) {
		c.Updated = time.Unix(max(to.Unix(), 1), 0).UTC()
	}
	c.Reread, c.Success = time.Time{}, time.Time{}
}
