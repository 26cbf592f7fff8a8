package openmetrics

import (
	"context"
	"errors"
	"fmt"
	"time"

	"withings-exporter/exporter"
)

// lateness is how long ago a moment must be to be in the file: Prometheus keeps
// up to three hours in its head, and blocks must not reach into that.
const lateness = 3 * time.Hour

// past brings what the records of spools show into a sorter of samples.
type past struct {
	options    Options
	samples    *sorter
	key, value []byte // of the sample under way
	records    int    // that show something
}

// add brings in a spool: its records by id, so that the last version of each
// counts, and of those the sleep sessions by date, so that those of one night
// meet.
func (p *past) add(ctx context.Context, s *Spool) (err error) {
	versions, sessions := newSorter(p.options.Temp), newSorter(p.options.Temp)
	defer func() { err = errors.Join(err, versions.close(), sessions.close()) }()
	spans, err := sortVersions(ctx, s, versions)
	if err != nil {
		return err
	}
	err = versions.groups(ctx, func(key []byte, values [][]byte) error {
		r, held, err := latest(keyService(key), values, spans)
		switch {
		case err != nil || held == nil || r.OfNaps(): // naps are counted once all sessions are known
			return err
		case r.Service == exporter.Sleep:
			return sessions.add([]byte(r.Date), held)
		}
		return p.record(s.profile, r)
	})
	if err != nil {
		return err
	}
	return sessions.groups(ctx, func(_ []byte, values [][]byte) error { return p.night(s.profile, values) })
}

// record brings in what a record shows by itself, from the moment at which it
// ended. A day shows as yesterday from then on.
func (p *past) record(profile string, r exporter.Record) error {
	if !p.options.has(r.End) {
		return nil
	}
	p.records++
	for _, reading := range r.Readings {
		labels := reading.Labels
		if r.Service == exporter.Activity {
			labels = "yesterday"
		}
		if err := p.sample(profile, exporter.Sample{Metric: reading.Metric, Labels: labels, Value: reading.Value, Measured: r.End}, r.Modified); err != nil {
			return err
		}
	}
	return nil
}

// night brings in the sessions of one date, which show together when the
// longest has ended.
func (p *past) night(profile string, sessions [][]byte) error {
	records := make([]exporter.Record, len(sessions))
	for i, content := range sessions {
		var err error
		if records[i], err = exporter.DecodeRecord(exporter.Sleep, content); err != nil {
			return fmt.Errorf("read the history of %s: %w", exporter.Sleep, err)
		}
	}
	samples := exporter.Night(records)
	if !p.options.has(samples[0].Measured) {
		return nil
	}
	p.records += len(records)
	for _, s := range samples {
		if err := p.sample(profile, s, time.Time{}); err != nil {
			return err
		}
	}
	return nil
}

// sample brings in one sample. Of two of the same series and moment the one
// changed later counts.
func (p *past) sample(profile string, s exporter.Sample, changed time.Time) error {
	p.key = appendSampleKey(p.key[:0], profile, s)
	p.value = appendSampleValue(p.value[:0], s.Value, changed)
	return p.samples.add(p.key, p.value)
}
