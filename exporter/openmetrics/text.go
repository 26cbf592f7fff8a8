package openmetrics

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"withings-exporter/exporter"
)

// ending is the last line of a file.
const ending = "# EOF\n"

// escaper writes label values and help as the format wants them.
var escaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

func escape(text string) string { return escaper.Replace(strings.ToValidUTF8(text, "�")) }

// profileLabel begins the labels of every sample.
const profileLabel = `{profile="`

// appendLabels appends {profile="…",…}: the profile first, then those of the
// metric's own labels that have a value, sorted by name.
func appendLabels(text []byte, profile string, s exporter.Sample) []byte {
	text = append(append(text, profileLabel...), escape(profile)...)
	values := s.Labels.Values()
	own := make([]int, 0, len(values))
	for i := range values {
		if values[i] != "" && i < len(s.Metric.Labels) {
			own = append(own, i)
		}
	}
	slices.SortFunc(own, func(a, b int) int { return strings.Compare(s.Metric.Labels[a], s.Metric.Labels[b]) })
	for _, i := range own {
		text = append(append(text, `",`...), s.Metric.Labels[i]...)
		text = append(append(text, `="`...), escape(values[i])...)
	}
	return append(text, `"}`...)
}

// header describes a family, before its samples.
func header(m *exporter.Metric) string {
	name := m.FullName()
	text := fmt.Sprintf("# HELP %s %s\n# TYPE %s gauge\n", name, escape(m.Help), name)
	if unit := unitOf(m); unit != "" {
		text += fmt.Sprintf("# UNIT %s %s\n", name, unit)
	}
	return text
}

// unitOf is the unit for OpenMetrics, the last words of the name; "" for a plain
// number. There, info is a kind of metric, not a unit, and a timestamp is in seconds.
func unitOf(m *exporter.Metric) string {
	switch m.Unit {
	case exporter.Info:
		return ""
	case exporter.Timestamp:
		return exporter.Seconds.Ending
	}
	return m.Unit.Ending
}

// appendSample appends the line of a sample. Time is in seconds, with three
// digits after the point where it is between two.
func appendSample(line []byte, name string, labels, value []byte, measured time.Time) []byte {
	line = append(append(line, name...), labels...)
	line = append(append(append(line, ' '), value...), ' ')
	line = strconv.AppendInt(line, measured.Unix(), 10)
	if ms := measured.UnixMilli() % 1000; ms != 0 {
		line = fmt.Appendf(line, ".%03d", ms)
	}
	return append(line, '\n')
}

// Whole reports whether a file has been written to its end, by its last line.
func Whole(path string) (bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || info.Size() < int64(len(ending)) {
		return false, err
	}
	last := make([]byte, len(ending))
	_, err = file.ReadAt(last, info.Size()-int64(len(ending)))
	return err == nil && string(last) == ending, err
}
