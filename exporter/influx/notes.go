package influx

import (
	"fmt"
	"slices"
	"strings"
)

// Notes tell what the database does not have as Withings has it, although it
// takes writes: a sentence each. They are from memory.
func (s *Sink) Notes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}

// notice keeps what the ledger says for Notes.
func (s *Sink) notice(b *book) {
	where := map[string][]string{} // measurements by reason
	pending := 0
	for _, c := range b.Services {
		pending += len(c.Pending)
		for _, r := range c.Refused {
			if !slices.Contains(where[r.Reason], r.Measurement) {
				where[r.Reason] = append(where[r.Reason], r.Measurement)
			}
		}
	}
	var notes []string
	for _, reason := range []string{ReasonRetention, ReasonConflict, ReasonLine, ReasonOther} {
		if in := where[reason]; len(in) > 0 {
			slices.Sort(in)
			notes = append(notes, fmt.Sprintf("InfluxDB rejects points of %s: %s. What to do: %s; they are tried again every hour.",
				strings.Join(in, ", "), reason, remedy(reason)))
		}
	}
	switch {
	case pending == 1:
		notes = append(notes, "InfluxDB still has 1 point that Withings deleted or moved, since it does not delete now; that is tried again every hour.")
	case pending > 1:
		notes = append(notes, fmt.Sprintf("InfluxDB still has %d points that Withings deleted or moved, since it does not delete now; that is tried again every hour.", pending))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = notes
}
