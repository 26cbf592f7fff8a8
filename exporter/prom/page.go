package prom

import "strings"

// page writes all metrics in one of the two text formats.
type page struct {
	open   bool      // OpenMetrics instead of Prometheus' own format
	parts  []part    // of the profiles, by name
	others []heading // sorted by name

	// How far each part has been written, and its next family.
	cursors []cursor
	next    []uint16

	// Memory for what is written, and for what that becomes compressed with gzip.
	text, zipped []byte
}

// heading is a family of another gatherer as text.
type heading struct {
	name string
	text []byte
	wild bool // it is different at each scrape
}

// fewPeople is how many profiles are written before a piece of a page may end. It ends
// after the same profiles when something before it has become longer, so that the
// pieces that follow stay the same.
const fewPeople = 8

// write writes the page: a family at a time, and in each one profile after another.
func (p *page) write(buf []byte, out outlet) []byte {
	p.cursors, p.next = p.cursors[:0], p.next[:0]
	for _, part := range p.parts {
		c := cursor{part: part}
		p.next = append(p.next, c.next())
		p.cursors = append(p.cursors, c)
	}
	for _, f := range families {
		buf = p.before(f.name, buf, out)
		told, id := false, uint16(f.id)
		for i, family := range p.next {
			if family != id {
				continue
			}
			if !told {
				buf, told = f.appendHead(buf, p.open), true
			}
			c := &p.cursors[i]
			buf = c.lines(buf, f.begin, p.open)
			p.next[i] = c.next()
			if i%fewPeople == fewPeople-1 {
				buf = out.offer(buf)
			}
		}
		buf = out.offer(buf)
	}
	buf = p.before("\xff", buf, out)
	if p.open {
		buf = append(buf, "# EOF\n"...)
	}
	clear(p.cursors)
	return buf
}

// before writes the other families whose names come before one.
func (p *page) before(name string, buf []byte, out outlet) []byte {
	for len(p.others) > 0 && p.others[0].name < name {
		is := p.others[0]
		p.others = p.others[1:]
		buf = append(buf, is.text...)
		if is.wild && (len(p.others) == 0 || !p.others[0].wild) {
			buf = out.seal(buf)
		}
		buf = out.offer(buf)
	}
	return buf
}

// appendHead writes what comes before the series of a family.
func (f *family) appendHead(to []byte, open bool) []byte {
	to = append(append(append(to, "# HELP "...), f.name...), ' ')
	switch {
	case strings.IndexByte(f.help, '"') < 0 && strings.IndexByte(f.help, '\\') < 0 && strings.IndexByte(f.help, '\n') < 0:
		to = append(to, f.help...) // to search it thrice is faster than to have it replaced
	case open:
		to = append(to, escape.Replace(f.help)...)
	default:
		to = append(to, escapeHelp.Replace(f.help)...)
	}
	return append(append(append(to, "\n# TYPE "...), f.name...), " gauge\n"...)
}

// escapeHelp writes the help of a family in Prometheus' own format, in which quotes are
// not escaped; those of OpenMetrics are, like those of labels.
var escapeHelp = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
