package openmetrics

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/statedir"
)

// recordsEnding is added to the path of the progress file for that of the records.
const recordsEnding = ".records"

// Spool keeps the history of one profile on disk until it is written to a file.
// It is safe for concurrent use in one process; that there is only one at a
// time is up to the caller.
//
// It is two files: the progress, and the records as they came, one after the
// other, those that were taken back included. What is recorded as safe is on
// the disk before it is recorded; records beyond that are kept when they are
// whole, since putting them again changes nothing.
type Spool struct {
	profile string
	path    string // of the progress file
	damaged error

	mu     sync.Mutex // guards what follows
	file   *os.File   // the records; nil when closed
	length int64      // bytes of whole batches in the file
	ledger ledger     // as it is on the disk
}

var _ exporter.History = (*Spool)(nil)

// OpenSpool opens the spool of a profile or begins one. Path is where the
// progress file is, in a folder that is there and private; the records are
// beside it. Both have mode 0600. Files that are damaged, or of a newer
// exporter, are set aside, see [Spool.Damaged], and files decoded by another
// catalogue are dropped: both times the history starts over.
func OpenSpool(path, profile string, now func() time.Time) (*Spool, error) {
	s := &Spool{profile: profile, path: path, ledger: newLedger(profile)}
	if err := s.load(); err != nil {
		if s.damaged, err = s.setAside(err, now()); err != nil {
			return nil, err
		}
	}
	err := statedir.Regular(s.records())
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	var file *os.File
	if err == nil {
		file, err = os.OpenFile(s.records(), os.O_RDWR|os.O_CREATE, 0o600)
	}
	if err == nil {
		err = file.Truncate(s.length)
	}
	if err != nil {
		if file != nil {
			_ = file.Close() // what went wrong before is the thing to tell
		}
		return nil, fmt.Errorf("open the history of profile %q: %w%s", profile, err, statedir.Hint(err))
	}
	s.file = file
	return s, nil
}

func (s *Spool) records() string { return s.path + recordsEnding }

// load reads what is there. Records without a progress file are nobody's: whose
// they are is written only there.
func (s *Spool) load() error {
	data, err := statedir.Read(s.path, maxLedger)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	l, err := parseLedger(data, s.profile)
	if err != nil {
		return err
	}
	if l.Catalog != exporter.CatalogID() {
		return s.forget(l.User)
	}
	length, err := intactFile(s.records())
	if err != nil {
		return fmt.Errorf("read the records: %w", err)
	}
	if length < l.Length {
		return fmt.Errorf("only %d of %d bytes of the records are whole", length, l.Length)
	}
	s.ledger, s.length = l, length
	return nil
}

func intactFile(path string) (int64, error) {
	err := statedir.Regular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	length, err := intact(f)
	return length, errors.Join(err, f.Close())
}

// setAside puts both files out of the way. The first error is what to tell, the
// second that it could not be done.
func (s *Spool) setAside(why error, now time.Time) (damaged, err error) {
	kept := ""
	for _, path := range []string{s.path, s.records()} {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		aside, err := statedir.SetAside(path, now)
		if err != nil {
			return nil, fmt.Errorf("open the history of profile %q at %s: %w; %w", s.profile, s.path, why, err)
		}
		if kept == "" {
			kept = aside
		}
	}
	return fmt.Errorf("open the history of profile %q at %s: %w; the file is kept as %s, everything is read from Withings again",
		s.profile, s.path, why, kept), nil
}

// Damaged says what was wrong with the files that were found and how they are
// named now; nil when nothing was.
func (s *Spool) Damaged() error { return s.damaged }

// Profile is the name the operator gave.
func (s *Spool) Profile() string { return s.profile }

// Bind says whose history the spool is, by Withings' number of the person. What
// is kept of another person goes; it reports whether that was so. An empty
// number tells nothing and changes nothing. After an error nothing may be put
// before another Bind succeeded.
func (s *Spool) Bind(user string) (other bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if user == "" || user == s.ledger.User {
		return false, nil
	}
	other = s.ledger.User != ""
	if other {
		if err := s.forget(""); err != nil {
			return true, fmt.Errorf("drop the history of the person before from profile %q: %w", s.profile, err)
		}
	}
	next := s.ledger
	next.User = user
	return other, s.save(next)
}

