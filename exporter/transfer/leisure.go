package transfer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/backfill"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/withings"
)

// leisure is how long after it is made a request for a history is due: what a serve
// needs meanwhile goes first, but cannot hold it up for longer.
const leisure = 5 * time.Minute

// leisurely is a source whose requests have time.
type leisurely struct {
	backfill.Source
	waits *waits
}

func (l leisurely) Fetch(ctx context.Context, service exporter.Service, p exporter.Progress, apply func(exporter.Batch)) (exporter.Fetched, error) {
	defer l.waits.during(ctx)()
	return l.Source.Fetch(exporter.Due(ctx, time.Now().Add(leisure)), service, p, apply)
}

func (l leisurely) Page(ctx context.Context, service exporter.Service, span exporter.Span, offset int64) (exporter.Page, error) {
	defer l.waits.during(ctx)()
	return l.Source.Page(exporter.Due(ctx, time.Now().Add(leisure)), service, span, offset)
}

const (
	// waitsLook is how often it is looked whether a request waits for the rate limit.
	waitsLook = 3 * time.Second
	// waitsOthers is how long a request waits before it is told that another process is why: one
	// that has just ended seems to wait for a moment.
	waitsOthers = 10 * time.Second
	// waitsAgain is how long after it was told that requests wait it is told again.
	waitsAgain = 5 * time.Minute
)

// waits tells that requests wait for the rate limit: for how long, and why.
type waits struct {
	budget    *withings.Budget
	perMinute int
	say       func(string)
	told      time.Time // used by one goroutine at a time, as an import has one request under way
}

// during looks after a request until the function is called that it returns.
func (w *waits) during(ctx context.Context) (done func()) {
	ctx, cancel := context.WithCancel(ctx)
	var looking sync.WaitGroup
	looking.Go(func() { w.look(ctx) })
	return func() {
		cancel()
		looking.Wait()
	}
}

func (w *waits) look(ctx context.Context) {
	look := time.NewTicker(waitsLook)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		if time.Since(w.told) < waitsAgain {
			continue
		}
		if text := w.text(ctx); text != "" {
			w.say(text)
			w.told = time.Now()
		}
	}
}

// text says that a request waits; it is empty if none does, or not for long.
func (w *waits) text(ctx context.Context) string {
	held := w.budget.Held()
	if held < waitsLook/2 { // Withings is being waited for, or a page after it
		return ""
	}
	if until := w.budget.Until(); !until.IsZero() {
		return fmt.Sprintf("Waiting until %s: Withings asked for a pause (too many requests with this client id).", until.Local().Format(time.TimeOnly))
	}
	outlook, err := w.budget.Outlook(ctx, 1)
	switch {
	case err != nil:
		return ""
	case outlook.Others && held < waitsOthers:
		return ""
	case outlook.Others:
		return "Waiting, which may take minutes: another command, such as serve, uses the rate limit too and goes first."
	case outlook.Takes < profiles.TellFrom:
		return ""
	}
	return profiles.Waits(outlook, 1, w.perMinute)
}
