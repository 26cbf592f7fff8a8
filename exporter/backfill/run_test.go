package backfill

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter"
)

var (
	now     = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	forever = exporter.Span{From: time.Unix(1, 0), To: now.Add(48 * time.Hour)}
)

// order is how a cloud lists records.
type order int

const (
	newestFirst order = iota
	oldestFirst
	shuffled
	chunked // newest first in a page, but the pages begin with the oldest
)

// cloud is a Source of records made up for the test.
type cloud struct {
	records map[exporter.Service][]exporter.Record
	size    int // of a page
	order   order
	fail    func(request int) error // nil: none does
	failing exporter.Service        // has no news
	undated bool                    // rows without a date are in every span

	requests int
	asked    []string // "measure 2026-11-24 0": service, end of the span, offset
}

// newCloud has one record a step back from now, for each service named.
func newCloud(n int, step time.Duration, size int, services ...exporter.Service) *cloud {
	c := &cloud{records: map[exporter.Service][]exporter.Record{}, size: size}
	rows := map[exporter.Service]string{exporter.Measure: "weight_grams", exporter.Sleep: "sleep_score", exporter.Activity: "activity_steps"}
	for _, s := range services {
		for i := range n {
			at := now.Add(-time.Duration(i) * step)
			c.records[s] = append(c.records[s], exporter.Record{Service: s, ID: strconv.Itoa(n - i), Start: at, End: at.Add(time.Hour), Modified: at,
				Readings: []exporter.Reading{{Metric: exporter.ByName(rows[s]), Value: exporter.Integer(int64(i))}}})
		}
	}
	return c
}

func (c *cloud) request() error {
	c.requests++
	if c.fail != nil {
		return c.fail(c.requests)
	}
	return nil
}

// Fetch brings the last thirty days.
func (c *cloud) Fetch(_ context.Context, s exporter.Service, p exporter.Progress, apply func(exporter.Batch)) (exporter.Fetched, error) {
	if err := c.request(); err != nil {
		return exporter.Fetched{}, err
	}
	if s == c.failing {
		return exporter.Fetched{}, errors.New("no scope for that")
	}
	since := now.Add(-30 * 24 * time.Hour)
	b := exporter.Batch{Service: s}
	for _, r := range c.records[s] {
		if p.Updated.IsZero() && !r.Start.Before(since) || !p.Updated.IsZero() && r.Modified.After(p.Updated) {
			b.Records = append(b.Records, r)
		}
	}
	apply(b)
	if p.Updated.IsZero() {
		return exporter.Fetched{Updated: now, Whole: since}, nil
	}
	return exporter.Fetched{Updated: now}, nil
}

// Page lists what is in a span.
func (c *cloud) Page(_ context.Context, s exporter.Service, span exporter.Span, offset int64) (exporter.Page, error) {
	c.asked = append(c.asked, fmt.Sprintf("%s %s %d", s, span.To.Format(time.DateOnly), offset))
	if err := c.request(); err != nil {
		return exporter.Page{}, err
	}
	var in []exporter.Record
	for _, r := range c.records[s] {
		if span.Has(r.Start) || c.undated && r.Start.IsZero() {
			in = append(in, r)
		}
	}
	switch c.order {
	case oldestFirst:
		slices.Reverse(in)
	case shuffled:
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
	case chunked:
		var pages []exporter.Record
		for end := len(in); end > 0; end = max(end-c.size, 0) {
			pages = append(pages, in[max(end-c.size, 0):end]...)
		}
		in = pages
	}
	begin, end := min(int(offset), len(in)), min(int(offset)+c.size, len(in))
	return exporter.Page{Batch: exporter.Batch{Service: s, Records: in[begin:end]}, More: end < len(in), Next: int64(end)}, nil
}

// shelf is a target in memory.
type shelf struct {
	fail    func(put int) error // nil: none does
	refused []exporter.Refusal
	looks   []error // what Ready says, one after the other, and then nil

	came chan struct{} // has an element when something was put since it was looked

	mu       sync.Mutex // guards what follows
	puts     int
	has      map[string]int // how often each record came
	order    []string
	progress map[exporter.Service]exporter.Progress
	covered  map[exporter.Service]exporter.Spans
}

