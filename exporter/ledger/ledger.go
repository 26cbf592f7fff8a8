package ledger

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
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/statedir"
)

const (
	// maxSize is the largest ledger that is read, in bytes.
	maxSize = 64 << 20
	// noteTime is how long a change without a context waits for another process.
	noteTime = 2 * time.Second
)

// Options say whose ledger it is, and where.
type Options[C Chapter] struct {
	Path    string // of the file
	Lock    string // the file to lock for a change; "" when only one process has the ledger
	Beside  string // a file that is useless without the ledger, set aside and removed with it; "" for none
	Profile string
	Target  string        // where the readings go; "" when the path tells
	Owner   func() string // Withings' number of the person now; "" while unknown
	Now     func() time.Time
	Log     *slog.Logger

	New      func() C             // makes an empty chapter
	Check    func(*Book[C]) error // says what is wrong with a book that was read; may be nil
	Secure   func(*Book[C]) error // makes safe what a book will say is safe, before it is saved; may be nil
	Followed bool                 // what a cursor has read stays safe, since reading always resumes at the cursor
}

// Ledger remembers how far each service of a profile is safe. It is safe for
// concurrent use.
type Ledger[C Chapter] struct {
	options Options[C]
	lock    func(ctx context.Context, path string) (unlock func(), err error)

	mu      sync.Mutex  // guards what follows
	cached  *Book[C]    // what is in the file …
	info    fs.FileInfo // … as long as it is this one
	success map[exporter.Service]time.Time
}

// New returns a ledger, which is read when it is first needed.
func New[C Chapter](o Options[C]) *Ledger[C] {
	return &Ledger[C]{options: o, lock: statedir.Lock, success: map[exporter.Service]time.Time{}}
}

// Change calls a function to change the book, and returns when the change is on the
// disk. The function reports whether it changed anything.
func (l *Ledger[C]) Change(ctx context.Context, f func(*Book[C]) (changed bool)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.change(ctx, f); err != nil {
		return fmt.Errorf("save the progress of profile %q: %w", l.options.Profile, err)
	}
	return nil
}

func (l *Ledger[C]) change(ctx context.Context, f func(*Book[C]) bool) error {
	if l.options.Lock != "" {
		unlock, err := l.lock(ctx, l.options.Lock)
		switch {
		case err == nil:
			defer unlock()
		case !statedir.Lockless(err): // whoever serves or imports has warned of a disk without locks
			return err
		}
	}
	b, err := l.read()
	if err != nil {
		return err
	}
	l.cached = nil // until it is saved, memory and disk differ
	if !f(b) {
		l.cached = b
		return nil
	}
	if l.options.Secure != nil {
		if err := l.options.Secure(b); err != nil {
			return err
		}
	}
	data, err := json.Marshal(b)
	if err == nil {
		err = statedir.Write(l.options.Path, data)
	}
	if err != nil {
		return err
	}
	if l.info, err = os.Stat(l.options.Path); err == nil {
		l.cached = b
	}
	return nil
}

// Note is Change without a context: it waits two seconds at most.
func (l *Ledger[C]) Note(f func(*Book[C]) (changed bool)) error {
	ctx, cancel := context.WithTimeout(context.Background(), noteTime)
	defer cancel()
	return l.Change(ctx, f)
}

// Look shows the book as it is on the disk now.
func (l *Ledger[C]) Look(f func(*Book[C])) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, err := l.read()
	if err == nil {
		f(b)
	}
	return err
}

// read returns the book, from memory if the file is still the same. One that
// is damaged is set aside, and one that cannot be read now is left alone.
func (l *Ledger[C]) read() (*Book[C], error) {
	info, err := os.Stat(l.options.Path)
	if err == nil && l.cached != nil && l.info != nil && os.SameFile(info, l.info) &&
		info.ModTime().Equal(l.info.ModTime()) && info.Size() == l.info.Size() {
		l.fit(l.cached)
		return l.cached, nil
	}
	b := &Book[C]{create: l.options.New}
	data, err := statedir.Read(l.options.Path, maxSize)
	if err == nil {
		err = b.parse(data, l.options.Profile)
	}
	if err == nil && l.options.Check != nil {
		err = l.options.Check(b)
	}
	if statedir.Unread(err) {
		return nil, fmt.Errorf("the saved progress cannot be read: %w", err)
	}
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			if err := l.setAside(err); err != nil {
				return nil, err
			}
		}
		b, info = l.empty(), nil
	}
	l.fit(b)
	l.cached, l.info = b, info
	return b, nil
}

