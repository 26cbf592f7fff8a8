package influx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/ledger"
	"withings-exporter/exporter/statedir"
)

// Sink writes the readings of one profile. It is an exporter.History; its ledger knows
// how far each service is safe.
type Sink struct {
	*ledger.Ledger[*chapter]
	writer  *Writer
	profile string
	now     func() time.Time
	pause   func(context.Context, time.Duration) error

	mu       sync.Mutex          // guards what follows
	failed   bool                // the server failed, and has acknowledged no write since …
	first    string              // … and this is the first line of what failed, to try again with
	unsaved  bool                // the ledger could not be saved
	lost     map[pointID]givenUp // what the server has refused since the start
	overflow bool                // lost is full: there is more
	tried    time.Time           // when refused points were last tried again
	notes    []string            // where the database differs from Withings
	nextLook time.Time           // when to ask the server again for what it acknowledged
	unseen   bool                // it did not show that when it was last asked
}

// SinkOptions say whose readings a sink keeps, and where.
type SinkOptions struct {
	Writer  *Writer
	Dir     *statedir.Dir // has the ledger
	Profile string
	Owner   func() string // Withings' number of the person now; the ledger of another person is dropped
	Failed  bool          // the last write failed, so that Ready must see one acknowledged first
	Now     func() time.Time
	Log     *slog.Logger
}

var _ exporter.History = (*Sink)(nil)

// NewSink returns the sink of a profile.
func NewSink(o SinkOptions) *Sink {
	s := &Sink{writer: o.Writer, profile: o.Profile, now: o.Now, failed: o.Failed, pause: exporter.Pause, lost: map[pointID]givenUp{}}
	s.Ledger = ledger.New(ledger.Options[*chapter]{
		Path: o.Dir.File(o.Profile, kind), Lock: o.Dir.LockFile(o.Profile, kind),
		Profile: o.Profile, Target: o.Writer.Target(), Owner: o.Owner, Now: o.Now, Log: o.Log,
		New: newChapter, Followed: true,
	})
	_ = s.Look(s.notice) // the first Put reports an error of the ledger
	return s
}

// Ready returns nil if the server accepts readings: after a failure it must first
// acknowledge the line that failed, or a test point, and the ledger must be saved.
// Ready also checks whether the server still has what it acknowledged, and whether it
// accepts what it refused.
func (s *Sink) Ready(ctx context.Context) error {
	s.mu.Lock()
	failed, line, unsaved := s.failed, s.first, s.unsaved
	s.mu.Unlock()
	if failed {
		if err := s.recovered(ctx, line); err != nil {
			return err
		}
		s.acknowledged()
	}
	if unsaved {
		if err := s.Change(ctx, func(*book) bool { return true }); err != nil {
			return err
		}
		s.mu.Lock()
		s.unsaved = false
		s.mu.Unlock()
	}
	err := s.lookForLoss(ctx)
	if err == nil {
		err = s.retryRefused(ctx)
	}
	if err != nil {
		return s.fails(err)
	}
	if err := s.Look(s.notice); err != nil { // everything would be asked for, and written, in vain
		return fmt.Errorf("look up what InfluxDB has of profile %q: %w", s.profile, err)
	}
	return nil
}

// Watch notices that the server is gone although nothing is to be written: until it has acknowledged something, Ready says so.
func (s *Sink) Watch(ctx context.Context) error { return s.fails(s.writer.Alive(ctx)) }

// fails notes an error, and returns it.
func (s *Sink) fails(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := errors.AsType[*Error](err); ok {
		s.failed, s.nextLook = true, time.Time{} // it may be another database once it is back
	} else {
		s.unsaved = true
	}
	return err
}

// acknowledged notes that the server has acknowledged a write. Nothing else ends a
// failure: a batch of which nothing is new succeeds while the server is away.
func (s *Sink) acknowledged() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed, s.first = false, ""
}

// recovered sends the line that failed again.
func (s *Sink) recovered(ctx context.Context, line string) error {
	if line == "" {
		return s.writer.Probe(ctx)
	}
	got, err := s.writer.post(ctx, line)
	if err != nil {
		return s.writer.unreachable(err)
	}
	if got.status == http.StatusNoContent {
		return nil
	}
	if _, byName := s.writer.naming(got); byName {
		return s.writer.Probe(ctx) // others may be accepted
	}
	return s.writer.judge(ctx, got)
}

// Put writes batches, in as few requests as they fit into, and returns when the server
// has acknowledged them, or rejected single points by name.
func (s *Sink) Put(ctx context.Context, batches ...exporter.Batch) error {
	return s.keep(ctx, &load{batches: batches})
}

// Cover is Put and records what is safe with it.
func (s *Sink) Cover(ctx context.Context, safe map[exporter.Service]exporter.Spans, move func(exporter.Service, *exporter.Progress), batches ...exporter.Batch) error {
	return s.keep(ctx, &load{batches: batches, safe: safe, move: move})
}

