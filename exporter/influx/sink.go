package influx

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
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
	pause   func(context.Context, time.Duration) error
	ledger  *ledger

	mu       sync.Mutex // guards what follows
	failed   bool       // the last write did …
	first    string     // … and its first line, by which it is tried again
	success  map[exporter.Service]time.Time
	lost     map[pointID]givenUp // what the server has given up since the start
	overflow bool                // and more than that
	told     map[string]bool     // which kinds of refusal are in the log
	tried    time.Time           // when it was last tried whether the server takes what it refused
	notes    []string            // what the database does not have as Withings has it
	nextLook time.Time           // when the server is next asked for what it acknowledged
}

var _ exporter.History = (*Sink)(nil)

// NewSink returns the sink of a profile, whose ledger is in the state directory.
// The function tells whose data it is at this moment, by Withings' number of the
// person; what was remembered of another is forgotten.
func NewSink(w *Writer, dir *statedir.Dir, profile string, user func() string, now func() time.Time, log *slog.Logger) *Sink {
	s := &Sink{writer: w, profile: profile, user: user, now: now, pause: exporter.Pause, success: map[exporter.Service]time.Time{},
		lost: map[pointID]givenUp{}, told: map[string]bool{}}
	s.ledger = &ledger{
		path: dir.File(profile, kind), lock: dir.LockFile(profile, kind),
		log: log.With("profile", profile), now: now, fits: s.fit,
	}
	_ = s.ledger.look(s.notice) // what is wrong with the ledger is met by the first Put
	return s
}

// fit makes a book that of this person, target and catalogue. A book without an
// owner is adopted.
func (s *Sink) fit(b *book) {
	user, target, catalog := s.user(), s.writer.Target(), exporter.CatalogID()
	switch {
	case b.User != user && user != "" && b.User != "", b.Target != target:
		*b = *newBook()
	case b.Catalog != catalog:
		b.forget()
	}
	b.Profile, b.Target, b.Catalog = s.profile, target, catalog
	if user != "" {
		b.User = user
	}
}

// Ready returns nil when the server takes readings: one that failed is asked to
// acknowledge the line that failed. Then it is looked whether it still has what it
// acknowledged, and whether it takes what it refused.
func (s *Sink) Ready(ctx context.Context) error {
	s.mu.Lock()
	failed, line := s.failed, s.first
	s.mu.Unlock()
	if failed {
		if err := s.recovered(ctx, line); err != nil {
			return err
		}
		s.mu.Lock()
		s.failed, s.nextLook = false, time.Time{} // it may be another database now
		s.mu.Unlock()
	}
	if err := s.lookForLoss(ctx); err != nil {
		return err
	}
	err := s.retryRefused(ctx)
	_ = s.ledger.look(s.notice) // what is wrong with the ledger is met by the next Put
	return err
}

// recovered asks a server that failed to acknowledge the line that failed.
func (s *Sink) recovered(ctx context.Context, line string) error {
	if line == "" {
		return s.writer.Probe(ctx)
	}
	got, err := s.writer.post(ctx, line)
	if err != nil {
		return s.writer.unreachable(err)
	}
	if _, byName := s.writer.naming(got); byName || got.status == http.StatusNoContent {
		return nil // whether others are taken is for the next write to tell
	}
	return s.writer.judge(got)
}

// Put writes what batches say, in as few requests as they fit into, and returns
// when the server has acknowledged it, or refused parts of it by name.
func (s *Sink) Put(ctx context.Context, batches ...exporter.Batch) error {
	err := s.put(ctx, batches)
	var answer *Error
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed = errors.As(err, &answer); !s.failed {
		s.first = ""
	}
	return err
}

func (s *Sink) put(ctx context.Context, batches []exporter.Batch) error {
	err := s.once(ctx, batches)
	if !errors.Is(err, errCannotDelete) {
		return err
	}
	// The plans are others now: what cannot be deleted waits, what has moved stays.
	s.writer.cannotDelete(recheck)
	if err = s.once(ctx, batches); err != nil {
		s.writer.cannotDelete(0) // the server does nothing at all, which tells nothing about deleting
	}
	return err
}

func (s *Sink) once(ctx context.Context, batches []exporter.Batch) error {
	plans := make([]*plan, len(batches))
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
	if err := s.carryOut(ctx, plans); err != nil {
		return err
	}
	return s.settle(ctx, batches, plans)
}

