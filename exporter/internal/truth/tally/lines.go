package tally

import (
	"bufio"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// WriteLines writes points in InfluxDB's line protocol in the given order, with times
// in nanoseconds. Adjacent points with the same measurement, tags and time share a
// line, so sorted points need the fewest lines.
func WriteLines(w io.Writer, points []Point) error {
	out := bufio.NewWriterSize(w, 1<<16)
	for i, p := range points {
		switch {
		case i > 0 && sameLine(points[i-1], p):
			out.WriteByte(',')
		case i > 0:
			endLine(out, points[i-1])
			fallthrough
		default:
			out.WriteString(measurementEscapes.Replace(p.Measurement))
			for _, name := range slices.Sorted(maps.Keys(p.Tags)) {
				if value := p.Tags[name]; value != "" {
					out.WriteString("," + lineEscapes.Replace(name) + "=" + lineEscapes.Replace(value))
				}
			}
			out.WriteByte(' ')
		}
		out.WriteString(lineEscapes.Replace(p.Field) + "=" + Text(p.Value))
	}
	if len(points) > 0 {
		endLine(out, points[len(points)-1])
	}
	return out.Flush()
}

func endLine(out *bufio.Writer, p Point) {
	out.WriteString(" " + strconv.FormatInt(p.Time.UnixNano(), 10) + "\n")
}

func sameLine(a, b Point) bool {
	return a.Measurement == b.Measurement && a.Time.Equal(b.Time) && tagText(a.Tags) == tagText(b.Tags)
}

// A line break cannot be part of a name: it would end the line, and the server would
// report an error.
var (
	measurementEscapes = strings.NewReplacer(`,`, `\,`, ` `, `\ `)
	lineEscapes        = strings.NewReplacer(`,`, `\,`, ` `, `\ `, `=`, `\=`)
)
