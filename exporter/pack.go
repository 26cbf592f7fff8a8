package exporter

import (
	"encoding/binary"
	"time"
)

// pack is the records of one service at rest. Between two polls nobody looks at them, and there are weeks of them for each
// of maybe thousands of people: packed they take about a tenth of their space, and the garbage collector has nothing
// to look at. What is unpacked is a copy, without what is not saved either: its maker. A nil pack has no records.
type pack struct {
	text              string           // the records one after the other, as packer writes them
	zones             []*time.Location // where records began, if not in UTC
	records, readings int
	newest            time.Time // when the last of them ended, which is asked for at every look at the status page
}

// The flags of a packed record.
const (
	packedDateIsID = 1 << iota // its date is its id, and written only once
	packedDamaged
	packedZone  // it began in another zone than UTC
	packedNanos // its times have fractions of seconds
)

const (
	packedLabels   = 1 << 6          // the reading has labels; the bits below are its exponent …
	packedExponent = 1 + maxExponent // … with this added, so that it is positive
)

// packed are some records at rest; nil for none.
func packed(records []Record) *pack {
	if len(records) == 0 {
		return nil
	}
	p, newest := packer{}, time.Time{}
	for i := range records {
		p.record(&records[i])
		newest = Later(newest, records[i].End)
	}
	return &pack{text: string(p.text), zones: p.zones, records: len(records), readings: p.readings, newest: newest.UTC()}
}

// count is the number of records.
func (p *pack) count() int {
	if p == nil {
		return 0
	}
	return p.records
}

// last is when the last of the records ended; zero if there is none.
func (p *pack) last() time.Time {
	if p == nil {
		return time.Time{}
	}
	return p.newest
}

// unpack are the records, of a service. Times but the beginning are in UTC.
func (p *pack) unpack(service Service) []Record {
	if p == nil {
		return nil
	}
	u := unpacker{text: p.text, zones: p.zones}
	records, readings := make([]Record, p.records), make([]Reading, p.readings)
	for i := range records {
		r := &records[i]
		*r = u.record(service)
		n := u.length()
		r.Readings, readings = readings[:n:n], readings[n:]
		for j := range r.Readings {
			r.Readings[j] = u.reading()
		}
	}
	return records
}

// packer writes records.
type packer struct {
	text     []byte
	zones    []*time.Location
	readings int
}

func (p *packer) record(r *Record) {
	start, end, modified := r.Start, r.End, r.Modified
	flags := byte(0)
	set := func(flag byte, is bool) {
		if is {
			flags |= flag
		}
	}
	nanos := start.Nanosecond() != 0 || end.Nanosecond() != 0 || modified.Nanosecond() != 0
	set(packedDateIsID, r.Date == r.ID)
	set(packedDamaged, r.Damaged)
	set(packedZone, start.Location() != time.UTC)
	set(packedNanos, nanos)
	p.text = append(p.text, flags)
	p.string(r.ID)
	if flags&packedDateIsID == 0 {
		p.string(r.Date)
	}
	p.signed(start.Unix())
	p.signed(end.Unix() - start.Unix())
	p.signed(modified.Unix() - end.Unix())
	if nanos {
		p.length(start.Nanosecond())
		p.length(end.Nanosecond())
		p.length(modified.Nanosecond())
	}
	if flags&packedZone != 0 {
		p.length(p.zone(start.Location()))
	}
	p.length(len(r.Readings))
	for _, reading := range r.Readings {
		p.reading(reading)
	}
	p.readings += len(r.Readings)
}

func (p *packer) reading(r Reading) {
	head := byte(r.Value.exponent + packedExponent)
	if r.Labels != "" {
		head |= packedLabels
	}
	p.text = append(p.text, head)
	p.length(r.Metric.number)
	p.signed(r.Value.mantissa)
	if r.Labels != "" {
		p.string(string(r.Labels))
	}
}

// zone is the place of a time zone among the zones.
func (p *packer) zone(is *time.Location) int {
	for i, zone := range p.zones {
		if zone == is {
			return i
		}
	}
	p.zones = append(p.zones, is)
	return len(p.zones) - 1
}

func (p *packer) length(n int)    { p.text = binary.AppendUvarint(p.text, uint64(n)) }
func (p *packer) signed(n int64)  { p.text = binary.AppendVarint(p.text, n) }
func (p *packer) string(s string) { p.length(len(s)); p.text = append(p.text, s...) }

// unpacker reads what packer has written. The strings that it returns are parts of the text.
type unpacker struct {
	text  string
	zones []*time.Location
}

// record is all of a record but its readings.
func (u *unpacker) record(service Service) Record {
	flags := u.byte()
	r := Record{Service: service, ID: u.string(), Damaged: flags&packedDamaged != 0}
	if r.Date = r.ID; flags&packedDateIsID == 0 {
		r.Date = u.string()
	}
	start := u.signed()
	end := start + u.signed()
	modified := end + u.signed()
	var nanos [3]int
	if flags&packedNanos != 0 {
		nanos = [3]int{u.length(), u.length(), u.length()}
	}
	r.Start, r.End, r.Modified = time.Unix(start, int64(nanos[0])).UTC(), time.Unix(end, int64(nanos[1])).UTC(), time.Unix(modified, int64(nanos[2])).UTC()
	if flags&packedZone != 0 {
		r.Start = r.Start.In(u.zones[u.length()])
	}
	return r
}

func (u *unpacker) reading() Reading {
	head := u.byte()
	r := Reading{Metric: &rows[u.length()]}
	r.Value = Decimal{mantissa: u.signed(), exponent: int(head&^packedLabels) - packedExponent}
	if head&packedLabels != 0 {
		r.Labels = Labels(u.string())
	}
	return r
}

func (u *unpacker) byte() byte {
	b := u.text[0]
	u.text = u.text[1:]
	return b
}

func (u *unpacker) length() int { return int(u.unsigned()) }

// unsigned is binary.Uvarint of a string.
func (u *unpacker) unsigned() (n uint64) {
	for shift := 0; ; shift += 7 {
		b := u.byte()
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
}

// signed is binary.Varint of a string.
func (u *unpacker) signed() int64 {
	n := u.unsigned()
	return int64(n>>1) ^ -int64(n&1)
}

func (u *unpacker) string() string {
	n := u.length()
	s := u.text[:n]
	u.text = u.text[n:]
	return s
}
