package transfer

import (
	"context"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/backfill"
)

// leisure is how long after it is made a request for a history is due: what a serve
// needs meanwhile goes first, but cannot hold it up for longer.
const leisure = 5 * time.Minute

// leisurely is a source whose requests have time.
type leisurely struct{ backfill.Source }

func (l leisurely) Fetch(ctx context.Context, service exporter.Service, p exporter.Progress, apply func(exporter.Batch)) (exporter.Fetched, error) {
	return l.Source.Fetch(exporter.Due(ctx, time.Now().Add(leisure)), service, p, apply)
}

func (l leisurely) Page(ctx context.Context, service exporter.Service, span exporter.Span, offset int64) (exporter.Page, error) {
	return l.Source.Page(exporter.Due(ctx, time.Now().Add(leisure)), service, span, offset)
}
