package openmetrics

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
)

const (
	// runBuffer is the memory for reading or writing a run, in bytes.
	runBuffer = 32 << 10
	// runPattern names temporary files as the state directory does, which removes those
	// that a crash has left.
	runPattern = ".openmetrics.tmp-*"
)

// run is a temporary file of sorted pairs, and the place up to which it is read.
type run struct {
	file       *os.File
	in         *bufio.Reader
	size       int // 0, or one more than that of the runs that it was joined from
	order      int // the earlier run has the earlier values
	key, value []byte
}

// newRun makes a file and, where the system allows it, removes it from the folder at
// once, since it holds health data.
func newRun(dir string) (*run, error) {
	file, err := os.CreateTemp(dir, runPattern)
	if err != nil {
		return nil, err
	}
	_ = os.Remove(file.Name())
	return &run{file: file}, nil
}

func (r *run) close() error {
	err := r.file.Close()
	_ = os.Remove(r.file.Name()) // if it could not be removed while open
	return err
}

// next reads the next pair; io.EOF at the end.
func (r *run) next() error {
	key, err := binary.ReadUvarint(r.in)
	if err != nil {
		return err
	}
	value, err := binary.ReadUvarint(r.in)
	if err != nil {
		return io.ErrUnexpectedEOF
	}
	r.key = slices.Grow(r.key[:0], int(key))[:key]
	r.value = slices.Grow(r.value[:0], int(value))[:value]
	if _, err := io.ReadFull(r.in, r.key); err != nil {
		return io.ErrUnexpectedEOF
	}
	if _, err := io.ReadFull(r.in, r.value); err != nil {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// merge yields the pairs of all runs in order.
func merge(runs []*run, yield func(key, value []byte) error) error {
	var front frontier
	for i, r := range runs {
		if _, err := r.file.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("sort the history: %w", err)
		}
		r.in, r.order = bufio.NewReaderSize(r.file, runBuffer), i
		if err := r.next(); err == nil {
			front = append(front, r)
		} else if err != io.EOF {
			return fmt.Errorf("sort the history: %w", err)
		}
	}
	heap.Init(&front)
	for len(front) > 0 {
		first := front[0]
		if err := yield(first.key, first.value); err != nil {
			return err
		}
		switch err := first.next(); err {
		case nil:
			heap.Fix(&front, 0)
		case io.EOF:
			heap.Pop(&front)
		default:
			return fmt.Errorf("sort the history: %w", err)
		}
	}
	return nil
}

// frontier is a heap (container/heap) of the runs that are not at their end, by key.
type frontier []*run

func (f frontier) Len() int { return len(f) }

func (f frontier) Less(i, j int) bool {
	return cmp.Or(bytes.Compare(f[i].key, f[j].key), cmp.Compare(f[i].order, f[j].order)) < 0
}

func (f frontier) Swap(i, j int) { f[i], f[j] = f[j], f[i] }

func (f *frontier) Push(r any) { *f = append(*f, r.(*run)) }

func (f *frontier) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}
