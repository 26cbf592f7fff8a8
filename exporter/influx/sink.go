package influx

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/statedir"
)

// Sink keeps the readings of one profile. It is an exporter.History.
type Sink struct {
	writer  *Writer
	profile string
	user    func() string
	now     func() time.Time
	ledger  *ledger

	mu      sync.Mutex // guards what follows
	failed  bool       // the last write did
	success map[exporter.Service]time.Time
}

var _ exporter.History = (*Sink)(nil)

// NewSink returns the sink of a profile, whose ledger is in the state directory.
// The function tells whose data it is at this moment, by Withings' number of the
// person; what was remembered of another is forgotten.
func NewSink(w *Writer, dir *statedir.Dir, profile string, user func() string, now func() time.Time, log *slog.Logger) *Sink {
	s := &Sink{writer: w, profile: profile, user: user, now: now, success: map[exporter.Service]time.Time{}}
	s.ledger = &ledger{
		path: dir.File(profile, kind), lock: dir.LockFile(profile, kind),
		log: log.With("profile", profile), now: now, fits: s.fit,
	}
	return s
}

// fit makes a book that of this person, target and catalogue.
func (s *Sink) fit(b *book) {
	user, target, catalog := s.user(), s.writer.Target(), exporter.CatalogID()
	switch {
	case b.User != user && user != "", b.Target != target:
		*b = *newBook()
	case b.Catalog != catalog:
		b.forget()
	}
	b.Profile, b.Target, b.Catalog = s.profile, target, catalog
	if user != "" {
		b.User = user
	}
}

// Ready asks the server, if it refused the last write, whether it takes another.
func (s *Sink) Ready(ctx context.Context) error {
	s.mu.Lock()
	failed := s.failed
	s.mu.Unlock()
	if !failed {
		return nil
	}
	err := s.writer.Probe(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = err != nil
	return err
}

// Put writes what a batch says and returns when the server has it.
func (s *Sink) Put(ctx context.Context, b exporter.Batch) error {
	err := s.put(ctx, b)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = err != nil
	return err
}

func (s *Sink) put(ctx context.Context, b exporter.Batch) error {
	for {
		var p *plan
		err := s.ledger.change(ctx, func(book *book) bool {
			p = s.plan(book.of(b.Service), b)
			return p.changed
		})
		if err != nil {
			return err
		}
		switch err := s.delete(ctx, p); {
		case errors.Is(err, errCannotDelete):
			continue // the plan is another one now
		case err != nil:
			return err
		}
		if err := s.write(ctx, p); err != nil {
			return err
		}
		return s.settle(ctx, b.Service, p)
	}
}

// delete removes what stands at wrong places.
func (s *Sink) delete(ctx context.Context, p *plan) error {
	if !s.canDelete() {
		return nil
	}
	for _, at := range p.gone {
		if err := s.writer.Delete(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sink) canDelete() bool { return s.writer.dialect.Load() != dialectNone }

// write sends the points of the plan, so many at a time.
func (s *Sink) write(ctx context.Context, p *plan) error {
	var buf []byte
	lines := 0
	for _, job := range p.jobs {
		for i := range job.points {
			buf = job.points[i].line(buf, job.at)
			lines++
		}
		if lines >= most {
			if err := s.writer.Write(ctx, string(buf)); err != nil {
				return err
			}
			buf, lines = buf[:0], 0
		}
	}
	return s.writer.Write(ctx, string(buf))
}

// settle remembers that the plan has been carried out.
func (s *Sink) settle(ctx context.Context, service exporter.Service, p *plan) error {
	if !p.remembers() {
		return nil
	}
	return s.ledger.change(ctx, func(book *book) bool {
		c := book.of(service)
		for _, job := range p.jobs {
			if e := c.Written[job.id]; job.remembered && e != nil && e.At == job.at.Unix() {
				e.Hash, e.Keys, e.In, e.Old = job.hash, job.keys, job.in, nil
			}
		}
		for id, at := range p.dropped {
			if e := c.Written[id]; e != nil && e.At == at {
				delete(c.Written, id)
			}
		}
		book.unsettle(p.gone, p.jobs)
		s.prune(service, c)
		return true
	})
}

// Progress is how far a service is safe.
func (s *Sink) Progress(service exporter.Service) exporter.Progress {
	var p exporter.Progress
	if err := s.ledger.look(func(b *book) { p = b.of(service).Progress }); err != nil {
		return exporter.Progress{} // whoever moves on from there meets the error again
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.success[service].After(p.Success) && !p.Success.IsZero() {
		p.Success = s.success[service]
	}
	return p
}

// Advance records how far a service is safe. That nothing but the time of the
// last success has changed is not worth a write to the disk.
func (s *Sink) Advance(service exporter.Service, move func(*exporter.Progress)) error {
	return s.ledger.change(context.Background(), func(b *book) bool {
		c := b.of(service)
		was := c.Progress
		move(&c.Progress)
		s.mu.Lock()
		s.success[service] = c.Success
		s.mu.Unlock()
		saved := was
		saved.Success = c.Success
		if saved == c.Progress && !was.Success.IsZero() {
			c.Progress = was
			return false
		}
		return true
	})
}

// edge is how much at the old end of what was read counts as not read: days and
// nights of different time zones meet there.
const edge = 48 * time.Hour

// Missing lists what of a span is not safe, the newest first. What is known
// since a cursor came to be stays so: changes come by the cursor.
func (s *Sink) Missing(service exporter.Service, span exporter.Span) []exporter.Span {
	var missing []exporter.Span
	err := s.ledger.look(func(b *book) {
		c := b.of(service)
		covered := c.Covered
		if !c.Updated.IsZero() && (!c.Back.IsZero() || c.Done) {
			back := c.Back
			if !back.IsZero() {
				back = back.Add(edge)
			}
			covered = covered.Add(exporter.Span{From: back, To: exporter.Always().To})
		}
		missing = covered.Missing(span)
	})
	if err != nil {
		return []exporter.Span{span}
	}
	return missing
}

// Cover records that everything Withings has in a span is safe.
func (s *Sink) Cover(service exporter.Service, span exporter.Span) error {
	return s.ledger.change(context.Background(), func(b *book) bool {
		c := b.of(service)
		c.Covered = c.Covered.Add(span)
		return true
	})
}

// Where is the server, for people.
func (s *Sink) Where() string { return strings.TrimSuffix(s.writer.base.Redacted(), "/") }
