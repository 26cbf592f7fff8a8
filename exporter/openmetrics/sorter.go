package openmetrics

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/statedir"
)

const (
	// maxArena is how many bytes a sorter holds before it writes a sorted run.
	maxArena = 2 << 20
	// joined is how many runs of a size become one, and there are few sizes: when they
	// are merged in the end, each needs a file and a buffer.
	joined = 32
)

// sorter sorts pairs of key and value by key, as many as the disk holds: it collects
// them in memory, writes sorted runs when there are too many, and merges these.
type sorter struct {
	dir     string // for the runs
	limit   int    // bytes in memory
	arena   []byte
	entries []entry
	runs    []*run // the earliest first
}

// entry is where in the arena a key is, followed by its value.
type entry struct{ at, key, value int }

const entrySize = 24

func newSorter(dir string) *sorter { return &sorter{dir: dir, limit: maxArena} }

// add adds a pair; both slices are copied.
func (s *sorter) add(key, value []byte) error {
	held := len(s.arena) + len(s.entries)*entrySize
	if held > 0 && held+len(key)+len(value)+entrySize > s.limit {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.entries = append(s.entries, entry{at: len(s.arena), key: len(key), value: len(value)})
	s.arena = append(append(s.arena, key...), value...)
	return nil
}

// spill writes what is in memory as a run.
func (s *sorter) spill() error {
	key := func(e entry) []byte { return s.arena[e.at : e.at+e.key] }
	slices.SortFunc(s.entries, func(a, b entry) int {
		return cmp.Or(bytes.Compare(key(a), key(b)), cmp.Compare(a.at, b.at))
	})
	err := s.write(func(put func(key, value []byte) error) error {
		for _, e := range s.entries {
			if err := put(key(e), s.arena[e.at+e.key:e.at+e.key+e.value]); err != nil {
				return err
			}
		}
		return nil
	})
	s.arena, s.entries = s.arena[:0], s.entries[:0]
	for n := len(s.runs); err == nil && n >= joined && s.runs[n-joined].size == s.runs[n-1].size; n = len(s.runs) {
		err = s.join(n - joined)
	}
	return err
}

// join merges the runs from one on, the latest, into one of the next size. So each pair
// is written again once for every size, however many there are.
func (s *sorter) join(from int) error {
	old := slices.Clone(s.runs[from:])
	s.runs = s.runs[:from]
	err := s.write(func(put func(key, value []byte) error) error { return merge(old, put) })
	if len(s.runs) > from {
		s.runs[from].size = old[0].size + 1
	}
	for _, r := range old {
		err = errors.Join(err, r.close())
	}
	return err
}

// write makes a run of the pairs that fill puts, in that order.
func (s *sorter) write(fill func(put func(key, value []byte) error) error) error {
	r, err := newRun(s.dir)
	if err != nil {
		return hint.Wrap(fmt.Errorf("sort the history: %w", err), statedir.Hint(err))
	}
	s.runs = append(s.runs, r)
	out := bufio.NewWriterSize(r.file, runBuffer)
	err = fill(func(key, value []byte) error {
		var sizes [2 * binary.MaxVarintLen64]byte
		n := binary.PutUvarint(sizes[:], uint64(len(key)))
		n += binary.PutUvarint(sizes[n:], uint64(len(value)))
		// A bufio.Writer returns its first error again at Flush.
		_, _ = out.Write(sizes[:n])
		_, _ = out.Write(key)
		_, err := out.Write(value)
		return err
	})
	if err := errors.Join(err, out.Flush()); err != nil {
		return hint.Wrap(fmt.Errorf("sort the history: %w", err), statedir.Hint(err))
	}
	return nil
}

// groups calls yield with each key, in order, and all of its values in the order in
// which they were added. The slices are valid until yield returns.
func (s *sorter) groups(ctx context.Context, yield func(key []byte, values [][]byte) error) error {
	if err := s.spill(); err != nil {
		return err
	}
	s.arena, s.entries = nil, nil // room for the buffers of the runs
	var current, held []byte
	var values [][]byte
	flush := func() error {
		if len(values) == 0 {
			return nil
		}
		return yield(current, values)
	}
	err := merge(s.runs, func(key, value []byte) error {
		if len(values) == 0 || !bytes.Equal(key, current) {
			if err := errors.Join(ctx.Err(), flush()); err != nil {
				return err
			}
			current, held, values = append(current[:0], key...), held[:0], values[:0]
		}
		from := len(held)
		held = append(held, value...)
		values = append(values, held[from:])
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

// close removes the runs.
func (s *sorter) close() error {
	var err error
	for _, r := range s.runs {
		err = errors.Join(err, r.close())
	}
	s.runs = nil
	return err
}
