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

// book is what the ledger of a spool says.
type book = ledger.Book[*ledger.Reach]

// Spool keeps the history of one profile on disk until it is written to a file.
// It is safe for concurrent use in one process; that there is only one at a
// time is up to the caller.
//
// It is two files: the ledger, and the records as they came, one after the
// other, those that were taken back included. What the ledger says was safe is on
// the disk before; records beyond that are kept when they are whole, since
// putting them again changes nothing.
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

// OpenSpool opens the spool of a profile or begins one. Both of its files have
// mode 0600. Files that are damaged, or of a newer exporter, are set aside, and
// those of another person or another catalogue are dropped: each time the history
// starts over.
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

// open opens the records beside a ledger. Those of one that starts over are
// nobody's; it goes first, so that they still are when the process ends before
// they are gone.
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

// secure puts the records on the disk that a ledger is about to speak of.
func (s *Spool) secure(b *book) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.Length = s.length
	return s.file.Sync()
}

// Ready returns nil while the spool is open.
func (s *Spool) Ready(context.Context) error {
	_, err := s.file.Stat()
	return err
}

// Missing lists what of a span is not safe yet, the newest first. Of devices
// and goals, which have no history, nothing is ever missing.
func (s *Spool) Missing(service exporter.Service, of exporter.Span) []exporter.Span {
	if service.Row().Current {
		return nil
	}
	return s.Ledger.Missing(service, of)
}

// Taken is the whole batch.
func (s *Spool) Taken(b exporter.Batch) exporter.Batch { return b }

// Refused is empty: a file takes everything.
func (s *Spool) Refused() []exporter.Refusal { return nil }

// Close lets go of the files, which stay.
func (s *Spool) Close() error {
	if err := s.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("close the history of profile %q: %w", s.profile, err)
	}
	return nil
}

// Remove closes the spool and deletes its files.
func (s *Spool) Remove() error { return errors.Join(s.Close(), s.Ledger.Remove()) }

// read reads the records that are there at this moment.
func (s *Spool) read() io.Reader {
	s.mu.Lock()
	defer s.mu.Unlock()
	return io.NewSectionReader(s.file, 0, s.length)
}