// load is what is written together, and what is recorded once it is acknowledged.
type load struct {
	batches []exporter.Batch
	safe    map[exporter.Service]exporter.Spans
	move    func(exporter.Service, *exporter.Progress) // may be nil
}

func (s *Sink) keep(ctx context.Context, l *load) error {
	if err := s.fails(s.put(ctx, l)); err != nil {
		return err
	}
	if len(l.safe) > 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.nextLook = time.Time{} // the import may end soon
	}
	return nil
}

// Advance records how far a service is safe.
func (s *Sink) Advance(service exporter.Service, move func(*exporter.Progress)) error {
	return s.fails(s.Ledger.Advance(service, move))
}

func (s *Sink) put(ctx context.Context, l *load) error {
	err := s.once(ctx, l)
	if !errors.Is(err, errCannotDelete) {
		return err
	}
	// Now the plans differ: deletes wait, and points that would move stay.
	s.writer.cannotDelete(recheck)
	if err = s.once(ctx, l); err != nil {
		s.writer.cannotDelete(0) // the server does nothing at all: it may well be able to delete
	}
	return err
}

func (s *Sink) once(ctx context.Context, l *load) error {
	plans := make([]*plan, len(l.batches))
	err := s.Change(ctx, func(book *book) (changed bool) {
		for i, b := range l.batches {
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
	return s.settle(ctx, l, plans)
}

// carryOut deletes points that are wrong and sends the new ones. A plan may delete what
// the one before it wrote; without that they are sent together in the order of time,
// which is the least work for a server.
func (s *Sink) carryOut(ctx context.Context, plans []*plan) error {
	out := outbox{sink: s, text: texts.Get().(*[]byte)}
	defer func() {
		*out.text = (*out.text)[:0]
		texts.Put(out.text)
	}()
	if !slices.ContainsFunc(plans, func(p *plan) bool { return len(p.gone) > 0 }) {
		var jobs []*job
		for _, p := range plans {
			jobs = append(jobs, p.jobs...)
		}
		slices.SortStableFunc(jobs, func(a, b *job) int { return a.at.Compare(b.at) })
		out.add(jobs)
		return out.flush(ctx)
	}
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
		out.add(p.jobs)
	}
	return out.flush(ctx)
}

// outbox collects lines for requests.
type outbox struct {
	sink  *Sink
	text  *[]byte
	lines []sent
}

// texts reuses the memory of lines for the next requests.
var texts = sync.Pool{New: func() any { return new([]byte) }}

func (o *outbox) add(jobs []*job) {
	for _, j := range jobs {
		points := pointsOf(o.sink.profile, j.Record)
		for i := range points {
			p := &points[i]
			*o.text = p.line(*o.text, j.at)
			o.lines = append(o.lines, sent{job: j, measurement: p.measurement, tags: p.tags, readings: len(p.fields), group: p.group})
		}
	}
}

// flush sends what was collected, in as few requests as possible, of the same size.
func (o *outbox) flush(ctx context.Context) error {
	rest := string(*o.text)
	for n := (len(o.lines) + most - 1) / most; n > 0; n-- {
		lines := o.lines[:(len(o.lines)+n-1)/n]
		text := head(rest, len(lines))
		if err := o.send(ctx, text, lines); err != nil {
			return err
		}
		rest, o.lines = rest[len(text):], o.lines[len(lines):]
	}
	*o.text, o.lines = (*o.text)[:0], nil
	return nil
}

// send sends some lines.
func (o *outbox) send(ctx context.Context, text string, lines []sent) error {
	refused, err := o.sink.writer.Write(ctx, text)
	if err != nil {
		o.sink.mu.Lock()
		o.sink.first = head(text, 1)
		o.sink.mu.Unlock()
		return err
	}
	if len(refused) > 0 {
		rest := text
		for i := range lines {
			lines[i].line = head(rest, 1)
			rest = rest[len(lines[i].line):]
		}
	}
	o.sink.acknowledged()
	o.sink.outcome(lines, refused)
	return nil
}

// settle notes that the plans have been carried out, and what is safe now.
func (s *Sink) settle(ctx context.Context, l *load, plans []*plan) error {
	remembers := slices.ContainsFunc(plans, (*plan).remembers)
	if !remembers && len(l.safe) == 0 && l.move == nil {
		return nil
	}
	return s.Change(ctx, func(book *book) (changed bool) {
		if remembers {
			for i, p := range plans {
				service := l.batches[i].Service
				p.settle(book, book.Of(service))
				s.prune(service, book.Of(service))
			}
			changed = true
		}
		for service, spans := range l.safe {
			for _, span := range spans {
				book.Of(service).Cover(span, s.open(service, span))
				changed = true
			}
		}
		if changed = book.Move(l.move, l.batches) || changed; changed {
			s.notice(book)
		}
		return changed
	})
}

// Vanishing counts the remembered records in the span of a complete answer, and how
// many of them are missing from it.
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
		return 0, 0 // Put reports the error
	}
	return held, gone
}
