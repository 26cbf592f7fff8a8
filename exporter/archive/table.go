package archive

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// table is an open CSV file, its header read.
type table struct {
	in     *bounded
	csv    *csv.Reader
	header []string
}

// open reads the header of an entry and finds out what separates its fields. left are
// the bytes that may be unpacked.
func (im *importer) open(entry *zip.File, left *int64) (*table, error) {
	in, err := unpack(entry, left)
	if err != nil {
		return nil, err
	}
	t := &table{in: in}
	if err := t.begin(); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

func (t *table) begin() error {
	text := bufio.NewReader(t.in)
	start, err := text.Peek(text.Size())
	if err != nil && err != io.EOF {
		return err
	}
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return refusal("UTF-16 text; save it as UTF-8")
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		_, _ = text.Discard(3) // they have just been seen
		start = start[3:]
	}
	if bytes.IndexByte(start, '\n') < 0 && bytes.IndexByte(start, '\r') >= 0 {
		t.csv = csv.NewReader(oldMac{text})
	} else {
		t.csv = csv.NewReader(text)
	}
	t.csv.Comma = separator(start)
	t.csv.TrimLeadingSpace = t.csv.Comma != '\t' // a tab is such a space
	t.csv.FieldsPerRecord = -1                   // rows shorter than their header do occur
	t.csv.LazyQuotes = true
	header, err := t.next()
	if err == io.EOF {
		return refusal("empty")
	}
	t.header = header
	return err
}

// oldMac reads lines that end with carriage returns alone.
type oldMac struct{ from io.Reader }

func (o oldMac) Read(p []byte) (int, error) {
	n, err := o.from.Read(p)
	for i, c := range p[:n] {
		if c == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

// separator is what separates the fields of the first line.
func separator(start []byte) rune {
	counts := map[byte]int{}
	quoted := false
line:
	for _, c := range start {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n', c == '\r':
			break line
		default:
			counts[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte(";\t") {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return rune(best)
}

// next is the next row, io.EOF after the last.
func (t *table) next() ([]string, error) {
	t.in.row = maxRow
	fields, err := t.csv.Read()
	if malformed := (*csv.ParseError)(nil); errors.As(err, &malformed) {
		return nil, refusal("damaged: " + malformed.Error())
	}
	return fields, err
}

func (t *table) close() { _ = t.in.from.Close() } // it was only read

// blank reports whether a row says nothing.
func blank(fields []string) bool {
	for _, f := range fields {
		if strings.TrimSpace(f) != "" {
			return false
		}
	}
	return true
}
