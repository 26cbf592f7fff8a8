// Package importer is the command that imports an archive which a person has
// downloaded from Withings.
package importer

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
	"withings-exporter/exporter/archive"
	"withings-exporter/exporter/backfill"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/influx"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/transfer"
)

// Options say whose archive it is and where it goes.
type Options struct {
	File    string `arg:"" name:"FILE.zip" help:"The archive as downloaded from Withings."`
	Profile string `name:"profile" env:"WITHINGS_PROFILE" placeholder:"NAME" help:"Person whose archive it is."`
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
			return command.Usagef("give --profile NAME", "no profile is given for the archive")
		}
		o.Profile = s.Profiles[0]
	}
	to, err := (&transfer.Options{To: o.To}).Target(s, out)
	if err != nil {
		return err
	}
	err = statedir.Regular(o.File) // opening a named pipe would wait
	var file *os.File
	if err == nil {
		file, err = os.Open(o.File)
	}
	if err != nil {
		return command.Usage(hint.Wrap(fmt.Errorf("open the archive: %w", err), "give the ZIP file as Withings sent it"))
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("open the archive: %w", err)
	}
	dir, err := statedir.Open(s.StateDir)
	if err != nil {
		return err
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
	zone, named := s.Timezone, "local time"
	if zone == nil {
		zone = time.Local
	} else {
		named = zone.String()
	}
	summary, known, written := backfill.NewSummary(), 0, false
	completer := exporter.NewCompleter(nil)
	report, err := archive.Read(ctx, file, info.Size(), archive.Options{Zone: zone, Now: s.Now()}, func(b exporter.Batch) error {
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
	told := out
	if o.To == "openmetrics" {
		told = errw // standard output is the file
	}
	fmt.Fprint(told, report)
	fmt.Fprintf(told, "times without a zone were read as %s (change with --timezone)\n", named)
	if known > 0 {
		fmt.Fprintf(told, "skipped %s already read from Withings itself, which is more exact\n", english.Plural(known, "record", ""))
	}
	return to.Finish(ctx, summary, exporter.Span{From: time.Unix(1, 0), To: s.Now().Add(48 * time.Hour)}, errw)
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
