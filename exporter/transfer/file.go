package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
	"withings-exporter/exporter/backfill"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/openmetrics"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/statedir"
)

// intoFile writes histories to an OpenMetrics file, or posts them as one. Until the
// file is complete they are kept in the state directory.
type intoFile struct {
	settings command.Settings
	file     string // "" is standard output; a URL is posted to
	out      io.Writer

	simulated bool // its people are the demo's

	old    time.Time // when a file of that name was written; zero if there is none
	people []string  // who is in that
	set    *profiles.Set
	unlock func() // nil before open
	spools []*openmetrics.Spool
}

func (f *intoFile) Open(ctx context.Context, set *profiles.Set) error {
	f.set = set
	if err := f.check(); err != nil {
		return err
	}
	var err error
	f.unlock, err = alone(ctx, set, "openmetrics", "an OpenMetrics file")
	return err
}

// newName is advice about a file that is not replaced.
const newName = "give the name of a new file, or delete that one"

// check refuses what the file could not be written to in the end, or what would be lost
// by that.
func (f *intoFile) check() error {
	if f.posted() {
		return nil
	}
	if f.file == "" {
		if command.IsTerminal(f.out) {
			return command.Usagef("give --to openmetrics=FILE, or redirect standard output to a file", "a history is too long for a terminal")
		}
		return nil
	}
	if err := command.MayWrite("--to openmetrics", f.file); err != nil {
		return err
	}
	folder := filepath.Dir(f.file)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return command.Usagef("create it first", "--to openmetrics=%s: there is no folder %q", f.file, folder)
	}
	if info, err := os.Stat(f.file); err == nil {
		if err := f.replaces(info); err != nil {
			return err
		}
	}
	temp, err := f.create()
	if err != nil {
		return err
	}
	return errors.Join(temp.Close(), os.Remove(temp.Name()))
}

// replaces refuses to replace anything but an earlier history.
func (f *intoFile) replaces(info os.FileInfo) error {
	switch {
	case info.IsDir():
		return command.Usagef("give the name of a file in it", "--to openmetrics=%s: this is a folder", f.file)
	case !info.Mode().IsRegular():
		return command.Usagef("give --to openmetrics for standard output, or the name of a file", "--to openmetrics=%s: this is not a regular file", f.file)
	case info.Size() == 0:
		return nil
	}
	f.old = info.ModTime()
	if whole, err := openmetrics.Whole(f.file); err != nil || !whole {
		return command.Usagef(newName, "--to openmetrics=%s: the file exists and is not a history", f.file)
	}
	return nil
}

// create makes the temporary file that becomes the file once it is complete.
func (f *intoFile) create() (*os.File, error) {
	temp, err := os.CreateTemp(filepath.Dir(f.file), f.pattern())
	if err != nil {
		return nil, statedir.Elsewhere(err, "the history", f.file, "choose another folder or name for the file")
	}
	return temp, nil
}

// pattern is that of the names of temporary files.
func (f *intoFile) pattern() string { return "." + filepath.Base(f.file) + ".tmp-*" }

// Announce says that a file is written again, which would otherwise only show when it
// is done.
func (f *intoFile) Announce(ctx context.Context, r *run) string {
	if f.old.IsZero() {
		return ""
	}
	told := fmt.Sprintf("%s is complete, as of %s", f.place(), f.old.Format("2006-01-02 15:04"))
	if len(f.people) > 0 {
		told += ", for " + several(f.people)
	}
	told += ". It is written again"
	if more := without(r.names(), f.people); len(more) > 0 {
		told += ", with " + several(more) + ", too"
	}
	if cost := r.cost(ctx); cost != "" {
		told += ": " + cost
	}
	return told + ". Until that is done, it stays as it is. To stop, press Ctrl-C; nothing is lost."
}

// posted reports whether the file is a URL.
func (f *intoFile) posted() bool {
	return strings.HasPrefix(f.file, "http://") || strings.HasPrefix(f.file, "https://")
}

func (f *intoFile) History(m *profiles.Member) (exporter.History, error) {
	name := m.State.Profile()
	o := openmetrics.SpoolOptions{Path: f.set.Dir.File(name, f.kind(m)), Profile: name, Now: f.settings.Now, Log: f.settings.Log}
	if m.Source != nil {
		o.User = profiles.CertainOwner(m.Source)
	}
	spool, err := openmetrics.OpenSpool(o)
	if err != nil {
		return nil, err
	}
	f.spools = append(f.spools, spool)
	return spool, nil
}

// kind is that of the files in the state directory: data of an archive and data from
// Withings itself are kept apart.
func (f *intoFile) kind(m *profiles.Member) string {
	if m.Source == nil {
		return "archive"
	}
	return "openmetrics"
}

// Finish writes the file and removes what it was made from.
func (f *intoFile) Finish(ctx context.Context, _ *backfill.Summary, span exporter.Span, errw io.Writer) error {
	if len(f.spools) == 0 {
		return nil
	}
	fmt.Fprintln(errw, "sorting and writing the file")
	options := openmetrics.Options{Since: span.From, Until: span.To, Now: f.settings.Now(), Temp: f.set.Dir.Path()}
	sum, err := f.write(ctx, options)
	if err != nil {
		return err
	}
	told := f.out
	if f.file == "" {
		told = errw
	}
	f.tell(told, sum)
	for _, spool := range f.spools {
		if err := spool.Remove(); err != nil {
			return err
		}
	}
	return nil
}

func (f *intoFile) write(ctx context.Context, o openmetrics.Options) (openmetrics.Summary, error) {
	switch {
	case f.file == "":
		return openmetrics.Write(ctx, f.out, f.spools, o)
	case f.posted():
		return f.post(ctx, o)
	}
	// The file appears complete or not at all. What a crash left behind is health data
	// that nobody would look for.
	leftovers, _ := filepath.Glob(filepath.Join(filepath.Dir(f.file), f.pattern()))
	for _, leftover := range leftovers {
		_ = os.Remove(leftover)
	}
	temp, err := f.create()
	if err != nil {
		return openmetrics.Summary{}, err
	}
	sum, err := openmetrics.Write(ctx, temp, f.spools, o)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), f.file)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
		if at, is := errors.AsType[*fs.PathError](err); is && at.Path == temp.Name() {
			err = statedir.Elsewhere(at, "the history", f.file, "")
		} else {
			err = fmt.Errorf("write the history %q: %w", f.file, err)
		}
		if ctx.Err() == nil {
			err = hint.Wrap(err, kept)
		}
		return sum, err
	}
	return sum, nil
}

func (f *intoFile) Close() {
	for _, spool := range f.spools {
		_ = spool.Close() // everything was synced
	}
	if f.unlock != nil {
		f.unlock()
	}
}

// tell says what is in the file, and how it gets into Prometheus.
func (f *intoFile) tell(w io.Writer, sum openmetrics.Summary) {
	fmt.Fprintf(w, "written, by what was measured:\n%-10s %9s  %s\n", "group", "samples", "from … to")
	for _, group := range groups {
		if part := sum.Groups[group]; part.Samples > 0 {
			fmt.Fprintf(w, "%-10s %9d  %s\n", group, part.Samples, extent(part.First, part.Last))
		}
	}
	fmt.Fprintf(w, "%s, %s", english.Plural(sum.Samples, "sample", ""), humanize.Bytes(uint64(sum.Bytes)))
	if f.file != "" {
		fmt.Fprintf(w, ", to %s", f.place())
	}
	fmt.Fprintln(w)
	if f.file != "" && !f.posted() && sum.Samples > 0 {
		fmt.Fprint(w, nextOf(f.file, f.simulated))
	}
}