func newShelf() *shelf {
	return &shelf{came: make(chan struct{}, 1), has: map[string]int{}, progress: map[exporter.Service]exporter.Progress{}, covered: map[exporter.Service]exporter.Spans{}}
}

func (s *shelf) Ready(context.Context) error {
	if len(s.looks) == 0 {
		return nil
	}
	err := s.looks[0]
	s.looks = s.looks[1:]
	return err
}

func (s *shelf) Taken(b exporter.Batch) exporter.Batch { return b }

func (s *shelf) Refused() []exporter.Refusal { return s.refused }

func (s *shelf) Reopen(span exporter.Span, services ...exporter.Service) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for service := range s.covered {
		if len(services) == 0 || slices.Contains(services, service) {
			s.covered[service] = s.covered[service].Without(span)
		}
	}
	return nil
}

func (s *shelf) Put(_ context.Context, batches ...exporter.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range batches {
		if err := s.put(b); err != nil {
			return err
		}
	}
	select {
	case s.came <- struct{}{}:
	default: // told already
	}
	return nil
}

func (s *shelf) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.puts
}

func (s *shelf) put(b exporter.Batch) error {
	s.puts++
	if s.fail != nil {
		if err := s.fail(s.puts); err != nil {
			return err
		}
	}
	for _, r := range b.Records {
		s.has[string(b.Service)+" "+r.ID]++
		s.order = append(s.order, r.Start.Format(time.DateOnly))
	}
	return nil
}

func (s *shelf) Vanishing(exporter.Batch) (held, gone int) { return 0, 0 }

func (s *shelf) Progress(service exporter.Service) exporter.Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.progress[service]
}

func (s *shelf) Advance(service exporter.Service, change func(*exporter.Progress)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.progress[service]
	change(&p)
	s.progress[service] = p
	return nil
}

func (s *shelf) Missing(service exporter.Service, span exporter.Span) []exporter.Span {
	s.mu.Lock()
	defer s.mu.Unlock()
	covered := s.covered[service]
	if back := s.progress[service].Back; !back.IsZero() {
		covered = covered.Add(exporter.Span{From: back, To: exporter.Always().To})
	}
	return covered.Missing(span)
}

