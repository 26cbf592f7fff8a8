package backfill

import (
	"sync"
	"time"

	"withings-exporter/exporter"
)

// Summary is what a run has imported. It is safe for concurrent use.
type Summary struct {
	Requests int       // that Withings has answered, set when the run has ended
	Refused  []Refused // by targets, set when the run has ended
	Failed   []string  // profiles that are not complete, set when the run has ended
	Unkept   bool      // a target did not take what was read at the end, so it is read again; set when the run has ended

	Lacked map[exporter.Service]bool // of what something of the past was missing when the run came to it

	mu     sync.Mutex // guards what follows
	groups map[exporter.Group]Part
	seen   int
}

// Refused is what a target has rejected of a profile.
type Refused struct {
	Profile string
	exporter.Refusal
}

// Part is what was imported of a group of metrics.
type Part struct {
	Readings    int
	First, Last time.Time // starts of the records that have them
}

// NewSummary is an empty summary.
func NewSummary() *Summary {
	return &Summary{Lacked: map[exporter.Service]bool{}, groups: map[exporter.Group]Part{}}
}

// Of is what was imported of a group.
func (s *Summary) Of(g exporter.Group) Part {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.groups[g]
}

// Records is how many records were imported, whatever they have readings of.
func (s *Summary) Records() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// Add counts a batch.
func (s *Summary) Add(b exporter.Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range b.Records {
		s.count(&b.Records[i])
	}
}

// count adds a record to each group it has readings of. What was added up of naps has been counted as their sessions.
func (s *Summary) count(r *exporter.Record) {
	if len(r.Readings) == 0 {
		return
	}
	if !r.OfNaps() {
		s.seen++
	}
	at := r.Start
	if at.Unix() <= 0 { // a device has no beginning
		at = r.End
	}
	for _, reading := range r.Readings {
		g := reading.Metric.Group
		part := s.groups[g]
		part.Readings++
		if part.First.IsZero() || at.Before(part.First) {
			part.First = at
		}
		if at.After(part.Last) {
			part.Last = at
		}
		s.groups[g] = part
	}
}
