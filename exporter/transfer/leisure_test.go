package transfer

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter"
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
		source := leisurely{noted}
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