// bring runs once and returns how.
func bring(ctx context.Context, c *cloud, s *shelf, span exporter.Span) error {
	r := &Run{Span: span, Now: func() time.Time { return now }, Pause: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	_, err := r.Do(ctx, []*Profile{{Name: "Anna", Source: c, Target: s}})
	return err
}

// whole reports what of a cloud is not on the shelf.
func whole(t *testing.T, c *cloud, s *shelf) {
	t.Helper()
	for service, records := range c.records {
		lost := 0
		for _, r := range records {
			if s.has[string(service)+" "+r.ID] == 0 {
				lost++
			}
		}
		if lost > 0 {
			t.Errorf("%d of %d records of %s are lost", lost, len(records), service)
		}
	}
}

func TestEverythingIsBroughtWhateverTheOrderOfTheLists(t *testing.T) {
	for _, size := range []int{1, 2, 3, 7, 40, 250, 100_000} {
		for name, order := range map[string]order{"newest first": newestFirst, "oldest first": oldestFirst, "shuffled": shuffled, "chunked": chunked} {
			t.Run(fmt.Sprintf("%s, pages of %d", name, size), func(t *testing.T) {
				c, s := newCloud(400, 40*time.Hour, size, exporter.Measure, exporter.Sleep, exporter.Activity), newShelf()
				c.order = order
				if err := bring(t.Context(), c, s, forever); err != nil {
					t.Fatal(err)
				}
				whole(t, c, s)
			})
		}
	}
}

func TestNoPageIsAskedForTwiceAndTheNewestComesFirst(t *testing.T) {
	c, s := newCloud(10_000, 10*time.Hour, 250, exporter.Measure, exporter.Sleep), newShelf()
	if err := bring(t.Context(), c, s, forever); err != nil {
		t.Fatal(err)
	}
	whole(t, c, s)
	services := len(exporter.Asked())
	pages := 2*40 + services - 2 // and the other services without any
	if c.requests > pages+pages/20+services {
		t.Errorf("%d requests for %d pages and those of what is new", c.requests, pages)
	}
	late := 0
	for i := 1; i < len(s.order); i++ {
		if s.order[i] > s.order[max(i-600, 0)] {
			late++
		}
	}
	if late > 0 {
		t.Errorf("%d records came much later than older ones", late)
	}
}

func TestASecondRunAsksForNothingAgain(t *testing.T) {
	c, s := newCloud(2000, 10*time.Hour, 250, exporter.Measure), newShelf()
	for range 2 {
		if err := bring(t.Context(), c, s, forever); err != nil {
			t.Fatal(err)
		}
	}
	first := c.requests
	if err := bring(t.Context(), c, s, forever); err != nil {
		t.Fatal(err)
	}
	if c.requests != first {
		t.Errorf("%d more requests", c.requests-first)
	}
}

func TestAnInterruptedRunGoesOnWhereItWas(t *testing.T) {
	c, s := newCloud(5000, 10*time.Hour, 100, exporter.Measure, exporter.Activity), newShelf()
	runs := 0
	for done := false; !done; runs++ {
		ctx, cancel := context.WithCancel(t.Context())
		begin, shelved := c.requests, s.count()
		c.fail = func(request int) error {
			if request-begin == 12 {
				for s.count() < shelved+11 { // what is under way is lost, and asked for again
					<-s.came
				}
				cancel()
				return ctx.Err()
			}
			return nil
		}
		err := bring(ctx, c, s, forever)
		done = err == nil
		if !done && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		cancel()
		if runs > 50 {
			t.Fatal("it does not get on")
		}
	}
	whole(t, c, s)
	if most := 100 + 7 + 5 + 2*runs; c.requests > most || runs < 9 {
		t.Errorf("%d requests in %d runs, want at most %d", c.requests, runs, most)
	}
}

func TestATargetThatIsAwayIsWaitedFor(t *testing.T) {
	c, s := newCloud(1000, 10*time.Hour, 100, exporter.Measure), newShelf()
	s.fail = func(put int) error {
		if put > 3 && put < 40 {
			return errors.New("connection refused")
		}
		return nil
	}
	if err := bring(t.Context(), c, s, forever); err != nil {
		t.Fatal(err)
	}
	whole(t, c, s)
}

func TestAPageThatWaitedLongSetsTheCursorBack(t *testing.T) {
	c, s := newCloud(1000, 10*time.Hour, 100, exporter.Measure), newShelf()
	clock := now
	s.fail = func(put int) error {
		if put > 8 && clock.Equal(now) {
			clock = now.Add(time.Hour) // an outage of an hour
			return errors.New("connection refused")
		}
		return nil
	}
	var mu sync.Mutex // guards the clock
	r := &Run{Span: forever, Pause: func(context.Context, time.Duration) error { return nil }, Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		s.mu.Lock()
		defer s.mu.Unlock()
		return clock
	}}
	if err := s.Advance(exporter.Measure, func(p *exporter.Progress) { p.Success, p.Updated = now, now.Add(50*time.Minute) }); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Do(t.Context(), []*Profile{{Name: "Anna", Source: c, Target: s}}); err != nil {
		t.Fatal(err)
	}
	whole(t, c, s)
	if got := s.Progress(exporter.Measure).Updated; got.After(now) {
		t.Errorf("changes are asked for from %s on only, and a page of before was written after them", got)
	}
}

func TestATargetThatNeedsAPersonEndsTheRun(t *testing.T) {
	c, s := newCloud(1000, 10*time.Hour, 100, exporter.Measure), newShelf()
	s.fail = func(int) error { return fmt.Errorf("token refused: %w", exporter.ErrNeedsPerson) }
	if err := bring(t.Context(), c, s, forever); !errors.Is(err, exporter.ErrNeedsPerson) {
		t.Errorf("error %v", err)
	}
	if len(s.covered) > 0 || len(s.progress) > 0 {
		t.Error("what was refused counts as safe")
	}
}

