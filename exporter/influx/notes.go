package influx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"
)

// Notes say, in a sentence each, where the database differs from Withings although it
// accepts writes. They come from memory.
func (s *Sink) Notes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}

// notice makes the Notes from the ledger.
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
			notes = append(notes, fmt.Sprintf("InfluxDB rejects points of %s: %s. What to do: %s; once the cause is gone, they are written within the hour.",
				strings.Join(in, ", "), reason, s.writer.remedy(reason)))
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
