package exporter

import (
	"encoding/json"
	"fmt"
)

// EncodeRecord writes a record as JSON, as in a state file; without its service.
func EncodeRecord(r Record) ([]byte, error) {
	return recordText(nil, &r)
}

// DecodeRecord reads what EncodeRecord wrote. Readings without a row in the
// catalogue are left out. It fails on anything that is not a record and on times
// out of range.
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
