package influx

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"withings-exporter/exporter"
)

// point has the readings of a record with the same measurement and tags.
type point struct {
	group       exporter.Group
	measurement string
	tags        string // in line protocol, without the measurement
	fields      []exporter.Reading
}

// pointsOf sorts the readings of a record into points. The tags are the profile and
// the labels of the metric.
func pointsOf(profile string, r *exporter.Record) []point {
	var points []point
	plain := tagsOf(profile, exporter.Reading{}) // most readings have no other tag
	for _, reading := range r.Readings {
		group, tags := reading.Metric.Group, plain
		if reading.Labels != "" {
			tags = tagsOf(profile, reading)
		}
		i := slices.IndexFunc(points, func(p point) bool { return p.group == group && p.tags == tags })
		if i < 0 {
			i = len(points)
			points = append(points, point{group: group, measurement: exporter.Prefix + string(group), tags: tags})
			if i == 0 { // where most of them go
				points[0].fields = make([]exporter.Reading, 0, len(r.Readings))
			}
		}
		points[i].fields = append(points[i].fields, reading)
	}
	return points
}

// tagsOf writes the tags of a reading, sorted by key as InfluxDB advises. Labels
// without a value are left out.
func tagsOf(profile string, reading exporter.Reading) string {
	tags := [][2]string{{"profile", profile}}
	for i, value := range reading.Labels.Values() {
		if value != "" {
			tags = append(tags, [2]string{reading.Metric.Labels[i], value})
		}
	}
	slices.SortFunc(tags, func(a, b [2]string) int { return cmp.Compare(a[0], b[0]) })
	var text strings.Builder
	for _, tag := range tags {
		text.WriteByte(',')
		text.WriteString(tag[0])
		text.WriteByte('=')
		text.WriteString(escape(tag[1]))
	}
	return text.String()
}

var escaper = strings.NewReplacer(",", `\,`, "=", `\=`, " ", `\ `)

func escape(value string) string { return escaper.Replace(tagValue(value)) }

// tagValue is a label as the value of a tag. Line protocol allows neither a line
// feed in it nor a backslash at its end, which becomes a full-width one.
func tagValue(label string) string {
	value := strings.Join(strings.FieldsFunc(label, func(r rune) bool { return r == '\n' || r == '\r' || r == '\t' }), " ")
	cut := strings.TrimRight(value, `\`)
	return cut + strings.Repeat("＼", len(value)-len(cut))
}

// line appends a point in line protocol, times in seconds. Values are decimals
// all the way: InfluxDB reads them as floats. The encoder of InfluxData takes
// float64 alone: it writes a million as 1e+06, and rounds at 17 digits.
func (p *point) line(buf []byte, at time.Time) []byte {
	buf = append(buf, p.measurement...)
	buf = append(buf, p.tags...)
	for i, f := range p.fields {
		buf = append(buf, " ,"[min(i, 1)])
		buf = append(buf, f.Metric.Field()...)
		buf = append(buf, '=')
		buf = f.Value.Append(buf)
	}
	buf = append(buf, ' ')
	buf = strconv.AppendInt(buf, at.Unix(), 10)
	return append(buf, '\n')
}

// outline is what the ledger needs to see whether a record has changed.
type outline struct {
	hash uint64   // of everything that is written
	keys uint64   // of measurements, tags and fields, without values and time
	in   []string // its measurements
}

func outlineOf(points []point, at time.Time) outline {
	var o outline
	whole, keys := fnv.New64a(), fnv.New64a()
	var buf []byte
	for i := range points {
		p := &points[i]
		buf = p.line(buf[:0], at)
		_, _ = whole.Write(buf)
		_, _ = keys.Write([]byte(p.measurement + p.tags))
		for _, f := range p.fields {
			_, _ = keys.Write([]byte(" " + f.Metric.Name))
		}
		if !slices.Contains(o.in, p.measurement) {
			o.in = append(o.in, p.measurement)
		}
	}
	o.hash, o.keys = whole.Sum64(), keys.Sum64()
	return o
}