// TestTheLookAtTheEndOutlivesATargetThatIsAway: a connection that breaks at the very
// end is no failure of a run that has everything.
func TestTheLookAtTheEndOutlivesATargetThatIsAway(t *testing.T) {
	away, refuses := errors.New("connection reset"), fmt.Errorf("token refused: %w", exporter.ErrNeedsPerson)
	for _, at := range []struct {
		name  string
		looks []error
		want  error
	}{
		{"once", []error{away}, nil},
		{"for a while", []error{away, away, away, away}, nil},
		{"away, and then it refuses the token", []error{away, refuses}, exporter.ErrNeedsPerson},
	} {
		t.Run(at.name, func(t *testing.T) {
			c, s := newCloud(100, 10*time.Hour, 100, exporter.Measure), newShelf()
			s.looks = at.looks
			if err := bring(t.Context(), c, s, forever); !errors.Is(err, at.want) {
				t.Errorf("error %v, want %v", err, at.want)
			}
			if len(s.looks) > 0 {
				t.Errorf("%d looks were left out", len(s.looks))
			}
			whole(t, c, s)
		})
	}
}

func TestAServiceThatFailsStopsNoOther(t *testing.T) {
	c, s := newCloud(1000, 10*time.Hour, 100, exporter.Measure, exporter.Sleep), newShelf()
	c.fail = func(int) error {
		if n := len(c.asked); n > 0 && strings.HasPrefix(c.asked[n-1], "sleep") && c.asked[n-1] != "" {
			c.asked = append(c.asked, "")
			return errors.New("no scope for that")
		}
		return nil
	}
	err := bring(t.Context(), c, s, forever)
	if err == nil || !strings.Contains(err.Error(), `profile "Anna": no scope`) {
		t.Errorf("error %v", err)
	}
	delete(c.records, exporter.Sleep)
	whole(t, c, s)
}

func TestAServiceWhoseNewsFailStopsNoOther(t *testing.T) {
	c, s := newCloud(1000, 10*time.Hour, 100, exporter.Measure, exporter.Sleep), newShelf()
	c.failing = exporter.Sleep
	err := bring(t.Context(), c, s, forever)
	if err == nil || !strings.Contains(err.Error(), "no scope for that") {
		t.Errorf("error %v", err)
	}
	delete(c.records, exporter.Sleep)
	whole(t, c, s)
}

func TestWhatNoWaitingHelpsIsNotWaitedFor(t *testing.T) {
	for _, reason := range []error{exporter.ErrNeedsPerson, exporter.ErrNotAuthorized} {
		c, s := newCloud(10, 10*time.Hour, 100, exporter.Measure), newShelf()
		c.fail = func(int) error { return reason }
		pauses := 0
		r := &Run{Span: forever, Now: func() time.Time { return now }, Pause: func(context.Context, time.Duration) error { pauses++; return nil }}
		if _, err := r.Do(t.Context(), []*Profile{{Name: "Anna", Source: c, Target: s}}); !errors.Is(err, reason) {
			t.Errorf("error %v, not of %v", err, reason)
		}
		if pauses > 0 {
			t.Errorf("%d pauses after %q", pauses, reason)
		}
	}
}

func TestOnlyWhatIsAskedForIsBrought(t *testing.T) {
	c, s := newCloud(1000, 24*time.Hour, 100, exporter.Measure), newShelf()
	span := exporter.Span{From: now.AddDate(-1, 0, 0), To: now.AddDate(0, -3, 0)}
	if err := bring(t.Context(), c, s, span); err != nil {
		t.Fatal(err)
	}
	for _, r := range c.records[exporter.Measure] {
		if got := s.has["measure "+r.ID] > 0; got != span.Has(r.Start) {
			t.Errorf("the record of %s came: %v", r.Start.Format(time.DateOnly), got)
		}
	}
	if len(s.progress) > 0 {
		t.Error("what is new was asked for")
	}
}

func TestTheSummaryCountsByGroup(t *testing.T) {
	c, s := newCloud(100, 24*time.Hour, 50, exporter.Sleep), newShelf()
	r := &Run{Span: forever, Now: func() time.Time { return now }, Pause: func(context.Context, time.Duration) error { return nil }}
	var last Report
	r.Report = func(is Report) { last = is }
	summary, err := r.Do(t.Context(), []*Profile{{Name: "Anna", Source: c, Target: s}})
	if err != nil {
		t.Fatal(err)
	}
	part := summary.Of(exporter.GroupSleep)
	if n := summary.Records(); n < 100 || n > 105 || part.Readings != n || !part.Last.Equal(now) || !part.First.Equal(now.Add(-99*24*time.Hour)) {
		t.Errorf("the summary says %+v", part)
	}
	if last.Left != 0 || last.Requests != c.requests {
		t.Errorf("the last report says %+v after %d requests", last, c.requests)
	}
}
