package openmetrics

import (
	"context"
	"errors"
	"fmt"
	"time"

	"withings-exporter/exporter"
)

// lateness is how old a sample in the file must be: Prometheus keeps up to three hours
// in its head, and imported blocks must not overlap with that.
const lateness = 3 * time.Hour

// past turns the records of spools into samples, for a sorter.
type past struct {
	options    Options
	samples    *sorter
	key, value []byte            // of the current sample
	shown      []exporter.Sample // of the current records
	page       sheet             // the current one
	records    int               // records with samples, without minutes
}

// add adds a spool: the last version of each record, the records of a date together
// where they are shown together, such as the sleep sessions of a night, and minutes.
func (p *past) add(ctx context.Context, s *Spool) (err error) {
	versions, dates := newSorter(p.options.Temp), newSorter(p.options.Temp)
	defer func() { err = errors.Join(err, versions.close(), dates.close()) }()
	spans, err := p.sortVersions(ctx, s, versions)
	if err != nil {
		return err
	}
	err = versions.groups(ctx, func(key []byte, values [][]byte) error {
		service := keyService(key)
		r, held, err := latest(service, values, spans)
		switch row := service.Row(); {
		case err != nil || held == nil || r.OfNaps(): // naps are counted once all sessions are known
			return err
		case row.Together:
			return dates.add([]byte(string(service)+"\x00"+r.Date), held)
		default:
			return p.show(s.profile, row, r.Modified, r)
		}
	})
	if err != nil {
		return err
	}
	return dates.groups(ctx, func(key []byte, values [][]byte) error {
		service := keyService(key)
		records := make([]exporter.Record, len(values))
		for i, content := range values {
			var err error
			if records[i], err = exporter.DecodeRecord(service, content); err != nil {
				return fmt.Errorf("read the history of %s: %w", service, err)
			}
		}
		return p.show(s.profile, service.Row(), time.Time{}, records...)
	})
}

// show adds the samples of records once they have ended.
func (p *past) show(profile string, row *exporter.ServiceRow, changed time.Time, records ...exporter.Record) error {
	p.shown = row.AppendPast(p.shown[:0], records...)
	if len(p.shown) == 0 || !p.options.has(p.shown[0].Measured) {
		return nil
	}
	p.records += len(records)
	for _, s := range p.shown {
		if err := p.sample(profile, s, changed); err != nil {
			return err
		}
	}
	return nil
}

// sample adds one sample. Of two of the same series and time the one changed later
// counts.
func (p *past) sample(profile string, s exporter.Sample, changed time.Time) error {
	p.key = appendSampleKey(p.key[:0], profile, s)
	p.value = appendSampleValue(p.value[:0], s.Value, changed)
	return p.samples.add(p.key, p.value)
}
