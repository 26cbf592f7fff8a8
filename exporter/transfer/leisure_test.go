package transfer

import (
	"context"
	"log/slog"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/withings"
)

// punctual is a source that notes when its requests are due.
type punctual struct{ due []time.Time }

func (p *punctual) note(ctx context.Context) {
	due, _ := exporter.DueOf(ctx)
	p.due = append(p.due, due)
}

func (p *punctual) Fetch(ctx context.Context, _ exporter.Service, _ exporter.Progress, _ func(exporter.Batch)) (exporter.Fetched, error) {
	p.note(ctx)
	return exporter.Fetched{}, nil
}

func (p *punctual) Page(ctx context.Context, _ exporter.Service, _ exporter.Span, _ int64) (exporter.Page, error) {
	p.note(ctx)
	return exporter.Page{}, nil
}

// TestEachRequestForAHistoryHasTime is not about the first alone: a backfill takes longer
// than any request may be put off, and must not become urgent by that.
func TestEachRequestForAHistoryHasTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		noted := &punctual{}
		source := leisurely{noted, &waits{budget: withings.NewBudget(100, time.Now, nil)}}
		for range 3 {
			if _, err := source.Fetch(t.Context(), exporter.Device, exporter.Progress{}, nil); err != nil {
				t.Error(err)
			}
			if _, err := source.Page(t.Context(), exporter.Measure, exporter.Span{}, 0); err != nil {
				t.Error(err)
			}
			for _, due := range noted.due {
				if got := time.Until(due); got != leisure {
					t.Errorf("due in %s, want %s", got, leisure)
				}
			}
			noted.due = nil
			time.Sleep(time.Hour)
		}
	})
}

// queued is a source whose requests wait for the rate limit.
type queued struct {
	punctual
	budget *withings.Budget
}

func (q *queued) Page(ctx context.Context, _ exporter.Service, _ exporter.Span, _ int64) (exporter.Page, error) {
	return exporter.Page{}, q.budget.Wait(ctx)
}

// TestARequestThatWaitsSaysForHowLongAndWhy has an import begin again within the minute that an interrupted one has used up.
func TestARequestThatWaitsSaysForHowLongAndWhy(t *testing.T) {
	for _, c := range []struct {
		name  string
		limit int
		state func(t *testing.T, b *withings.Budget, path string) // what happened before the import
		want  string
	}{
		{name: "nothing was sent", limit: 100},
		{name: "a small limit that is used up", limit: 4, state: spent,
			want: `^Waiting for up to 1\ds: most of the rate limit was used in the last minute\.$`},
		{name: "a pause", limit: 100, state: func(_ *testing.T, b *withings.Budget, _ string) { b.CoolOff() },
			want: `^Waiting until \d\d:\d\d:\d\d: Withings asked for a pause \(too many requests with this client id\)\.$`},
		{name: "a serve with much to read", limit: 100, state: serving,
			want: `^Waiting, which may take minutes: another command, such as serve, uses the rate limit too and goes first\.$`},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "rate")
			synctest.Test(t, func(t *testing.T) {
				budget := withings.NewBudget(c.limit, time.Now, tallied(path))
				if c.state != nil {
					c.state(t, budget, path)
				}
				var said []string
				source := leisurely{&queued{budget: budget}, &waits{budget: budget, perMinute: c.limit, say: func(text string) { said = append(said, text) }}}
				began := time.Now()
				for range 2 {
					if _, err := source.Page(t.Context(), exporter.Measure, exporter.Span{}, 0); err != nil {
						t.Error(err)
					}
				}
				if (len(said) == 0) != (c.want == "") || len(said) > 0 && !regexp.MustCompile(c.want).MatchString(said[0]) {
					t.Errorf("told %q, want %q first", said, c.want)
				}
				if most := int(time.Since(began)/waitsAgain) + 1; len(said) > most {
					t.Errorf("told %d times, want %d at most: %q", len(said), most, said)
				}
			})
		})
	}
}

func tallied(path string) *withings.Tally {
	return withings.NewTally(path, slog.New(slog.DiscardHandler))
}

// spent is another process that has used up what the minute has room for.
func spent(t *testing.T, _ *withings.Budget, path string) {
	t.Helper()
	const limit = 4
	before := withings.NewBudget(limit, time.Now, tallied(path))
	for range limit {
		if err := before.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// serving is another process with hundreds of requests that are due.
func serving(t *testing.T, _ *withings.Budget, path string) {
	t.Helper()
	serve := withings.NewBudget(100, time.Now, tallied(path))
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for range 300 {
		running.Go(func() {
			var err error
			for err == nil {
				err = serve.Wait(ctx)
			}
		})
	}
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	<-time.After(10 * time.Second)
}
