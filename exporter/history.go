package exporter

import (
	"encoding/json"
	"fmt"
)

// EncodeRecord writes a record as JSON, as it is in a state file. The service
// is not in it.
func EncodeRecord(r Record) ([]byte, error) {
	data, err := json.Marshal(jsonOf(r))
	if err != nil {
		return nil, fmt.Errorf("write record %q as JSON: %w", r.ID, err)
	}
	return data, nil
}

// DecodeRecord reads what EncodeRecord wrote of a record of the service.
// Readings that the catalogue has no row for are left out; an error says that
// it is no record, or one whose times are out of range.
func DecodeRecord(service Service, data []byte) (Record, error) {
	var w recordJSON
	if err := json.Unmarshal(data, &w); err != nil {
		return Record{}, fmt.Errorf("not a record: %w", err)
	}
	r, _, err := w.record(service)
	if err != nil {
		return Record{}, fmt.Errorf("record %q: %w", w.ID, err)
	}
	return r, nil
}
