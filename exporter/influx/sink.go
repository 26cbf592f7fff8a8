package influx

import (
	"context"
	"errors"
	"log/slog"
	"slices"
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

// Put writes what batches say, in as few requests as they fit into, and returns
// when the server has it.
func (s *Sink) Put(ctx context.Context, batches ...exporter.Batch) error {
	err := s.put(ctx, batches)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = err != nil
	return err
}

func (s *Sink) put(ctx context.Context, batches []exporter.Batch) error {
	plans := make([]*plan, len(batches))
	for {
		err := s.ledger.change(ctx, func(book *book) (changed bool) {
			for i, b := range batches {
				plans[i] = s.plan(book.of(b.Service), b)
				changed = changed || plans[i].changed
			}
			return changed
		})
		if err != nil {
			return err
		}
		switch err := s.carryOut(ctx, plans); {
		case errors.Is(err, errCannotDelete):
			continue // the plans are others now
		case err != nil:
			return err
		}
		return s.settle(ctx, batches, plans)
	}
}

// carryOut deletes what stands at wrong places and sends the points, so many at
// a time. What a plan deletes may be what the one before it wrote.
func (s *Sink) carryOut(ctx context.Context, plans []*plan) error {
	out := outbox{writer: s.writer, text: texts.Get().(*[]byte)}
	defer texts.Put(out.text)
	for _, p := range plans {
		if len(p.gone) > 0 && s.canDelete() {
			if err := out.flush(ctx); err != nil {
				return err
			}
			for _, at := range p.gone {
				if err := s.writer.Delete(ctx, at); err != nil {
					return err
				}
			}
		}
		for _, job := range p.jobs {
			if err := out.add(ctx, pointsOf(s.profile, job.Record), job.at); err != nil {
				return err
			}
		}
	}
	return out.flush(ctx)
}

// outbox gathers lines until there are enough for a request.
type outbox struct {
	writer *Writer
	text   *[]byte
	lines  int
}

// texts keeps the memory of lines from one request to the next.
var texts = sync.Pool{New: func() any { return new([]byte) }}

func (o *outbox) add(ctx context.Context, points []point, at time.Time) error {
	if o.lines+len(points) > most {
		if err := o.flush(ctx); err != nil {
			return err
		}
	}
	for i := range points {
		*o.text = points[i].line(*o.text, at)
	}
	o.lines += len(points)
	return nil
}

func (o *outbox) flush(ctx context.Context) error {
	err := o.writer.Write(ctx, string(*o.text))
	*o.text, o.lines = (*o.text)[:0], 0
	return err
}

func (s *Sink) canDelete() bool { return s.writer.dialect.Load() != dialectNone }

// settle remembers that the plans have been carried out.
func (s *Sink) settle(ctx context.Context, batches []exporter.Batch, plans []*plan) error {
	if !slices.ContainsFunc(plans, (*plan).remembers) {
		return nil
	}
	return s.ledger.change(ctx, func(book *book) bool {
		for i, p := range plans {
			service := batches[i].Service
			p.settle(book, book.of(service))
			s.prune(service, book.of(service))
		}
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