// forget empties the spool. The progress goes first: without it the records
// are nobody's, also when the process ends before they are gone.
func (s *Spool) forget(user string) error {
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if s.file != nil { // else OpenSpool cuts the records to their length
		if err := s.file.Truncate(0); err != nil {
			return err // still that person's, so that it is tried again
		}
	}
	s.ledger, s.length = newLedger(s.profile), 0
	s.ledger.User = user
	return nil
}

// save makes the records and then a new ledger safe; s.mu must be held.
func (s *Spool) save(next ledger) error {
	if s.file == nil {
		return s.closed()
	}
	if err := s.file.Sync(); err != nil {
		return fmt.Errorf("keep the history of profile %q: %w", s.profile, err)
	}
	next.Length = s.length
	data, err := json.Marshal(next)
	if err == nil {
		err = statedir.Write(s.path, data)
	}
	if err != nil {
		return fmt.Errorf("keep the progress of the history of profile %q: %w", s.profile, err)
	}
	s.ledger = next
	return nil
}

func (s *Spool) closed() error {
	return fmt.Errorf("the history of profile %q is closed; open it again", s.profile)
}

// Ready returns nil while the spool is open.
func (s *Spool) Ready(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return s.closed()
	}
	return nil
}

// Progress is how far a service is safe.
func (s *Spool) Progress(service exporter.Service) exporter.Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ledger.Services[service].Progress
}

// Advance records how far a service is safe. When it returns nil, that and
// every batch put before are on the disk.
func (s *Spool) Advance(service exporter.Service, change func(*exporter.Progress)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.save(s.ledger.with(service, func(r *reach) { change(&r.Progress) }))
}

// Missing lists what of a span is not safe yet, the newest first. Of devices
// and goals, which have no history, nothing is ever missing.
func (s *Spool) Missing(service exporter.Service, of exporter.Span) []exporter.Span {
	if service.Row().Current {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ledger.Services[service].Covered.Missing(of)
}

// Cover records that everything Withings has in a span is safe. When it returns
// nil, that and every batch put before are on the disk.
func (s *Spool) Cover(service exporter.Service, span exporter.Span) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.save(s.ledger.with(service, func(r *reach) { r.Covered = r.Covered.Add(span) }))
}

// Reopen lets everything in a span be missing, as if it had never been put.
func (s *Spool) Reopen(span exporter.Span) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.ledger
	for _, service := range exporter.Services() {
		next = next.with(service, func(r *reach) {
			r.Covered, r.Success = r.Covered.Without(span), time.Time{}
		})
	}
	return s.save(next)
}

// Taken is the whole batch.
func (s *Spool) Taken(b exporter.Batch) exporter.Batch { return b }

// Refused is empty: a file takes everything.
func (s *Spool) Refused() []exporter.Refusal { return nil }

// Close lets go of the files, which stay.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	if err != nil {
		return fmt.Errorf("close the history of profile %q: %w", s.profile, err)
	}
	return nil
}

// Remove closes the spool and deletes its files.
func (s *Spool) Remove() error {
	err := s.Close()
	for _, path := range []string{s.path, s.records()} {
		if gone := os.Remove(path); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, fmt.Errorf("remove the history of profile %q: %w; delete it by hand", s.profile, gone))
		}
	}
	return err
}

// read opens the records that are there at this moment.
func (s *Spool) read() (io.ReadCloser, error) {
	s.mu.Lock()
	length := s.length
	s.mu.Unlock()
	f, err := os.Open(s.records())
	if err != nil {
		return nil, fmt.Errorf("read the history of profile %q: %w", s.profile, err)
	}
	return &section{io.NewSectionReader(f, 0, length), f}, nil
}

// section is a part of a file that closes the file.
type section struct {
	io.Reader
	io.Closer
}
