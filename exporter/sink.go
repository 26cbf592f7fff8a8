package exporter

import (
	"context"
	"errors"
)

// ErrMend is behind an error that stays until somebody has mended something. Any
// other may pass by itself.
var ErrMend = errors.New("somebody must mend it")

// Sink keeps every reading of one profile, and remembers by itself how far it
// has come: what it has not acknowledged is asked of Withings once more. It is
// safe for concurrent use.
type Sink interface {
	// Ready returns nil when the sink takes readings at this moment.
	Ready(ctx context.Context) error
	// Put returns nil when everything in the batches is safe, which are taken in
	// their order. What is put again changes nothing.
	Put(ctx context.Context, batches ...Batch) error
	// Progress is how far a service is safe.
	Progress(Service) Progress
	// Advance records how far a service is safe, and returns when that itself
	// is safe.
	Advance(Service, func(*Progress)) error
}

// History is a sink that years are brought into, stretch by stretch.
type History interface {
	Sink
	// Missing lists what of a span is not safe yet, the newest first.
	Missing(Service, Span) []Span
	// Cover records that everything Withings has in a span is safe.
	Cover(Service, Span) error
}
