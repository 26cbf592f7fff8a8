package openmetrics

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/statedir"
)

// Put appends batches. They are safe once Advance or Cover has returned after it.
// Services without a history are not kept.
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

// Vanishing counts nothing: a spool does not remember single records, and it never
// gets an answer that would remove some.
func (s *Spool) Vanishing(exporter.Batch) (held, gone int) { return 0, 0 }

func (s *Spool) put(b exporter.Batch) error {
	if b.Service.Row().Current || len(b.Records) == 0 && b.Whole == nil {
		return nil
	}
	text, err := encode(b)
	if err != nil {
		return fmt.Errorf("keep the history of profile %q: %w", s.profile, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.file.WriteAt(text, s.length); err != nil {
		// The next batch overwrites the part of this one that was written; it is cut off
		// here for a reader that comes earlier.
		_ = s.file.Truncate(s.length)
		return hint.Wrap(fmt.Errorf("keep the history of profile %q: %w", s.profile, err), statedir.Hint(err))
	}
	s.length += int64(len(text))
	return nil
}

// encode writes a batch as lines of a spool file.
func encode(b exporter.Batch) ([]byte, error) {
	content := records
	if b.Service.Row().Minutes {
		content = sheets
	}
	all, err := content(b)
	if err != nil {
		return nil, err
	}
	first, err := json.Marshal(head{Service: b.Service, Whole: b.Whole, Records: len(all)})
	if err != nil {
		return nil, err
	}
	text := appendLine(nil, first)
	for _, line := range all {
		text = appendLine(text, line)
	}
	return text, nil
}

// records turns the records of a batch into lines.
func records(b exporter.Batch) (lines [][]byte, err error) {
	zone, err := time.LoadLocation(b.Timezone)
	if err != nil {
		zone = time.UTC
	}
	for _, r := range b.Records {
		r.End = r.Ended(zone) // now, since a saved record has no time zone
		line, err := exporter.EncodeRecord(r)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}
