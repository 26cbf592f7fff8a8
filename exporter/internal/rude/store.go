package rude

import (
	"maps"
	"math/big"
	"net/url"
	"strings"
	"time"

	"withings-exporter/exporter/internal/truth/tally"
)

// database is what a peer has stored, guarded by the peer's lock.
type database struct {
	stored    map[tally.Key]*stored
	deletions []Deletion
}

// stored are the values of one field of one series.
type stored struct {
	measurement string
	tags        map[string]string
	at          map[int64]Field // UNIX nanoseconds
}

func (s *stored) value(f Field) value {
	return value{measurement: s.measurement, tags: s.tags, field: f}
}

// values are all that are stored.
func (d *database) values(yield func(spot, value) bool) {
	for series, s := range d.stored {
		for at, f := range s.at {
			if !yield(spot{series, at}, s.value(f)) {
				return
			}
		}
	}
}

// spot is one field of one series at one time.
type spot struct {
	series tally.Key
	at     int64 // UNIX nanoseconds
}

type value struct {
	measurement string
	tags        map[string]string
	field       Field
}

// Deletion is a request to delete.
type Deletion struct {
	Statement   string    // of InfluxQL
	Predicate   string    // of InfluxDB 2, with
	Start, Stop time.Time // a span, both ends included
	Removed     int       // values
}

// store stores lines; points that are written again are stored once.
func (d *database) store(lines []Line) {
	if d.stored == nil {
		d.stored = map[tally.Key]*stored{}
	}
	for _, line := range lines {
		for _, f := range line.Fields {
			key := tally.Point{Measurement: line.Measurement, Tags: line.Tags, Field: f.Name}.Key()
			s := d.stored[key]
			if s == nil {
				s = &stored{measurement: line.Measurement, tags: line.Tags, at: map[int64]Field{}}
				d.stored[key] = s
			}
			s.at[line.Time.UnixNano()] = f
		}
	}
}

// remove deletes the values that a function picks.
func (d *database) remove(asked Deletion, picks func(spot, value) bool) {
	asked.Removed = d.drop(picks)
	d.deletions = append(d.deletions, asked)
}

// drop does so, and tells how many there were.
func (d *database) drop(picks func(spot, value) bool) (n int) {
	for series, s := range d.stored {
		n += len(s.at)
		maps.DeleteFunc(s.at, func(at int64, f Field) bool { return picks(spot{series, at}, s.value(f)) })
		n -= len(s.at)
	}
	return n
}

// Store stores lines as if they had been written.
func (c *Call) Store(lines []Line) { c.Peer.note(func() { c.Peer.db.store(lines) }) }

// Lines returns the lines of a write.
func (c *Call) Lines() ([]Line, error) {
	text, err := c.Body()
	if err != nil {
		return nil, err
	}
	return ParseLines(string(text), c.R.URL.Query().Get("precision"))
}

// Write stores points in line protocol, with times in seconds, without a request.
func (p *Peer) Write(lines string) error {
	parsed, err := ParseLines(lines, "s")
	if err == nil {
		p.note(func() { p.db.store(parsed) })
	}
	return err
}

// Drop deletes everything, as if the database had been dropped and created again.
func (p *Peer) Drop() { p.note(func() { p.db.stored = nil }) }

// DropIf deletes the stored lines that a function picks; each has one field.
func (p *Peer) DropIf(pick func(Line) bool) {
	p.note(func() {
		p.db.drop(func(s spot, v value) bool {
			return pick(Line{Measurement: v.measurement, Tags: v.tags, Fields: []Field{v.field}, Time: time.Unix(0, s.at).UTC()})
		})
	})
}

// Deletions returns the delete requests in order.
func (p *Peer) Deletions() []Deletion {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Deletion(nil), p.db.deletions...)
}

// Points returns the stored numbers, sorted by time. [Peer.Texts] has the strings and
// booleans.
func (p *Peer) Points() []tally.Point {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []tally.Point
	for s, v := range p.db.values {
		if n := v.field.Number(); n != nil {
			all = append(all, v.point(s, n))
		}
	}
	tally.Sort(all)
	return all
}

func (v value) point(s spot, n *big.Rat) tally.Point {
	return tally.Point{Measurement: v.measurement, Tags: v.tags, Field: v.field.Name, Time: time.Unix(0, s.at).UTC(), Value: n}
}

// Sums returns how many numbers each series has, and their exact sum.
func (p *Peer) Sums() tally.Sums { return tally.Sum(p.Points()) }

// Texts are the stored values that are no numbers, by series and time in UNIX
// nanoseconds, as they were written.
func (p *Peer) Texts() map[tally.Key]map[int64]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[tally.Key]map[int64]string{}
	for s, v := range p.db.values {
		if v.field.Number() == nil {
			if all[s.series] == nil {
				all[s.series] = map[int64]string{}
			}
			all[s.series][s.at] = v.field.Text
		}
	}
	return all
}

// missing reports whether a parameter is missing or empty.
func missing(q url.Values, name string) bool { return strings.TrimSpace(q.Get(name)) == "" }
