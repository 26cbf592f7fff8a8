package exporter

import (
	"context"
	"errors"
	"time"
)

// ErrNeedsPerson is behind an error that stays until a person has changed
// something. Any other may pass by itself.
var ErrNeedsPerson = errors.New("a person has to act")

// Sink keeps every reading of one profile, and remembers by itself how far it
// has come: what it has not acknowledged is asked of Withings once more. It is
// safe for concurrent use.
type Sink interface {
	// Ready returns nil when the sink takes readings at this moment.
	Ready(ctx context.Context) error
	// Put returns nil when everything in the batches is safe, which are taken in
	// their order. What is put again changes nothing.
	Put(ctx context.Context, batches ...Batch) error
	// Vanishing counts the records that the sink remembers in the span of a whole
	// answer, and those of them that the answer does not have.
	Vanishing(Batch) (held, gone int)
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
	// Cover records that everything Withings has in a span is safe, what was
	// refused of it excepted.
	Cover(Service, Span) error
	// Reopen lets everything in a span be missing, whatever is safe.
	Reopen(Span) error
	// Taken returns a batch that was put, without the readings that were refused.
	Taken(Batch) Batch
	// Refused lists what the target has given up since this History was made, and
	// not taken later.
	Refused() []Refusal
}

// Refusal is what a target has given up of the readings of one group for one
// reason: readings that it named, while it took others.
type Refusal struct {
	Group       Group
	Reason      string // in words, as in "older than the retention policy allows"
	Told        string // what the target said, fit for a log
	Points      int
	Readings    int
	First, Last time.Time // of the points
}
