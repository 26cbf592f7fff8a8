package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/command/check/bundle"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/withings"
)

// gathering is a bundle while it is gathered.
type gathering struct {
	*bundle.Archive
	mask     *bundle.Mask
	settings command.Settings
	flags    Flags
	recorder *bundle.Recorder
	log      bytes.Buffer
}

// checkAndBundle is Check, and writes beside it what a report of a bug needs
// into the archive that the flags name. With an error of configuration, which
// leaves the settings half made, it gathers what there is without the check. The
// error is that of the check, or that the bundle could not be written.
func checkAndBundle(ctx context.Context, s command.Settings, broken error, f Flags, p *command.Program) error {
	if err := bundle.Free(f.Bundle); err != nil {
		return errors.Join(command.Usage(err), broken)
	}
	mask := bundle.NewMask()
	g := &gathering{Archive: bundle.New(mask), mask: mask, settings: s, flags: f}
	g.hide()
	g.before(s.Now())
	result := g.check(ctx, broken, p.Out)
	g.Add("metrics.txt", "what a running serve shows, without values of people", func(w io.Writer) error { return g.metrics(ctx, w) })
	g.Add("log.txt", "what the check logged", func(w io.Writer) error { _, err := g.log.WriteTo(w); return err })
	g.Add("README.txt", "what is in here, and what is not", func(w io.Writer) error {
		_, err := fmt.Fprintf(w, readme, g.Contents())
		return err
	})
	if err := g.Save(f.Bundle, s.Now()); err != nil {
		return errors.Join(result, err)
	}
	fmt.Fprintf(p.Err, "\nThe bundle is %s:\n%sSecrets, names and measured values are left out, moments are not.\n"+
		"It is yours: look into it before you attach it to a report.\n", f.Bundle, g.Contents())
	return result
}

// readme is the first thing to read in a bundle.
const readme = `This was written by: withings-exporter check --bundle FILE

%s
Left out are: client id and secret, tokens, codes, passwords, values that were
measured, names of profiles, numbers of users and devices, e-mail addresses.
The same stand-in, such as "profile 1", means the same everywhere in here.

Not left out are: when something was measured and how often, which metrics a
person has, models of devices, time zones, versions, settings, addresses of
servers without user and password, paths of files.

Look through it before you send it to anybody. A text file can be changed or
taken out; say so in the report then.
`

// before gathers what the check may change: it sets damaged files aside and
// closes an open folder.
func (g *gathering) before(now time.Time) {
	entries, err := bundle.Entries(g.settings.StateDir, g.mask)
	g.Add("state-directory.txt", "its files: sizes, modes, owners, ages", func(w io.Writer) error {
		if err != nil {
			return err
		}
		return bundle.Listing(w, g.settings.StateDir, entries, now)
	})
	g.Add("profiles.txt", "tokens (never themselves), cursors, metrics", func(w io.Writer) error {
		for _, e := range entries {
			g.file(w, e, now)
		}
		return err
	})
	g.Add("program.txt", "version, system, clock, container or not", func(w io.Writer) error { return g.program(w, now) })
	g.Add("configuration.txt", "what the program runs with, and from where", g.configuration)
	g.Add("configuration-file.txt", "keys and kinds of values of the file", g.configurationFile)
}

// file tells of one token, state or InfluxDB file.
func (g *gathering) file(w io.Writer, e bundle.Entry, now time.Time) {
	if e.Kind == "" || !e.Current {
		return
	}
	fmt.Fprintln(w, e.Shown())
	data, err := bundle.ReadFile(e.Path)
	switch {
	case err != nil:
		fmt.Fprintln(w, "  cannot be read:", err)
	case e.Kind == "token":
		bundle.Token(w, data, g.mask, now)
	case e.Kind == "state", e.Kind == "influx":
		bundle.State(w, data, g.mask, now)
	default:
		fmt.Fprintf(w, "  %d bytes\n", len(data))
	}
	fmt.Fprintln(w)
}

// check runs the check with everything that is asked and logged noted.
func (g *gathering) check(ctx context.Context, broken error, out io.Writer) error {
	s := g.settings
	client := s.HTTP
	if client == nil {
		client = withings.Transport()
	}
	noted := *client
	next := noted.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	g.recorder = &bundle.Recorder{Next: next, Now: s.Now}
	g.recorder.For("the check")
	noted.Transport = g.recorder
	s.HTTP = &noted
	s.Log = slog.New(slog.NewMultiHandler(s.Log.Handler(), slog.NewTextHandler(&g.log, &slog.HandlerOptions{Level: slog.LevelDebug})))

	var report bytes.Buffer
	var home *profiles.Set
	result := broken
	if broken == nil {
		home, result = check(ctx, s, io.MultiWriter(out, &report))
	}
	g.Add("check.txt", "what the check said", func(w io.Writer) error {
		if result != nil {
			fmt.Fprintf(&report, "\nended with: %v\n", result)
		}
		_, err := report.WriteTo(w)
		return err
	})
	g.Add("withings.txt", "how Withings' answers are built, without values", func(w io.Writer) error {
		if home != nil {
			g.askAll(ctx, w, home)
		}
		g.recorder.Report(w)
		return nil
	})
	return result
}

// bundleTime is how long Withings is asked once more for a bundle.
const bundleTime = 50 * time.Second

// askAll asks Withings for the last thirty days of every service, so that the
// answers are noted; nothing is kept of them.
func (g *gathering) askAll(ctx context.Context, w io.Writer, home *profiles.Set) {
	ctx, cancel := context.WithTimeout(ctx, bundleTime)
	defer cancel()
	for _, m := range home.List() {
		who := g.mask.Name("profile", m.State.Profile())
		if err := m.Ready(ctx); err != nil {
			fmt.Fprintf(w, "%s is not authorised, nothing is asked for it\n", who)
			continue
		}
		g.recorder.For(who)
		for _, service := range m.Choose().Asked {
			records := 0
			_, err := m.Fetch.Fetch(ctx, service, exporter.Progress{}, func(b exporter.Batch) { records += len(b.Records) })
			if err != nil {
				fmt.Fprintf(w, "%s, %s: %v; the rest is not asked for\n", who, service, err)
				break
			}
			fmt.Fprintf(w, "%s, %s: %d records of the last thirty days could be read\n", who, service, records)
		}
	}
	fmt.Fprintln(w)
}

// metrics asks a running serve, if there is one.
func (g *gathering) metrics(ctx context.Context, w io.Writer) error {
	asker, err := newSelfAsker(g.text("web.config.file"))
	if err != nil {
		return err
	}
	defer asker.client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, aliveTime)
	defer cancel()
	resp, at, err := asker.get(ctx, g.text("web.listen-address"), g.text("web.telemetry-path"))
	if err != nil {
		return fmt.Errorf("no serve answers at %s: %w", at, err)
	}
	defer resp.Body.Close()
	fmt.Fprintf(w, "# %s: HTTP %d\n", at, resp.StatusCode)
	if resp.StatusCode != http.StatusOK {
		return errors.New("what it shows is not known")
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	bundle.Metrics(w, string(data), g.mask)
	return err
}