func (l *Ledger[C]) empty() *Book[C] {
	return &Book[C]{Version: version, Profile: l.options.Profile, Target: l.options.Target, Catalog: exporter.CatalogID(),
		Services: map[exporter.Service]C{}, Fresh: true, create: l.options.New}
}

// fit makes a book one of this person, target and catalogue.
func (l *Ledger[C]) fit(b *Book[C]) {
	owner, catalog := l.options.Owner(), exporter.CatalogID()
	switch {
	case b.User != "" && owner != "" && b.User != owner, b.Target != l.options.Target:
		*b = *l.empty()
	case b.Catalog != catalog:
		for service, c := range b.Services {
			was := c.Reached().Progress
			if c.Forget(); service.Row().Minutes { // what is new goes on from where it was
				c.Reached().Progress = was
			}
		}
		b.Catalog, b.Fresh = catalog, true
	}
	if owner != "" {
		b.User = owner
	}
}

// setAside moves the files of the ledger out of the way.
func (l *Ledger[C]) setAside(why error) error {
	kept := ""
	for _, path := range l.files() {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		aside, err := statedir.SetAside(path, l.options.Now())
		if err != nil {
			return fmt.Errorf("read %s: %w; %w", l.options.Path, why, err)
		}
		if kept == "" {
			kept = aside
		}
	}
	l.options.Log.Error("saved progress cannot be used; everything is downloaded again",
		"profile", l.options.Profile, "file", l.options.Path, "err", why, "kept", kept)
	return nil
}

func (l *Ledger[C]) files() []string {
	if l.options.Beside == "" {
		return []string{l.options.Path}
	}
	return []string{l.options.Path, l.options.Beside}
}

// Remove deletes the files of the ledger.
func (l *Ledger[C]) Remove() (err error) {
	for _, path := range l.files() {
		if gone := os.Remove(path); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, hint.Wrap(fmt.Errorf("remove the progress of profile %q: %w", l.options.Profile, gone), "delete it by hand"))
		}
	}
	return err
}

// Progress is how far a service is safe.
func (l *Ledger[C]) Progress(service exporter.Service) (p exporter.Progress) {
	// On an error there is no progress; the next Change reports it.
	_ = l.Look(func(b *Book[C]) {
		p = b.Of(service).Reached().Progress
		if !p.Success.IsZero() {
			p.Success = exporter.Later(p.Success, l.success[service])
		}
	})
	return p
}

// Advance records how far a service is safe. A change of nothing but the time of the
// last success is not written to the disk.
func (l *Ledger[C]) Advance(service exporter.Service, move func(*exporter.Progress)) error {
	return l.Note(func(b *Book[C]) bool {
		r := b.Of(service).Reached()
		was := r.Progress
		move(&r.Progress)
		l.success[service] = r.Success
		same := r.Progress
		same.Success = was.Success
		if same.Equal(was) && !was.Success.IsZero() {
			r.Progress = was
			return false
		}
		return true
	})
}

// Missing lists the parts of a span that are not safe, the newest first.
func (l *Ledger[C]) Missing(service exporter.Service, span exporter.Span) []exporter.Span {
	missing := []exporter.Span{span} // on an error, which the next Change reports
	_ = l.Look(func(b *Book[C]) { missing = b.Of(service).Reached().missing(span, l.options.Followed) })
	return missing
}

// Cover records that everything Withings has in some spans is safe, and moves how far
// services are, as a [exporter.History] does.
func (l *Ledger[C]) Cover(ctx context.Context, safe map[exporter.Service]exporter.Spans, move func(exporter.Service, *exporter.Progress), batches ...exporter.Batch) error {
	return l.Change(ctx, func(b *Book[C]) (changed bool) {
		for service, spans := range safe {
			for _, span := range spans {
				b.Of(service).Reached().Cover(span, nil)
				changed = true
			}
		}
		return b.Move(move, batches) || changed
	})
}

// Reopen makes a span count as missing, of some services or else of all.
func (l *Ledger[C]) Reopen(span exporter.Span, services ...exporter.Service) error {
	if len(services) == 0 {
		services = exporter.Services()
	}
	return l.Note(func(b *Book[C]) bool {
		for _, service := range services {
			b.Of(service).Reopen(span)
		}
		return true
	})
}
