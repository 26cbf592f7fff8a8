package exporter

import (
	"context"
	"errors"
	"time"
)

// ErrNeedsPerson is behind an error that stays until a person changes something.
// Any other may pass.
var ErrNeedsPerson = errors.New("a person has to act")

// ErrOfAll is behind an error of a sink that concerns the sinks of all profiles, such as that of a server.
var ErrOfAll = errors.New("concerns all")

// Sink keeps every reading of one profile and remembers how far it has come:
// Withings is asked again for what it has not acknowledged. It is safe for
// concurrent use.
type Sink interface {
	// Ready returns nil if the sink accepts readings now. After an error, of any method,
	// it does so only once something was acknowledged: that ends an outage.
	Ready(ctx context.Context) error
	// Put writes batches in their order and returns nil when everything in them is
	// safe. Putting the same again changes nothing.
	Put(ctx context.Context, batches ...Batch) error
	// Vanishing counts the records that the sink remembers in the span of a complete
	// answer, and how many of them are missing from it.
	Vanishing(Batch) (held, gone int)
	// Progress is how far a service is safe.
	Progress(Service) Progress
	// Advance records how far a service is safe, and returns when the record is safe.
	Advance(Service, func(*Progress)) error
}

// Watcher is a Sink that can be asked between polls whether its server is there; it may answer from memory. After an error Ready
// returns nil only once something was acknowledged.
type Watcher interface {
	Watch(ctx context.Context) error
}

// History is a sink that years are imported into, span by span.
type History interface {
	Sink
	// Missing lists the parts of a span that are not safe yet, the newest first.
	Missing(Service, Span) []Span
	// Cover puts batches and then records, in one step, that everything Withings has in
	// some spans is safe, except refused readings. With it, move changes how far a
	// service of the batches is safe; it may be nil.
	Cover(ctx context.Context, safe map[Service]Spans, move func(Service, *Progress), batches ...Batch) error
	// Reopen makes a whole span count as missing, of some services or else of all.
	Reopen(Span, ...Service) error
	// Taken returns a batch that was put without its refused readings.
	Taken(Batch) Batch
	// Refused lists what the target has rejected since this History was made and not
	// accepted later.
	Refused() []Refusal
}

// Refusal is the readings of one group that a target rejected by name for one
// reason, while it accepted others.
type Refusal struct {
	Group       Group
	Reason      string // in words, as in "older than the retention policy allows"
	Told        string // the target's own words, safe to log
	Remedy      string // what a person can do about it
	Points      int
	Readings    int
	First, Last time.Time // of the points
}
