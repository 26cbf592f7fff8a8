// Package importer is the command that imports an archive which a person has
// downloaded from Withings.
package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
	"withings-exporter/exporter/archive"
	"withings-exporter/exporter/backfill"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/influx"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/transfer"
)

// Options say whose archive it is and where it goes.
type Options struct {
	File    string `arg:"" name:"FILE.zip" help:"The archive as downloaded from Withings."`
	Profile string `name:"profile" once:"" env:"WITHINGS_PROFILE" placeholder:"NAME" help:"Person whose archive it is."`
	To      string `name:"to" env:"WITHINGS_TO" placeholder:"WHERE" help:"influx or openmetrics=FILE."`
}

// Command has the flags of import.
type Command struct {
	Options              `embed:""`
	command.HistoryFlags `embed:""`
}

// Run imports an archive.
func (c *Command) Run(ctx context.Context, p *command.Program) error {
	settings, err := c.HistoryFlags.Settings(p)
	if err != nil {
		return err
	}
	return Import(ctx, settings, c.Options, p.Out, p.Err)
}

// Import imports an archive into InfluxDB or an OpenMetrics file. What the target has
// from Withings itself is left alone: values in an archive are rounded.
func Import(ctx context.Context, s command.Settings, o Options, out, errw io.Writer) error {
	if o.Profile == "" {
		if len(s.Profiles) != 1 {
			return s.ForService(command.Usagef("give --profile NAME", "no profile is given for the archive"))
		}
		o.Profile = s.Profiles[0]
	}
	file, info, err := open(o.File)
	if err != nil {
		return err
	}
	defer file.Close()
	to, err := (&transfer.Options{To: o.To, New: true}).Target(s, out)
	if err != nil {
		return err
	}
	dir, err := statedir.Open(s.StateDir)
	if err != nil {
		return err
	}
	spelt, err := profiles.Spelt(dir, o.Profile)
	if err != nil {
		return err
	}
	o.Profile = spelt[0]
	if err := identify(s, dir, o.Profile); err != nil {
		return err
	}
	told := out
	if o.To == "openmetrics" {
		told = errw // standard output is the file
	}
	times := archive.Options{Zone: cmp.Or(s.Timezone, profiles.Timezone(dir, o.Profile)), Now: s.Now()}
	if err := try(ctx, file, info.Size(), times, told); err != nil {
		return fmt.Errorf("import %s: %w", o.File, err)
	}
	writer, err := s.Influx.Writer(s.Log, func(string, int) {})
	if err != nil {
		return command.Usage(err)
	}
	set := &profiles.Set{Dir: dir, Influx: writer}
	if err := to.Open(ctx, set); err != nil {
		return err
	}
	defer to.Close()
	history, err := to.History(nameOnly(o.Profile, set, s))
	if err != nil {
		return err
	}
	if err := history.Ready(ctx); err != nil { // it may have lost acknowledged data
		return err
	}
	summary, known, written := backfill.NewSummary(), 0, false
	completer := exporter.NewCompleter(nil)
	report, err := archive.Read(ctx, file, info.Size(), times, func(b exporter.Batch) error {
		b = completer.Complete(b)
		all := len(b.Records)
		b.Records = unknown(history, b)
		known += all - len(b.Records)
		if err := history.Put(ctx, b); err != nil {
			return err
		}
		written = true
		summary.Add(history.Taken(b))
		return nil
	})
	if err != nil {
		err = fmt.Errorf("import %s: %w", o.File, err)
		if written {
			err = hint.Wrap(err, "progress is saved; run the same command to resume")
		}
		return err
	}
	for _, r := range history.Refused() {
		summary.Refused = append(summary.Refused, backfill.Refused{Profile: o.Profile, Refusal: r})
	}
	fmt.Fprint(told, report)
	if times.Zone != nil {
		fmt.Fprintf(told, "times without a zone were read as %s (change with --timezone)\n", times.Zone)
	}
	if known > 0 {
		fmt.Fprintf(told, "skipped %s already read from Withings itself, which is more exact\n", english.Plural(known, "record", ""))
	}
	return to.Finish(ctx, summary, exporter.Span{From: time.Unix(1, 0), To: s.Now().Add(48 * time.Hour)}, errw)
}

// open opens an archive.
func open(path string) (*os.File, os.FileInfo, error) {
	err := statedir.Regular(path) // opening a named pipe would wait
	var file *os.File
	if err == nil {
		file, err = os.Open(path)
	}
	if at, ok := errors.AsType[*fs.PathError](err); ok { // its text begins with the name of a system call
		err = fmt.Errorf("%q: %w", path, at.Err)
	}
	if err != nil {
		return nil, nil, command.Usage(hint.Wrap(fmt.Errorf("open the archive: %w", err), advice(path, err)))
	}
	info, err := file.Stat()
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open the archive: %w", err), file.Close())
	}
	return file, info, nil
}

// advice says what to do about an archive that cannot be opened.
func advice(path string, err error) string {
	missing, denied := errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission)
	lent := shell.Lend(path)
	switch {
	case (missing || denied) && lent != "":
		return lent
	case missing:
		return hint.Path("check the path", path)
	case denied:
		return shell.Allow(path)
	}
	return "give the ZIP file as Withings sent it"
}

// identify refuses a profile that is unknown while others are known: it would be a
// mistyped one, whose history went to a person of its own.
func identify(s command.Settings, dir *statedir.Dir, profile string) error {
	known, err := profiles.Known(s, dir)
	if err != nil {
		return err
	}
	if len(known) == 0 || slices.Contains(known, profile) {
		return nil
	}
	advice := "choose from " + strings.Join(known, ", ") + "; for"
	if near := config.Nearest(profile, known); near != "" {
		advice = fmt.Sprintf("did you mean %q? For", near)
	}
	return command.Usagef(advice+" somebody without a token, also give --profiles="+shell.Quote(profile), "unknown profile %q", profile)
}

// try reads an archive without importing it, so that nothing has been written when it
// turns out that it cannot be imported.
func try(ctx context.Context, file io.ReaderAt, size int64, o archive.Options, told io.Writer) error {
	report, err := archive.Read(ctx, file, size, o, func(exporter.Batch) error { return nil })
	switch {
	case errors.Is(err, archive.ErrNoZone):
		return command.Usage(hint.Wrap(err, "give the zone in which the person lives, such as --timezone=Europe/Vienna"))
	case err == nil && report.Readings == 0:
		fmt.Fprint(told, report)
		return hint.Wrap(errors.New("nothing in it could be read: "+report.Contents()), "give the ZIP file as Withings sent it")
	}
	return err
}

// nameOnly is a member of whom only the name is known: an archive needs no
// authorisation.
func nameOnly(profile string, set *profiles.Set, s command.Settings) *profiles.Member {
	m := &profiles.Member{Profile: exporter.Profile{State: exporter.NewState(profile, s.Timezone)}}
	if set.Influx != nil {
		m.Influx = influx.NewSink(influx.SinkOptions{Writer: set.Influx, Dir: set.Dir, Profile: profile, Owner: func() string { return "" }, Now: s.Now, Log: s.Log})
	}
	return m
}

// unknown are the records of a batch that the history does not have from Withings
// itself.
func unknown(history exporter.History, b exporter.Batch) []exporter.Record {
	var rest []exporter.Record
	for _, r := range b.Records {
		if len(history.Missing(b.Service, exporter.Span{From: r.Start, To: r.Start.Add(time.Second)})) > 0 {
			rest = append(rest, r)
		}
	}
	return rest
}
