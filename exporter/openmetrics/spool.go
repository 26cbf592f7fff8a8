package openmetrics

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/ledger"
	"withings-exporter/exporter/statedir"
)

// recordsEnding is added to the path of the ledger for that of the records.
const recordsEnding = ".records"

// book is the content of a spool's ledger.
type book = ledger.Book[*ledger.Reach]

// Spool keeps the history of one profile on disk until it is written to a file. It is
// safe for concurrent use in one process; the caller sees to it that no other process
// uses it.
//
// It is two files: the ledger, and the records in the order in which they came,
// including those removed later. What the ledger says is safe was on the disk before.
// Whole records after that are kept, since putting them again changes nothing.
type Spool struct {
	*ledger.Ledger[*ledger.Reach]
	profile string
	path    string   // of the records
	file    *os.File // with the records; nil until they are open

	mu     sync.Mutex // guards what follows
	length int64      // bytes of whole batches in the file
}

var _ exporter.History = (*Spool)(nil)

// SpoolOptions say whose history a spool keeps, and where.
type SpoolOptions struct {
	Path    string // of the ledger, in a folder that is there and private; the records are beside it
	Profile string
	User    string // Withings' number of the person; "" while not known
	Now     func() time.Time
	Log     *slog.Logger
}

// OpenSpool opens the spool of a profile or makes a new one. Both of its files have
// mode 0600. Files that are damaged or of a newer exporter are set aside, and those of
// another person or catalogue are removed; then the history starts over.
func OpenSpool(o SpoolOptions) (*Spool, error) {
	s := &Spool{profile: o.Profile, path: o.Path + recordsEnding}
	s.Ledger = ledger.New(ledger.Options[*ledger.Reach]{
		Path: o.Path, Beside: s.path, Profile: o.Profile, Owner: func() string { return o.User }, Now: o.Now, Log: o.Log,
		New: func() *ledger.Reach { return &ledger.Reach{} }, Check: s.check, Secure: s.secure,
	})
	if err := s.open(o.Path); err != nil {
		return nil, hint.Wrap(fmt.Errorf("open the history of profile %q: %w", s.profile, err), statedir.Hint(err))
	}
	return s, nil
}

// open opens the records beside a ledger. If it starts over, the old ledger is removed
// before its records, so that they do not count after a crash in between.
func (s *Spool) open(path string) error {
	var fresh bool
	if err := s.Look(func(b *book) { fresh = b.Fresh }); err != nil {
		return err
	}
	if fresh {
		s.length = 0
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	err := statedir.Regular(s.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if s.file, err = os.OpenFile(s.path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	if err := s.file.Truncate(s.length); err != nil {
		return errors.Join(err, s.file.Close())
	}
	return nil
}

// check measures the records of a ledger that was read.
func (s *Spool) check(b *book) error {
	var length int64
	err := statedir.Regular(s.path)
	if err == nil {
		var f *os.File
		if f, err = os.Open(s.path); err == nil {
			length, err = intact(f)
			err = errors.Join(err, f.Close())
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the records: %w", err)
	}
	if length < b.Length {
		return fmt.Errorf("only %d of %d bytes of the records are whole", length, b.Length)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		s.length = length
	}
	return nil
}

// secure syncs the records that a ledger is about to call safe.
func (s *Spool) secure(b *book) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.Length = s.length
	return s.file.Sync()
}

// Cover puts batches and records what is safe with them.
func (s *Spool) Cover(ctx context.Context, safe map[exporter.Service]exporter.Spans, move func(exporter.Service, *exporter.Progress), batches ...exporter.Batch) error {
	if err := s.Put(ctx, batches...); err != nil {
		return err
	}
	return s.Ledger.Cover(ctx, safe, move, batches...)
}

// Ready returns nil while the spool is open.
func (s *Spool) Ready(context.Context) error {
	_, err := s.file.Stat()
	return err
}

// Missing lists the parts of a span that are not safe yet, the newest first. Devices
// and goals have no history, so nothing of them is ever missing.
func (s *Spool) Missing(service exporter.Service, of exporter.Span) []exporter.Span {
	if service.Row().Current {
		return nil
	}
	return s.Ledger.Missing(service, of)
}

// Taken is the whole batch.
func (s *Spool) Taken(b exporter.Batch) exporter.Batch { return b }

// Refused is empty: a file accepts everything.
func (s *Spool) Refused() []exporter.Refusal { return nil }

// Close closes the files.
func (s *Spool) Close() error {
	if err := s.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("close the history of profile %q: %w", s.profile, err)
	}
	return nil
}

// Remove closes the spool and deletes its files.
func (s *Spool) Remove() error { return errors.Join(s.Close(), s.Ledger.Remove()) }

// read reads the records that are there now.
func (s *Spool) read() io.Reader {
	s.mu.Lock()
	defer s.mu.Unlock()
	return io.NewSectionReader(s.file, 0, s.length)
}
