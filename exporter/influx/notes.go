package influx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"
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
			notes = append(notes, fmt.Sprintf("InfluxDB rejects points of %s: %s. What to do: %s; the points are tried again every hour.",
				strings.Join(in, ", "), reason, remedy(reason)))
		}
	}
	if pending > 0 {
		notes = append(notes, fmt.Sprintf("InfluxDB still has %s that Withings has deleted or moved; deleting is tried again every hour.",
			english.Plural(pending, "point", "")))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = notes
}
