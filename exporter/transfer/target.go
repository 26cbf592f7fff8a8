package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
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
	"withings-exporter/exporter/reach"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/statedir"
)

// Target is where histories are imported to.
type Target interface {
	Open(ctx context.Context, set *profiles.Set) error // checks that it can be written to
	History(m *profiles.Member) (exporter.History, error)
	Finish(ctx context.Context, s *backfill.Summary, span exporter.Span, errw io.Writer) error
	Close()
}

// Target reads --to.
func (o *Options) Target(s command.Settings, out io.Writer) (Target, error) {
	kind, file, _ := strings.Cut(o.To, "=")
	switch {
	case o.To == "" && s.Influx.URL != "", o.To == "influx" && s.Influx.URL != "":
		return &intoInflux{settings: s, out: out}, nil
	case o.To == "influx":
		return nil, command.Usagef("give --influx.url, --influx.bucket and --influx.token-file", "--to=influx is given, but no InfluxDB is configured: %s", s.Missing("influx.url"))
	case o.To == "":
		return nil, command.Usagef("give --to openmetrics=FILE, or --influx.url, --influx.bucket and --influx.token-file", "no destination is given for the history: there is no --to, and %s", s.Missing("influx.url"))
	case kind != "openmetrics":
		return nil, command.Usagef("give influx, openmetrics=FILE, or openmetrics for standard output", "--to: unknown destination %q", o.To)
	}
	to := &intoFile{settings: s, file: file, out: out}
	if o.New && file != "" && !to.posted() {
		if _, err := os.Lstat(file); err == nil {
			return nil, command.Usagef("give the name of a new file, or delete that one", "--to openmetrics=%s: the file exists", file)
		}
	}
	return to, nil
}

// intoInflux writes histories to InfluxDB.
type intoInflux struct {
	settings command.Settings
	out      io.Writer
}

// Open tries an empty write: better to fail now than after an hour.
func (i *intoInflux) Open(ctx context.Context, set *profiles.Set) error {
	return set.Influx.Probe(ctx)
}

func (i *intoInflux) History(m *profiles.Member) (exporter.History, error) { return m.Influx, nil }

func (i *intoInflux) Finish(_ context.Context, s *backfill.Summary, _ exporter.Span, _ io.Writer) error {
	rows := 0
	for _, group := range groups {
		part := s.Of(group)
		if part.Records == 0 {
			continue
		}
		if rows++; rows == 1 {
			fmt.Fprintf(i.out, "%-10s %9s %10s  %s\n", "imported", "records", "readings", "from … to")
		}
		fmt.Fprintf(i.out, "%-10s %9d %10d  %s\n", group, part.Records, part.Readings, extent(part.First, part.Last))
	}
	if len(s.Refused) > 0 {
		return i.refused(s.Refused)
	}
	if rows == 0 {
		fmt.Fprintln(i.out, "InfluxDB is already up to date")
	}
	return nil
}

// refused lists what the server has rejected, and why.
func (i *intoInflux) refused(all []backfill.Refused) error {
	points, told := 0, map[string]bool{}
	fmt.Fprintf(i.out, "%-10s %9s %10s  %s\n", "rejected", "points", "readings", "from … to, whose, why")
	for _, r := range all {
		points += r.Points
		fmt.Fprintf(i.out, "%-10s %9d %10d  %s, %s, %s\n", r.Group, r.Points, r.Readings, extent(r.First, r.Last), r.Profile, r.Reason)
	}
	for _, r := range all {
		if !told[r.Reason] {
			told[r.Reason] = true
			fmt.Fprintf(i.out, "%s: %s\n", r.Reason, r.Told)
		}
	}
	return hint.Wrap(fmt.Errorf("InfluxDB permanently rejected %s; the rest was written", english.Plural(points, "point", "")),
		"fix the cause and run the same command again")
}

func (i *intoInflux) Close() {}

// groups in the order of a summary.
var groups = []exporter.Group{exporter.GroupBody, exporter.GroupHeart, exporter.GroupActivity,
	exporter.GroupSleep, exporter.GroupWorkout, exporter.GroupDevice}

func extent(first, last time.Time) string {
	return first.Format(time.DateOnly) + " … " + last.Format(time.DateOnly)
}

// intoFile writes histories to an OpenMetrics file, or posts them as one. Until the
// file is complete they are kept in the state directory.
type intoFile struct {
	settings command.Settings
	file     string // "" is standard output; a URL is posted to
	out      io.Writer

	set    *profiles.Set
	unlock func() // nil before open
	spools []*openmetrics.Spool
}

