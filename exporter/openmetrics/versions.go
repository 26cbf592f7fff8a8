package openmetrics

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"withings-exporter/exporter"
)

// numberSize is how many bytes of a version are the number of its batch in the spool.
const numberSize = 8

// sortVersions sorts every version of every record by service and id, and adds the
// samples of minutes, which have no versions. It returns the spans for which an answer
// was complete.
func (p *past) sortVersions(ctx context.Context, s *Spool, to *sorter) (wholes, error) {
	spans := wholes{}
	var number uint64 // of the batch
	var key, value []byte
	batch := func(h head) error {
		number++
		if h.Whole != nil {
			spans.add(h.Service, whole{*h.Whole, number})
		}
		return ctx.Err()
	}
	record := func(service exporter.Service, content []byte) (err error) {
		if service.Row().Minutes {
			return p.sheet(s.profile, service, content)
		}
		if key, err = appendVersionKey(key[:0], service, content); err != nil {
			return err
		}
		value = append(binary.BigEndian.AppendUint64(value[:0], number), content...)
		return to.add(key, value)
	}
	if _, err := walk(s.read(), batch, record); err != nil {
		return nil, fmt.Errorf("read the history of profile %q: %w", s.profile, err)
	}
	return spans, nil
}

// appendVersionKey appends the key of a record, which sorts by service, then by id as
// a number: of two records of the same moment, the one with the higher id counts.
func appendVersionKey(key []byte, service exporter.Service, record []byte) ([]byte, error) {
	var r struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(record, &r); err != nil {
		return nil, errDamaged
	}
	key = append(append(key, service...), 0)
	key = binary.BigEndian.AppendUint32(key, uint32(len(r.ID)))
	return append(key, r.ID...), nil
}

func keyService(key []byte) exporter.Service { return exporter.Service(key[:bytes.IndexByte(key, 0)]) }

// whole is a span for which a batch is complete.
type whole struct {
	span   exporter.Span
	number uint64 // of the batch
}

type wholes map[exporter.Service][]whole

// add adds a span. Earlier ones inside it no longer matter.
func (w wholes) add(service exporter.Service, next whole) {
	kept := slices.DeleteFunc(w[service], func(was whole) bool {
		return !was.span.From.Before(next.span.From) && !was.span.To.After(next.span.To)
	})
	w[service] = append(kept, next)
}

// gone reports whether a complete batch between the two that have r lacks it.
func (w wholes) gone(r exporter.Record, after, before uint64) bool {
	return slices.ContainsFunc(w[r.Service], func(b whole) bool {
		return after < b.number && b.number < before && b.span.Has(r.Start)
	})
}

// latest applies the versions of a record in the order in which they came, by the
// rules of State.Apply. It returns the result, also as JSON; nil if the record was
// removed.
func latest(service exporter.Service, versions [][]byte, spans wholes) (r exporter.Record, held []byte, err error) {
	told := uint64(0) // the last batch that had the record
	for _, version := range versions {
		number, content := binary.BigEndian.Uint64(version), version[numberSize:]
		next, err := exporter.DecodeRecord(service, content)
		if err != nil {
			return r, nil, fmt.Errorf("read the history of %s: %w", service, err)
		}
		if held != nil && spans.gone(r, told, number) {
			held = nil
		}
		told = number
		if held != nil && !next.Replaces(&r) {
			continue
		}
		if held != nil && next.Damaged {
			next = next.Over(&r)
			if content, err = exporter.EncodeRecord(next); err != nil {
				return r, nil, err
			}
		}
		r, held = next, nil
		if len(r.Readings) > 0 {
			held = content
		}
	}
	if held != nil && spans.gone(r, told, math.MaxUint64) {
		held = nil
	}
	return r, held, nil
}