// carryOut deletes what stands at wrong places and sends the points, so many at
// a time. What a plan deletes may be what the one before it wrote.
func (s *Sink) carryOut(ctx context.Context, plans []*plan) error {
	out := outbox{sink: s, text: texts.Get().(*[]byte)}
	defer func() {
		*out.text = (*out.text)[:0]
		texts.Put(out.text)
	}()
	for _, p := range plans {
		if len(p.gone) > 0 {
			if err := out.flush(ctx); err != nil {
				return err
			}
			for _, at := range p.gone {
				if err := s.writer.Delete(ctx, tagValue(s.profile), at); err != nil {
					return err
				}
			}
		}
		for _, job := range p.jobs {
			if err := out.add(ctx, job); err != nil {
				return err
			}
		}
	}
	return out.flush(ctx)
}

// outbox gathers lines until there are enough for a request.
type outbox struct {
	sink  *Sink
	text  *[]byte
	lines []sent
}

// texts keeps the memory of lines from one request to the next.
var texts = sync.Pool{New: func() any { return new([]byte) }}

func (o *outbox) add(ctx context.Context, j *job) error {
	points := pointsOf(o.sink.profile, j.Record)
	if len(o.lines)+len(points) > most {
		if err := o.flush(ctx); err != nil {
			return err
		}
	}
	for i := range points {
		p := &points[i]
		*o.text = p.line(*o.text, j.at)
		o.lines = append(o.lines, sent{job: j, measurement: p.measurement, tags: p.tags, readings: len(p.fields), group: p.group})
	}
	return nil
}

func (o *outbox) flush(ctx context.Context) error {
	if len(o.lines) == 0 {
		return nil
	}
	text := string(*o.text)
	refused, err := o.sink.writer.Write(ctx, text)
	if err != nil {
		o.sink.mu.Lock()
		o.sink.first = head(text, 1)
		o.sink.mu.Unlock()
		return err
	}
	if len(refused) > 0 {
		rest := text
		for i := range o.lines {
			o.lines[i].line = head(rest, 1)
			rest = rest[len(o.lines[i].line):]
		}
	}
	o.sink.outcome(o.lines, refused)
	*o.text, o.lines = (*o.text)[:0], o.lines[:0]
	return nil
}

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
		s.notice(book)
		return true
	})
}

// Vanishing counts the records that are remembered in the span of a whole answer,
// and those of them that it does not have.
func (s *Sink) Vanishing(b exporter.Batch) (held, gone int) {
	if b.Whole == nil || b.Service.Row().Current {
		return 0, 0
	}
	err := s.ledger.look(func(book *book) {
		var ids []string
		ids, held = book.of(b.Service).untold(b)
		gone = len(ids)
	})
	if err != nil {
		return 0, 0 // whoever puts the batch meets the error
	}
	return held, gone
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
	ctx, cancel := quick()
	defer cancel()
	return s.ledger.change(ctx, func(b *book) bool {
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
// since a cursor came to be stays so: changes come by the cursor. What was
// refused, or is to be written again, is not safe whatever else says so.
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
		for _, open := range c.Open {
			covered = covered.Without(open)
		}
		missing = covered.Missing(span)
	})
	if err != nil {
		return []exporter.Span{span}
	}
	return missing
}

// Cover records that everything Withings has in a span is safe, but for what was
// refused.
func (s *Sink) Cover(service exporter.Service, span exporter.Span) error {
	refused := s.open(service, span)
	s.mu.Lock()
	s.nextLook = time.Time{} // it is the end of an import, soon
	s.mu.Unlock()
	ctx, cancel := quick()
	defer cancel()
	return s.ledger.change(ctx, func(b *book) bool {
		c := b.of(service)
		c.Covered = c.Covered.Add(span)
		c.Open = c.Open.Without(span).AddAll(refused).AtMost(mostOpen)
		return true
	})
}

// Reopen lets everything in a span be missing, and be written again.
func (s *Sink) Reopen(span exporter.Span) error {
	ctx, cancel := quick()
	defer cancel()
	return s.ledger.change(ctx, func(b *book) bool {
		for _, service := range exporter.Services() {
			c := b.of(service)
			c.Open = c.Open.Add(span).AtMost(mostOpen)
			c.unsure()
			c.Success = time.Time{} // what is new is read again, too
		}
		return true
	})
}

// quick is the time in which a note must be in the ledger that is made without a
// context of somebody's: another process may hold its lock.
func quick() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 2*time.Second)
}