func (f *intoFile) Open(ctx context.Context, set *profiles.Set) error {
	f.set = set
	if f.file == "" && command.IsTerminal(f.out) {
		return command.Usagef("give --to openmetrics=FILE, or redirect standard output to a file", "a history is too long for a terminal")
	}
	if f.file != "" && !f.posted() {
		if info, err := os.Stat(filepath.Dir(f.file)); err != nil || !info.IsDir() {
			return command.Usagef("create it first", "--to openmetrics=%s: there is no folder %q", f.file, filepath.Dir(f.file))
		}
	}
	path := filepath.Join(set.Dir.Path(), "openmetrics.lock")
	unlock, ok, err := statedir.TryLock(path)
	if err != nil {
		return err
	}
	if !ok {
		return hint.Wrap(errors.New("another import to an OpenMetrics file is running in this state directory"), statedir.HolderOf(ctx, path))
	}
	f.unlock = unlock
	return nil
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
	leftovers, _ := filepath.Glob(filepath.Join(filepath.Dir(f.file), "."+filepath.Base(f.file)+".tmp-*"))
	for _, leftover := range leftovers {
		_ = os.Remove(leftover)
	}
	temp, err := os.CreateTemp(filepath.Dir(f.file), "."+filepath.Base(f.file)+".tmp-*")
	if err != nil {
		return openmetrics.Summary{}, hint.Wrap(fmt.Errorf("write %s: %w", f.file, err), "choose another folder for the file")
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
		return sum, fmt.Errorf("write %s: %w", f.file, err)
	}
	return sum, nil
}

// post sends the file to a server that imports such files, as VictoriaMetrics does.
func (f *intoFile) post(ctx context.Context, o openmetrics.Options) (openmetrics.Summary, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	body, feed := io.Pipe()
	written := make(chan struct{})
	var sum openmetrics.Summary
	var failed error
	go func() {
		defer close(written)
		sum, failed = openmetrics.Write(ctx, feed, f.spools, o)
		feed.CloseWithError(failed)
	}()
	answer, err := f.send(ctx, body)
	_ = body.CloseWithError(errors.New("the server ended the import"))
	<-written
	switch {
	case err != nil:
		return sum, fmt.Errorf("send the history to %s: %w", f.place(), err)
	case failed != nil:
		return sum, fmt.Errorf("send the history to %s: %w", f.place(), failed)
	case answer != http.StatusNoContent:
		return sum, hint.Wrap(fmt.Errorf("send the history to %s: HTTP status %d instead of 204, so nothing counts as imported", f.place(), answer),
			"check the address; the path of VictoriaMetrics is /api/v1/import/prometheus")
	}
	return sum, nil
}

// answerTime is how long a server may take to answer once it has the whole file.
const answerTime = 10 * time.Minute

// send posts a body while it is being written. It follows no redirect, since the
// body cannot be sent twice.
func (f *intoFile) send(ctx context.Context, body io.Reader) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.file, body)
	if err != nil {
		return 0, hint.Wrap(errors.New("not a valid address"), "check --to")
	}
	req.Header.Set("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
	transport := reach.Transport()
	transport.ResponseHeaderTimeout = answerTime
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: reach.FirstAnswer}
	answer, err := client.Do(req)
	if err != nil {
		return 0, reach.Bare(err)
	}
	return answer.StatusCode, answer.Body.Close()
}

// place is the address without what may be secret.
func (f *intoFile) place() string {
	place, _, _ := strings.Cut(f.file, "?")
	if i := strings.LastIndex(place, "@"); i >= 0 {
		place = place[i+1:]
	}
	return place
}

func (f *intoFile) tell(w io.Writer, sum openmetrics.Summary) {
	fmt.Fprintf(w, "%-10s %9s  %s\n", "written", "samples", "from … to")
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
		fmt.Fprintf(w, "Next, for Prometheus:\n  promtool tsdb create-blocks-from openmetrics \\\n    --max-block-duration=744h %s blocks\n"+
			"then move the content of blocks to Prometheus' data folder; its\n--storage.tsdb.retention.time must cover the years\n", shell.Quote(f.file))
	}
}

func (f *intoFile) Close() {
	for _, spool := range f.spools {
		_ = spool.Close() // everything was synced
	}
	if f.unlock != nil {
		f.unlock()
	}
}
