package openmetrics

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"withings-exporter/exporter"
)

// Options say what goes into a file.
type Options struct {
	Since time.Time // moments before it are left out; zero: none is too old
	Until time.Time // moments from it on are left out; zero: none is too new
	Now   time.Time // nothing less than three hours older is written
	Temp  string    // folder for sorting, which needs as much space as the file; "": that of the system
}

// has reports whether a moment belongs into the file; none before 1970 does.
func (o *Options) has(t time.Time) bool {
	return t.Unix() > 0 && !t.Before(o.Since) && (o.Until.IsZero() || t.Before(o.Until)) &&
		!t.After(o.Now.Add(-lateness))
}

// Summary is what a file holds.
type Summary struct {
	Records int // measure groups, days, sessions and workouts with samples; minutes are not counted
	Samples int
	Bytes   int64
	Groups  map[exporter.Group]Extent
}

// Extent is the number of samples of a group, and their first and last time.
type Extent struct {
	Samples     int
	First, Last time.Time
}

// Write writes the history of one or more profiles as one OpenMetrics file, from
// beginning to end, so w may be a file, a pipe or the body of a request. After an
// error the file must not be used; it lacks the last line then, which readers notice.
// The spools do not change.
func Write(ctx context.Context, w io.Writer, spools []*Spool, o Options) (sum Summary, err error) {
	p := past{options: o, samples: newSorter(o.Temp)}
	defer func() { err = errors.Join(err, p.samples.close()) }()
	for _, s := range spools {
		if err := p.add(ctx, s); err != nil {
			return Summary{}, err
		}
	}
	out := output{w: bufio.NewWriterSize(w, outputBuffer), sum: Summary{Groups: map[exporter.Group]Extent{}}}
	out.sum.Records = p.records
	if err := p.samples.groups(ctx, out.sample); err != nil {
		return out.sum, err
	}
	return out.sum, out.end()
}

// outputBuffer is how many bytes are written at once.
const outputBuffer = 64 << 10

// output writes sorted samples.
type output struct {
	w      *bufio.Writer
	metric *exporter.Metric // of the family under way
	line   []byte
	sum    Summary
}

// sample writes one sample.
func (o *output) sample(key []byte, values [][]byte) error {
	m, labels, measured := splitSampleKey(key)
	o.line = o.line[:0]
	if m != o.metric {
		o.metric = m
		o.line = append(o.line, header(m)...)
	}
	o.line = appendSample(o.line, m.FullName(), labels, changedLast(values), measured)
	o.sum.count(m.Group, measured)
	return o.write(o.line)
}

func (o *output) write(text []byte) error {
	n, err := o.w.Write(text)
	o.sum.Bytes += int64(n)
	if err != nil {
		return fmt.Errorf("write the OpenMetrics file: %w", err)
	}
	return nil
}

func (o *output) end() error {
	if err := o.write([]byte(ending)); err != nil {
		return err
	}
	if err := o.w.Flush(); err != nil {
		return fmt.Errorf("write the OpenMetrics file: %w", err)
	}
	return nil
}

// count adds a sample to the summary.
func (s *Summary) count(group exporter.Group, measured time.Time) {
	e := s.Groups[group]
	if e.Samples == 0 || measured.Before(e.First) {
		e.First = measured
	}
	if measured.After(e.Last) {
		e.Last = measured
	}
	e.Samples++
	s.Groups[group] = e
	s.Samples++
}
