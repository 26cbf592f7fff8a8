package openmetrics

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"withings-exporter/exporter"
)

// numberSize is how many bytes in front of a version tell the number of its
// batch in the spool.
const numberSize = 8

// sortVersions sorts every version of every record by service and id. It
// returns the spans of which an answer told everything.
func sortVersions(ctx context.Context, s *Spool, to *sorter) (_ wholes, err error) {
	in, err := s.read()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	v := versions{lines: newLines(in), to: to, spans: wholes{}}
	for {
		err := ctx.Err()
		if err == nil {
			err = v.batch()
		}
		switch {
		case err == io.EOF:
			return v.spans, nil
		case err != nil:
			return nil, fmt.Errorf("read the history of profile %q: %w", s.profile, err)
		}
	}
}

// versions is a spool file on its way into a sorter.
type versions struct {
	lines      *lines
	number     uint64 // of the batch
	to         *sorter
	key, value []byte // of the record under way
	spans      wholes
}

// batch takes in the next batch; io.EOF when there is none.
func (v *versions) batch() error {
	h, err := v.lines.batch()
	if err != nil {
		return err
	}
	v.number++
	if h.Whole != nil {
		v.spans.add(h.Service, whole{*h.Whole, v.number})
	}
	for range h.Records {
		content, err := v.lines.next()
		if err == io.EOF {
			return errDamaged
		}
		if err != nil {
			return err
		}
		if err := v.record(h.Service, content); err != nil {
			return err
		}
	}
	return nil
}

func (v *versions) record(service exporter.Service, content []byte) (err error) {
	if v.key, err = appendVersionKey(v.key[:0], service, content); err != nil {
		return err
	}
	v.value = append(binary.BigEndian.AppendUint64(v.value[:0], v.number), content...)
	return v.to.add(v.key, v.value)
}

// appendVersionKey appends the key of a record, which sorts by service, then by
// id: the shorter first, for ids are numbers, and the higher counts where two
// tell of the same moment.
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

// whole is a span of which a batch told everything.
type whole struct {
	span   exporter.Span
	number uint64 // of the batch
}

type wholes map[exporter.Service][]whole

// add takes in a span. Earlier ones inside it have nothing to say any more.
func (w wholes) add(service exporter.Service, next whole) {
	kept := slices.DeleteFunc(w[service], func(was whole) bool {
		return !was.span.From.Before(next.span.From) && !was.span.To.After(next.span.To)
	})
	w[service] = append(kept, next)
}

// gone reports whether a batch between the two that tell of r should have told
// of it and did not.
func (w wholes) gone(r exporter.Record, after, before uint64) bool {
	return slices.ContainsFunc(w[r.Service], func(b whole) bool {
		return after < b.number && b.number < before && b.span.Has(r.Start)
	})
}

// latest plays the versions of a record in the order in which they came, by the
// rules of State.Apply. It returns the one that is left, also as JSON; nil when
// it was taken back, or is no longer told of.
func latest(service exporter.Service, versions [][]byte, spans wholes) (r exporter.Record, held []byte, err error) {
	told := uint64(0) // the batch that last told of the record
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
