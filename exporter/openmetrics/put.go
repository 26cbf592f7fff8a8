package openmetrics

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"withings-exporter/exporter"
)

// hasPast reports whether a service tells of the past. Withings knows devices
// and goals only as they are.
func hasPast(service exporter.Service) bool {
	return service != exporter.Device && service != exporter.Goal
}

// Put appends batches. They outlive the process once Bind, Advance or Cover has
// written a progress file, and a power cut once Advance or Cover has returned
// after it. What has no history is not kept.
func (s *Spool) Put(ctx context.Context, batches ...exporter.Batch) error {
	for _, b := range batches {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.put(b); err != nil {
			return err
		}
	}
	return nil
}

// Vanishing is nothing: a spool does not know by heart what it has, and is given
// no answer by which something would be gone.
func (s *Spool) Vanishing(exporter.Batch) (held, gone int) { return 0, 0 }

func (s *Spool) put(b exporter.Batch) error {
	if !hasPast(b.Service) || len(b.Records) == 0 && b.Whole == nil {
		return nil
	}
	text, err := encode(b)
	if err != nil {
		return fmt.Errorf("keep the history of profile %q: %w", s.profile, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return s.closed()
	}
	if _, err := s.file.WriteAt(text, s.length); err != nil {
		// The next batch is written over what has come of this one; cutting it
		// off is for a reader that comes before.
		_ = s.file.Truncate(s.length)
		return fmt.Errorf("keep the history of profile %q: %w; free some space on that disk", s.profile, err)
	}
	s.length += int64(len(text))
	return nil
}

// encode writes a batch as lines of a spool file.
func encode(b exporter.Batch) ([]byte, error) {
	first, err := json.Marshal(head{b.Service, b.Whole, len(b.Records)})
	if err != nil {
		return nil, err
	}
	text := appendLine(nil, first)
	zone, err := time.LoadLocation(b.Timezone)
	if err != nil {
		zone = time.UTC
	}
	for _, r := range b.Records {
		if b.Service == exporter.Activity {
			r.End = dayEnd(r, zone)
		}
		content, err := exporter.EncodeRecord(r)
		if err != nil {
			return nil, err
		}
		text = appendLine(text, content)
	}
	return text, nil
}

// dayEnd is the midnight after a day, which is 23 or 25 hours long where the
// clocks change. It is worked out while the time zone is at hand: a saved
// record has none. The zone of the row counts, it is where the person was; that
// of the profile is for a row which came without; and should neither have a
// midnight where the day began, the day has 24 hours.
func dayEnd(r exporter.Record, profile *time.Location) time.Time {
	date, err := time.Parse(time.DateOnly, r.Date)
	if err != nil {
		return r.Start.Add(24 * time.Hour)
	}
	for _, zone := range []*time.Location{r.Start.Location(), profile} {
		if start, ok := exporter.DayStart(r.Date, zone); ok && start.Equal(r.Start) {
			end, _ := exporter.DayStart(date.AddDate(0, 0, 1).Format(time.DateOnly), zone)
			return end
		}
	}
	return r.Start.Add(24 * time.Hour)
}
