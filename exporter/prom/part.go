package prom

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"

	"withings-exporter/exporter"
)

// part is what a page shows of one profile, without what all profiles have in common:
// names, help, and the label with the name of the profile. A part is never modified,
// since a scrape may be reading it.
type part struct {
	profile string // the label with the name of the profile, as on a page

	// text has the series, grouped by family in the order of families:
	//
	//	family  uvarint
	//	count   uvarint     of its series, and for each
	//	before  uvarint, text       from the brace to the profile
	//	after   uvarint, text       from the profile to the value
	//
	// The first uvarint of after is twice its length, plus one for a value that is
	// written without a point.
	text []byte
}

// newPart writes the part of a profile, whose samples are those of a snapshot.
func newPart(p Profile, samples []exporter.Sample) *part {
	all := &part{profile: `profile="` + escape.Replace(p.State.Profile()) + `"`}
	var group, text []byte
	var of *family
	count := uint64(0)
	flush := func() {
		if count > 0 {
			text = binary.AppendUvarint(text, uint64(of.id))
			text = binary.AppendUvarint(text, count)
			text = append(text, group...)
		}
		group, count = group[:0], 0
	}
	var before, after []byte
	walk(p, samples, func(f *family, labels []label, value float64) {
		if f != of {
			flush()
			of = f
		}
		before, after = append(before[:0], '{'), after[:0]
		side := &before
		for _, l := range labels {
			if l.name == "profile" {
				side = &after
				continue
			}
			if side == &after {
				after = append(after, ',')
			}
			*side = append(append(append(*side, l.name...), `="`...), escape.Replace(l.value)...)
			*side = append(*side, '"')
			if side == &before {
				before = append(before, ',')
			}
		}
		after = append(after, "} "...)
		number := len(after)
		after = appendValue(after, value)
		group = binary.AppendUvarint(group, uint64(len(before)))
		group = append(group, before...)
		group = binary.AppendUvarint(group, uint64(len(after))<<1|whole(after[number:]))
		group = append(group, after...)
		count++
	})
	flush()
	all.text = bytes.Clone(text)
	return all
}

// escape writes the value of a label.
var escape = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// appendValue writes a value as the text format does.
func appendValue(to []byte, value float64) []byte {
	if value == 0 {
		return append(to, '0') // also for one with a sign
	}
	return strconv.AppendFloat(to, value, 'g', -1, 64)
}

// whole is 1 for a value that OpenMetrics wants a point and a zero after.
func whole(value []byte) uint64 {
	if bytes.ContainsAny(value, ".eIN") {
		return 0
	}
	return 1
}

// nobody comes after every family.
const nobody = 1<<16 - 1

// next takes the number of the next family from the text of a part.
func next(text []byte) (family uint16, rest []byte) {
	if len(text) == 0 {
		return nobody, nil
	}
	id, rest := number(text)
	return uint16(id), rest
}

// lines writes the series of one family, whose number was taken from the text before,
// and returns what follows.
func (p *part) lines(to, text []byte, name string, open bool) (written, rest []byte) {
	count, text := number(text)
	for range count {
		var n uint64
		n, text = number(text)
		before := text[:n]
		n, text = number(text[n:])
		after := text[:n>>1]
		text = text[n>>1:]
		to = append(to, name...)
		to = append(to, before...)
		to = append(to, p.profile...)
		to = append(to, after...)
		if open && n&1 == 1 {
			to = append(to, ".0"...)
		}
		to = append(to, '\n')
	}
	return to, text
}

// number is binary.Uvarint, faster for the short ones.
func number(text []byte) (uint64, []byte) {
	if text[0] < 0x80 {
		return uint64(text[0]), text[1:]
	}
	n, size := binary.Uvarint(text)
	return n, text[size:]
}
