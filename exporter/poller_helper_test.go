package exporter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var errCloud = errors.New("cloud is down")

// fakeCloud is one profile's Fetcher. It answers with what it is told to and notes
// every call with its time since the beginning.
type fakeCloud struct {
	fetch func(ctx context.Context, service Service, p Progress, apply func(Batch)) (Fetched, error)
	older func(service Service, p Progress, apply func(Batch)) (time.Time, error)

	began time.Time
	mu    sync.Mutex // guards what follows
	calls []call
}

type call struct {
	after time.Duration
	what  string // "fetch measure", "older sleep"
	p     Progress
}

func (f *fakeCloud) note(what string, service Service, p Progress) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, call{time.Since(f.began), what + " " + string(service), p})
}

func (f *fakeCloud) Fetch(ctx context.Context, service Service, p Progress, apply func(Batch)) (Fetched, error) {
	f.note("fetch", service, p)
	if f.fetch != nil {
		return f.fetch(ctx, service, p, apply)
	}
	return Fetched{}, nil
}

func (f *fakeCloud) Older(_ context.Context, service Service, p Progress, apply func(Batch)) (time.Time, error) {
	f.note("older", service, p)
	if f.older != nil {
		return f.older(service, p, apply)
	}
	return time.Time{}, nil
}

// taken hands over the calls so far and forgets them.
func (f *fakeCloud) taken() []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

// only lists when a call was made.
func only(calls []call, what string) []time.Duration {
	var all []time.Duration
	for _, c := range calls {
		if c.what == what {
			all = append(all, c.after)
		}
	}
	return all
}

func names(calls []call) string {
	all := make([]string, len(calls))
	for i, c := range calls {
		all[i] = c.what
	}
	return strings.Join(all, ", ")
}

// shared is a value that a test changes while the poller reads it, or the
// reverse.
type shared[T any] struct {
	mu sync.Mutex // guards is
	is T
}

func (s *shared[T]) set(v T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.is = v
}

func (s *shared[T]) get() T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.is
}

// rig is a poller at work inside a bubble of simulated time.
type rig struct {
	log   shared[string]
	saves atomic.Int64
	stop  context.CancelFunc
	done  chan struct{}
}

// Write adds to the log.
func (r *rig) Write(line []byte) (int, error) {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	r.log.is += string(line)
	return len(line), nil
}

// lines is what was logged since the last call, without times and new records.
func (r *rig) lines() string {
	lines := r.log.get()
	r.log.set("")
	return newRecords.ReplaceAllString(lines, "")
}

var newRecords = regexp.MustCompile(`(?m)^.*msg="new records".*\n`)

// start runs a poller every five minutes for profiles whose parts are filled in
// where they are missing. It ends with the test.
func start(t *testing.T, profiles ...*Profile) *rig { return startEvery(t, 5*time.Minute, profiles...) }

// startEvery does the same with another interval: weeks pass sooner with fewer polls.
func startEvery(t *testing.T, interval time.Duration, profiles ...*Profile) *rig {
	r := &rig{done: make(chan struct{})}
	for i, p := range profiles {
		p.Status = &Status{}
		if p.State == nil {
			p.State = NewState(fmt.Sprint("profile ", i+1), nil)
		}
		if p.Save == nil {
			p.Save = func() error { r.saves.Add(1); return nil }
		}
		if p.Ready == nil {
			p.Ready = func(context.Context) error { return nil }
		}
		p.Fetch.(*fakeCloud).began = time.Now()
	}
	hideTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	poller := &Poller{Interval: interval, Now: time.Now,
		Log: slog.New(slog.NewTextHandler(r, &slog.HandlerOptions{ReplaceAttr: hideTime}))}
	ctx, stop := context.WithCancel(t.Context())
	r.stop = stop
	go func() {
		defer close(r.done)
		poller.Run(ctx, profiles)
	}()
	t.Cleanup(func() { stop(); <-r.done })
	synctest.Wait()
	return r
}

// pass lets simulated time pass.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// linger lets simulated time pass for the goroutine it is called in.
func linger(d time.Duration) { <-time.After(d) }
