package exporter

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"
)

// MarshalJSON writes everything that Restore needs: what json.Marshal would write of a stateJSON. It is done after every poll, of
// which finding each of some thousand fields by reflection was the greater part.
func (s *State) MarshalJSON() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, err := json.Marshal(stateHead{stateVersion, s.profile, s.user, CatalogID(), s.timezone})
	if err != nil {
		return nil, fmt.Errorf("write a state as JSON: %w", err)
	}
	text = append(text[:len(text)-1], `,"services":{`...)
	for i, name := range slices.Sorted(maps.Keys(s.services)) {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(stringText(text, string(name)), ':')
		if text, err = serviceText(text, s.services[name].progress, s.all(name)); err != nil {
			return nil, err
		}
	}
	tail, err := json.Marshal(stateTail{s.learned})
	if err != nil {
		return nil, fmt.Errorf("write a state as JSON: %w", err)
	}
	if text = append(text, '}'); len(tail) > len("{}") {
		text = append(text, ',')
	}
	return append(text, tail[1:]...), nil
}

// serviceText adds a serviceJSON.
func serviceText(text []byte, progress Progress, records []Record) ([]byte, error) {
	head, err := json.Marshal(progress)
	if err != nil {
		return nil, fmt.Errorf("write a state as JSON: %w", err)
	}
	if text = append(text, head...); len(records) == 0 {
		return text, nil
	}
	if text = text[:len(text)-1]; len(head) > len("{}") {
		text = append(text, ',')
	}
	text = append(text, `"records":[`...)
	for i := range records {
		if i > 0 {
			text = append(text, ',')
		}
		if text, err = recordText(text, &records[i]); err != nil {
			return nil, err
		}
	}
	return append(text, ']', '}'), nil
}

// recordText adds a recordJSON. It fails if a time has no year of four digits.
func recordText(text []byte, r *Record) ([]byte, error) {
	text = stringText(append(text, `{"id":`...), r.ID)
	if r.Date != "" {
		text = stringText(append(text, `,"date":`...), r.Date)
	}
	var err error
	for _, is := range []struct {
		key string
		at  time.Time
	}{{`,"start":"`, r.Start}, {`,"end":"`, r.End}, {`,"modified":"`, r.Modified}} {
		if is.at.IsZero() && is.key == `,"modified":"` {
			continue
		}
		if text, err = is.at.UTC().AppendText(append(text, is.key...)); err != nil {
			return nil, fmt.Errorf("write record %q as JSON: %w", r.ID, err)
		}
		text = append(text, '"')
	}
	text = append(text, `,"readings":`...)
	if len(r.Readings) == 0 {
		text = append(text, "null"...)
	}
	for i, reading := range r.Readings {
		open := byte(',')
		if i == 0 {
			open = '['
		}
		text = stringText(append(append(text, open), `{"metric":`...), reading.Metric.Name)
		text = labelsText(text, reading.Labels)
		text = append(reading.Value.Append(append(text, `,"value":`...)), '}')
	}
	if len(r.Readings) > 0 {
		text = append(text, ']')
	}
	if r.Damaged {
		text = append(text, `,"damaged":true`...)
	}
	if zone := r.Start.Location(); r.Service.Row().zoned && zone != time.UTC && zone != time.Local {
		text = stringText(append(text, `,"zone":`...), zone.String())
	}
	return append(text, '}'), nil
}

// labelsText adds the labels of a reading, if it has any.
func labelsText(text []byte, labels Labels) []byte {
	for i, value := range labels.Values() {
		if i == 0 {
			text = append(text, `,"labels":[`...)
		} else {
			text = append(text, ',')
		}
		text = stringText(text, value)
	}
	if labels != "" {
		text = append(text, ']')
	}
	return text
}

// stringText adds a string as json.Marshal does.
func stringText(text []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // of a string, it never fails
			return append(text, quoted...)
		}
	}
	return append(append(append(text, '"'), s...), '"')
}
