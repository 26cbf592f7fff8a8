package archive

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"withings-exporter/exporter"
)

// Options say how the times of an archive are to be understood.
type Options struct {
	Zone *time.Location // of times without an offset, which is where the person lives; nil if unknown
	Now  time.Time      // what is dated two days after it, or later, is left out
}

// maxBatch is how many records are handed over at once.
const maxBatch = 256

// ErrNoZone ends the reading of an archive with a time that has no offset, when no zone is
// given.
var ErrNoZone = errors.New("the archive has times without a zone")

// Read hands over every record of an archive, in batches of one service and at
// most a few hundred records. What cannot be understood is left out and counted
// in the report, which is complete up to where reading stopped. The error is
// that of put or of the context, or says that this is not an archive, or is
// [ErrNoZone].
func Read(ctx context.Context, r io.ReaderAt, size int64, o Options, put func(exporter.Batch) error) (Report, error) {
	entries, err := directory(r, size)
	if err != nil {
		return Report{}, err
	}
	im := &importer{Options: o, put: put, left: maxArchive, days: map[string]*day{}}
	for _, entry := range entries {
		if err := im.entry(ctx, entry); err != nil {
			return im.report, err
		}
	}
	for _, r := range im.dayRecords() {
		if err := im.add(ctx, r); err != nil {
			return im.report, err
		}
	}
	return im.report, im.flush(ctx)
}

// importer is one reading of an archive.
type importer struct {
	Options
	put     func(exporter.Batch) error
	report  Report
	left    int64 // bytes that may still be unpacked
	pending []exporter.Record
	days    map[string]*day
}

// entry reads one entry of the archive. Its error ends the whole reading.
func (im *importer) entry(ctx context.Context, entry *zip.File) error {
	name := baseName(entry.Name)
	if name == "" {
		return nil
	}
	l, ignored := layoutOf(name)
	if l == nil {
		im.report.Ignored = append(im.report.Ignored, IgnoredFile{name, ignored})
		return nil
	}
	file := FileReport{Name: name}
	err := im.rows(ctx, entry, l, &file)
	if why, ok := errors.AsType[refusal](err); ok {
		file.Refused, err = string(why), nil
	}
	im.report.Files = append(im.report.Files, file)
	return err
}

// rows reads the rows of one file.
func (im *importer) rows(ctx context.Context, entry *zip.File, l *layout, file *FileReport) error {
	t, err := im.open(entry, &im.left)
	if err != nil {
		return err
	}
	defer t.close()
	b, err := bind(l, t.header, file)
	if err != nil {
		return err
	}
	b.commas = t.csv.Comma == ','
	row := &rowReader{binding: b, importer: im, file: file}
	row.look = func() (*habits, error) { return im.look(ctx, entry, b) }
	for {
		if err := interrupted(ctx); err != nil {
			return err
		}
		fields, err := t.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if blank(fields) {
			continue
		}
		file.Rows++
		record, why, err := row.read(fields)
		if err != nil {
			file.skip(rowRefused)
			return err
		}
		if why != "" {
			file.skip(why)
			continue
		}
		file.Taken++
		if record == nil {
			continue // it went into its day
		}
		if err := im.add(ctx, *record); err != nil {
			return err
		}
	}
}

// look reads a file once more for its habits. What that unpacks counts by itself, so that an
// archive is read as far as one without such cells.
func (im *importer) look(ctx context.Context, entry *zip.File, b *binding) (*habits, error) {
	left := im.left + maxEntry
	t, err := im.open(entry, &left)
	if err != nil {
		return nil, err
	}
	defer t.close()
	return look(ctx, t, b)
}

// add hands a record over, with those of its service that wait already.
func (im *importer) add(ctx context.Context, r exporter.Record) error {
	if len(im.pending) == maxBatch || len(im.pending) > 0 && im.pending[0].Service != r.Service {
		if err := im.flush(ctx); err != nil {
			return err
		}
	}
	im.pending = append(im.pending, r)
	return nil
}

// flush hands over what waits.
func (im *importer) flush(ctx context.Context) error {
	if err := interrupted(ctx); err != nil {
		return err
	}
	if len(im.pending) == 0 {
		return nil
	}
	batch := exporter.Batch{Service: im.pending[0].Service, Records: im.pending}
	im.pending = nil
	if err := im.put(batch); err != nil {
		return fmt.Errorf("import %d records of %s: %w", len(batch.Records), batch.Service, err)
	}
	im.report.count(batch)
	return nil
}

// interrupted is the end of a context, as an error that says what it ended.
func interrupted(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("the import was interrupted: %w", err)
	}
	return nil
}
