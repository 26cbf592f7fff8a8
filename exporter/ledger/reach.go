package ledger

import (
	"time"

	"withings-exporter/exporter"
)

const (
	// mostOpen limits the open spans of a service.
	mostOpen = 64
	// edge is how much at the old end of what a cursor has read does not count as read,
	// since days and nights of different time zones meet there.
	edge = 48 * time.Hour
)

// Reach is how far a service is safe.
type Reach struct {
	exporter.Progress
	Covered exporter.Spans `json:"covered,omitempty"` // safe
	Open    exporter.Spans `json:"open,omitempty"`    // not safe, whatever cursor and covered spans say
}

// Reached is the reach itself, for a [Chapter] that has it embedded.
func (r *Reach) Reached() *Reach { return r }

// Check puts what is wanted in order, whatever the file has; nothing else can be wrong.
func (r *Reach) Check() error {
	r.Wanted = exporter.Spans(nil).AddAll(r.Wanted)
	return nil
}

// Forget drops how far the service is safe.
func (r *Reach) Forget() { *r = Reach{} }

// Reopen makes a span count as missing.
func (r *Reach) Reopen(span exporter.Span) {
	r.Leave(exporter.Spans{span})
	r.Success = time.Time{} // what is new is read again, too
}

// Leave keeps some spans open until they are covered.
func (r *Reach) Leave(open exporter.Spans) {
	r.Open = r.Open.AddAll(open.AtMost(mostOpen)).AtMost(mostOpen)
}

// Cover notes that a span is safe, apart from some spans in it.
func (r *Reach) Cover(span exporter.Span, open exporter.Spans) {
	r.Covered, r.Open = r.Covered.Add(span), r.Open.Without(span)
	r.Leave(open)
}

// missing lists the parts of a span that are not safe, the newest first. What a
// followed cursor has read stays safe, since it also reads changes.
func (r *Reach) missing(of exporter.Span, followed bool) []exporter.Span {
	covered := r.Covered
	if followed && !r.Updated.IsZero() && (!r.Back.IsZero() || r.Done) {
		back := r.Back
		if !back.IsZero() {
			back = back.Add(edge)
		}
		covered = covered.Add(exporter.Span{From: back, To: exporter.Always().To})
	}
	for _, open := range r.Open {
		covered = covered.Without(open)
	}
	return covered.Missing(of)
}
