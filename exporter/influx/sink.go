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
	"withings-exporter/exporter/ledger"
	"withings-exporter/exporter/statedir"
)

// Sink keeps the readings of one profile. It is an exporter.History; how far each
// service is safe, it knows by its ledger.
type Sink struct {
	*ledger.Ledger[*chapter]
	writer  *Writer
	profile string
	now     func() time.Time
	pause   func(context.Context, time.Duration) error

	mu       sync.Mutex          // guards what follows
	failed   bool                // the last write did …
	first    string              // … and its first line, by which it is tried again
	lost     map[pointID]givenUp // what the server has given up since the start
	overflow bool                // and more than that
	told     map[string]bool     // which kinds of refusal are in the log
	tried    time.Time           // when it was last tried whether the server takes what it refused
	notes    []string            // what the database does not have as Withings has it
	nextLook time.Time           // when the server is next asked for what it acknowledged
}

// SinkOptions say whose readings a sink keeps, and where.
type SinkOptions struct {
	Writer  *Writer
	Dir     *statedir.Dir // has the ledger
	Profile string
	Owner   func() string // Withings' number of the person at this moment; what another person had is forgotten
	Now     func() time.Time
	Log     *slog.Logger
}

var _ exporter.History = (*Sink)(nil)

// NewSink returns the sink of a profile.
func NewSink(o SinkOptions) *Sink {
	s := &Sink{writer: o.Writer, profile: o.Profile, now: o.Now, pause: exporter.Pause, lost: map[pointID]givenUp{}, told: map[string]bool{}}
	s.Ledger = ledger.New(ledger.Options[*chapter]{
		Path: o.Dir.File(o.Profile, kind), Lock: o.Dir.LockFile(o.Profile, kind),
		Profile: o.Profile, Target: o.Writer.Target(), Owner: o.Owner, Now: o.Now, Log: o.Log,
		New: newChapter, Followed: true,
	})
	_ = s.Look(s.notice) // what is wrong with the ledger is met by the first Put
	return s
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
	_ = s.Look(s.notice) // what is wrong with the ledger is met by the next Put
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
	err := s.Change(ctx, func(book *book) (changed bool) {
		for i, b := range batches {
			plans[i] = s.plan(book.Of(b.Service), b)
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
	return s.Change(ctx, func(book *book) bool {
		for i, p := range plans {
			service := batches[i].Service
			p.settle(book, book.Of(service))
			s.prune(service, book.Of(service))
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
	err := s.Look(func(book *book) {
		var ids []string
		ids, held = book.Of(b.Service).untold(b)
		gone = len(ids)
	})
	if err != nil {
		return 0, 0 // whoever puts the batch meets the error
	}
	return held, gone
}

// Cover records that everything Withings has in a span is safe, but for what was
// refused.
func (s *Sink) Cover(service exporter.Service, span exporter.Span) error {
	refused := s.open(service, span)
	s.mu.Lock()
	s.nextLook = time.Time{} // it is the end of an import, soon
	s.mu.Unlock()
	return s.Note(func(b *book) bool {
		b.Of(service).Cover(span, refused)
		return true
	})
}
