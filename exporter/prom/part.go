package prom

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"

	"withings-exporter/exporter"
)

// part is what a page shows of one profile, without what all profiles have in common:
// names and help. It has the series, grouped by family in the order of families:
//
//	family  uvarint
//	count   uvarint     of its series, and for each
//	size    uvarint     twice the length of the line, plus one if the value is written without a point
//	line    text        from after the brace to the end of the line
//
// A part is never modified, since a scrape may be reading it.
type part []byte

// newPart writes the part of a profile, whose samples are those of a snapshot.
func newPart(p Profile, samples []exporter.Sample) part {
	all := make([]byte, 0, 128*len(samples)+1024)
	var group, line []byte
	var of *family
	count := uint64(0)
	flush := func() {
		if count > 0 {
			all = binary.AppendUvarint(all, uint64(of.id))
			all = binary.AppendUvarint(all, count)
			all = append(all, group...)
		}
		group, count = group[:0], 0
	}
	walk(p, samples, func(f *family, labels []label, value float64) {
		if f != of {
			flush()
			of = f
		}
		line = appendLabels(line[:0], labels)
		number := len(line)
		line = appendValue(line, value)
		size := uint64(len(line)+1) << 1
		if pointless(line[number:]) {
			size++
		}
		line = append(line, '\n')
		group = append(binary.AppendUvarint(group, size), line...)
		count++
	})
	flush()
	return bytes.Clone(all)
}

// escape writes the value of a label.
var escape = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// appendLabels writes labels from after the brace to the space before the value.
func appendLabels(to []byte, labels []label) []byte {
	for i, l := range labels {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(append(to, l.name...), `="`...)
		to = append(append(to, escape.Replace(l.value)...), '"')
	}
	return append(to, "} "...)
}

// appendValue writes a value as the text format does.
func appendValue(to []byte, value float64) []byte {
	if value == 0 {
		return append(to, '0') // also for one with a sign
	}
	return strconv.AppendFloat(to, value, 'g', -1, 64)
}

// pointless reports whether OpenMetrics wants a point and a zero after a value.
func pointless(value []byte) bool { return !bytes.ContainsAny(value, ".eIN") }

// nobody comes after every family.
const nobody = 1<<16 - 1

// cursor is how far a part has been written.
type cursor struct {
	part part
	at   int // after the number of the next family
}

// next takes the number of the next family.
func (c *cursor) next() uint16 {
	if c.at == len(c.part) {
		return nobody
	}
	var family int
	family, c.at = number(c.part, c.at)
	return uint16(family)
}

// lines writes the series of the family that was the next one. They begin with its name and a brace.
func (c *cursor) lines(to []byte, begin string, open bool) []byte {
	count, at := number(c.part, c.at)
	var size int
	for ; count > 0; count-- {
		size, at = number(c.part, at)
		line := c.part[at : at+size>>1]
		at += len(line)
		to = append(append(to, begin...), line...)
		if open && size&1 == 1 {
			to = append(to[:len(to)-1], ".0\n"...)
		}
	}
	c.at = at
	return to
}

// number reads a uvarint and returns it with the place after it.
func number(text []byte, at int) (n, next int) {
	value, size := binary.Uvarint(text[at:])
	return int(value), at + size
}
