package openmetrics

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"

	"withings-exporter/exporter"
	"withings-exporter/exporter/hint"
)

// A spool file is text, a line for each batch and one for each of its records:
//
//	1b2c3d4e {"service":"measure","records":2}
//	5f607182 {"id":"17","start":…}
//	93a4b5c6 {"id":"18","start":…}
//
// A batch of minutes has series instead of records, see [sheet]. Each line begins with
// a checksum (CRC-32C) of the JSON. A batch counts only if all of its lines are there,
// so one that a crash cut off does not.
//
// A database such as bbolt would sort as well, but it has no checksums of what it
// keeps and panics on a file that was cut off, where this one is read up to there.

// head is the first line of a batch.
type head struct {
	Service exporter.Service `json:"service"`
	Whole   *exporter.Span   `json:"whole,omitempty"` // the records are everything in this span
	Records int              `json:"records"`         // lines that follow; of minutes, series
}

// errDamaged says that a line is not as it was written.
var errDamaged = hint.Wrap(errors.New("one of its lines is damaged"), "run the command again to download it again")

const (
	checksumDigits = 8
	// maxLine bounds a record as JSON; an answer of Withings is smaller as a whole.
	maxLine = 64 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendLine appends JSON as a line of a spool file.
func appendLine(lines, content []byte) []byte {
	lines = appendChecksum(lines, content)
	lines = append(lines, ' ')
	lines = append(lines, content...)
	return append(lines, '\n')
}

func appendChecksum(to, content []byte) []byte {
	var sum [checksumDigits / 2]byte
	binary.BigEndian.PutUint32(sum[:], crc32.Checksum(content, castagnoli))
	return hex.AppendEncode(to, sum[:])
}

// lines reads a spool file.
type lines struct {
	scanner *bufio.Scanner
	offset  int64 // of the end of the line read last
}

func newLines(r io.Reader) *lines {
	l := &lines{scanner: bufio.NewScanner(r)}
	l.scanner.Buffer(nil, maxLine)
	l.scanner.Split(endedLines)
	return l
}

// endedLines is bufio.ScanLines, but without a last line that has no end.
func endedLines(data []byte, _ bool) (advance int, line []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	return 0, nil, nil
}

// next is the JSON of the next line, valid until the one after it is read; io.EOF at
// the end.
func (l *lines) next() ([]byte, error) {
	if !l.scanner.Scan() {
		err := l.scanner.Err()
		if errors.Is(err, bufio.ErrTooLong) {
			return nil, errDamaged
		}
		if err == nil {
			err = io.EOF
		}
		return nil, err
	}
	line := l.scanner.Bytes()
	if len(line) <= checksumDigits || line[checksumDigits] != ' ' {
		return nil, errDamaged
	}
	content := line[checksumDigits+1:]
	var sum [checksumDigits]byte
	if !bytes.Equal(appendChecksum(sum[:0], content), line[:checksumDigits]) {
		return nil, errDamaged
	}
	l.offset += int64(len(line)) + 1
	return content, nil
}

// batch reads the first line of the next batch.
func (l *lines) batch() (head, error) {
	content, err := l.next()
	if err != nil {
		return head{}, err
	}
	var h head
	if err := json.Unmarshal(content, &h); err != nil || h.Service == "" || h.Records < 0 {
		return head{}, errDamaged
	}
	return h, nil
}

// walk reads the batches of a spool file, each with its records. It returns how many
// bytes at the beginning are whole batches, and errDamaged if there is anything else
// after them.
func walk(r io.Reader, batch func(head) error, record func(exporter.Service, []byte) error) (whole int64, err error) {
	l := newLines(r)
	for {
		h, err := l.batch()
		if err == io.EOF {
			return whole, nil
		}
		if err == nil {
			err = batch(h)
		}
		for i := 0; i < h.Records && err == nil; i++ {
			var content []byte
			if content, err = l.next(); err == nil {
				err = record(h.Service, content)
			} else if err == io.EOF {
				err = errDamaged
			}
		}
		if err != nil {
			return whole, err
		}
		whole = l.offset
	}
}

// intact is how many bytes at the beginning of a spool file are whole batches. Damage
// after them is not an error here.
func intact(r io.Reader) (int64, error) {
	whole, err := walk(r, func(head) error { return nil }, func(exporter.Service, []byte) error { return nil })
	if errors.Is(err, errDamaged) {
		err = nil
	}
	return whole, err
}
