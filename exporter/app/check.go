package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter"
	"withings-exporter/exporter/statedir"
)

// Check reads state and tokens, asks Withings once for every profile, and
// writes a line for each thing it looked at, with the mend where one is needed.
// The error is ErrNeedsAuthorization when a profile has to be authorised.
func Check(ctx context.Context, s Settings, out io.Writer) error {
	_, err := check(ctx, s, out)
	return err
}

// check is Check; the household is nil when it could not be loaded.
func check(ctx context.Context, s Settings, out io.Writer) (*household, error) {
	report := &report{out: out}
	dir, err := statedir.Open(s.StateDir)
	if err != nil {
		return nil, err
	}
	report.good("state directory", dir.Path())
	home := &household{counters: newCounters(prometheus.NewRegistry()), dir: dir, budget: newBudget(s, dir)}
	if err := home.load(s); err != nil {
		return nil, err
	}
	report.good("configuration", fmt.Sprintf("client id %s, %s", s.ClientID, plural(len(home.list()), "profile")))
	for _, note := range home.notes {
		report.note("state directory", note)
	}
	if home.crowded != "" {
		report.note("poll interval", home.crowded)
	}
	switch err := home.cloud.app.Prove(ctx); {
	case err == nil:
		report.good("application", "Withings takes client id and secret")
	case ctx.Err() != nil:
		return home, ctx.Err()
	default:
		report.bad("application", err.Error())
	}
	checkInflux(ctx, home, s, report)
	if len(home.list()) == 0 {
		report.denied("profiles", "none is configured and none has a token; run: withings-exporter auth PROFILE")
	}
	for _, m := range home.list() {
		checkProfile(ctx, m, s.Now(), report)
		if ctx.Err() != nil {
			return home, ctx.Err()
		}
	}
	return home, report.result()
}

// checkInflux lets the server take a write of nothing.
func checkInflux(ctx context.Context, home *household, s Settings, r *report) {
	if home.influx == nil {
		return
	}
	if err := home.influx.Probe(ctx); err != nil {
		r.bad("InfluxDB", strings.TrimPrefix(err.Error(), "InfluxDB at "))
		return
	}
	r.good("InfluxDB", fmt.Sprintf("%s takes writes to bucket %q", s.Influx.URL, s.Influx.Bucket))
}

// checkProfile looks at one profile: its files, its token, and whether Withings
// answers with it.
func checkProfile(ctx context.Context, m *member, now time.Time, r *report) {
	name := fmt.Sprintf("profile %q", m.State.Profile())
	for _, note := range m.notes {
		r.bad(name, note)
	}
	if err := m.Ready(ctx); err != nil {
		r.denied(name, err.Error())
		return
	}
	for _, scope := range m.source.Missing() {
		r.note(name, fmt.Sprintf("was authorised without %s; to allow it run: withings-exporter auth %q", scope, m.State.Profile()))
	}
	var devices int
	_, err := m.Fetch.Fetch(ctx, exporter.Device, exporter.Progress{}, func(b exporter.Batch) { devices = len(b.Records) })
	switch {
	case errors.Is(err, exporter.ErrNotAuthorized):
		r.denied(name, err.Error())
	case err != nil:
		r.bad(name, err.Error())
	default:
		r.good(name, fmt.Sprintf("Withings answers, %s; %s known",
			plural(devices, "device"), plural(len(m.State.Snapshot(now).Samples), "reading")))
	}
}

// report writes lines and remembers the worst.
type report struct {
	out                io.Writer
	failed, unapproved int
}

func (r *report) line(mark, what, text string) { fmt.Fprintf(r.out, "%-5s %s: %s\n", mark, what, text) }
func (r *report) good(what, text string)       { r.line("ok", what, text) }
func (r *report) note(what, text string)       { r.line("note", what, text) }

func (r *report) bad(what, text string) {
	r.failed++
	r.line("FAIL", what, text)
}

func (r *report) denied(what, text string) {
	r.unapproved++
	r.line("AUTH", what, text)
}

func (r *report) result() error {
	switch {
	case r.unapproved > 0:
		return fmt.Errorf("%d of the things looked at need a person: %w", r.unapproved, ErrNeedsAuthorization)
	case r.failed > 0:
		return fmt.Errorf("%d of the things looked at are out of order; the lines marked FAIL say what to do", r.failed)
	}
	return nil
}
