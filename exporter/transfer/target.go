package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
	"withings-exporter/exporter/backfill"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/words"
)

// Target is where histories are imported to.
type Target interface {
	Open(ctx context.Context, set *profiles.Set) error // checks that it can be written to
	History(m *profiles.Member) (exporter.History, error)
	Keep(r *run) error                           // refuses what would lose something that is there
	Announce(ctx context.Context, r *run) string // what is there already, and what is done about it; "" if nothing is
	Finish(ctx context.Context, s *backfill.Summary, span exporter.Span, errw io.Writer) error
	Close()
}

// Target reads --to.
func (o *Options) Target(s command.Settings, out io.Writer) (Target, error) {
	kind, file, _ := strings.Cut(o.To, "=")
	switch {
	case o.To == "" && s.Influx.URL != "", o.To == "influx" && s.Influx.URL != "":
		return &intoInflux{settings: s, out: out, dry: o.DryRun}, nil
	case o.To == "influx":
		return nil, s.ForService(command.Usagef("give --influx.url, --influx.bucket and --influx.token-file", "--to=influx is given, but no InfluxDB is configured: %s", s.Missing("influx.url")))
	case o.To == "":
		return nil, s.ForService(command.Usagef("give --to openmetrics=FILE, or --influx.url, --influx.bucket and --influx.token-file", "no destination is given for the history: there is no --to, and %s", s.Missing("influx.url")))
	case kind != "openmetrics":
		return nil, command.Usagef("give influx, openmetrics=FILE, or openmetrics for standard output", "--to: unknown destination %q", o.To)
	}
	to := &intoFile{settings: s, file: file, out: out, simulated: o.Simulated}
	if o.New && file != "" && !to.posted() {
		if _, err := os.Lstat(file); err == nil {
			return nil, command.Usagef(newName, "--to openmetrics=%s: the file exists", file)
		}
	}
	return to, nil
}

// intoInflux writes histories to InfluxDB.
type intoInflux struct {
	settings command.Settings
	out      io.Writer
	dry      bool   // nothing is written
	unlock   func() // nil before Open, if nothing is written, and without a lock
	place    string // of the database, in words; set by Open

	// What Announce has found.
	before map[exporter.Group]before
	unseen bool   // everything was acknowledged, and the server does not show whether it still has it
	only   string // of whom it is told, if some were skipped, such as " of Anna"
}

// Open tries an empty write: better to fail now than after an hour. A second import at the same time would lose and double nothing, but
// read everything once more. So where it cannot be known whether there is one, as on a disk without locks, it is only warned of.
func (i *intoInflux) Open(ctx context.Context, set *profiles.Set) error {
	if !i.dry {
		unlock, err := alone(ctx, set, "influx", "InfluxDB")
		switch {
		case errors.Is(err, errAnother):
			return err
		case err != nil:
			i.settings.Log.Warn("a second import to InfluxDB from this state directory would not be noticed; run only one at a time", "err", err)
		}
		i.unlock = unlock
	}
	i.place = set.Influx.Place()
	if err := set.Influx.Probe(ctx); err != nil {
		i.Close()
		return err
	}
	return nil
}

// errAnother is the error of a lock that was found held.
var errAnother = errors.New("is running in this state directory")

// alone takes the lock of imports to a kind of target. The error says who is importing, or why that cannot be known.
func alone(ctx context.Context, set *profiles.Set, kind, where string) (unlock func(), err error) {
	path := filepath.Join(set.Dir.Path(), kind+".lock")
	unlock, ok, err := statedir.TryLock(path)
	if err == nil && !ok {
		err = hint.Wrap(fmt.Errorf("another import to %s %w", where, errAnother), statedir.HolderOf(ctx, path))
	}
	return unlock, err
}

func (i *intoInflux) History(m *profiles.Member) (exporter.History, error) { return m.Influx, nil }

// Keep refuses nothing: a database keeps what it has.
func (i *intoInflux) Keep(*run) error { return nil }

func (i *intoInflux) Announce(_ context.Context, r *run) string {
	i.before, i.only = r.before(), r.only()
	for _, was := range i.before {
		if was.lacked {
			return ""
		}
	}
	if i.unseen = r.unseen(); i.unseen {
		return "InfluxDB has acknowledged everything" + i.only + " already; only what is new is asked for. " + unseen
	}
	return "Everything" + i.only + " is in InfluxDB already; only what is new is asked for. To import everything again, add --again."
}

// before says what a target had of a group when an import began: not only an earlier one may have written it, but also serve.
type before struct{ lacked, had bool } // something of the past

// before says that of every group that is imported, and of no other.
func (r *run) before() map[exporter.Group]before {
	all := map[exporter.Group]before{}
	for _, p := range r.profiles {
		for _, service := range p.Historic() {
			missing := p.Missing(service, r.span)
			had := len(missing) != 1 || missing[0] != r.span
			for _, m := range exporter.Catalog() {
				if m.Service == service {
					all[m.Group] = before{all[m.Group].lacked || len(missing) > 0, all[m.Group].had || had}
				}
			}
		}
	}
	return all
}

// unseen is what cannot be known where InfluxDB does not let itself be read.
const unseen = "It answers no queries with this bucket and token, so it cannot be seen whether it still has all of that; " +
	"if the bucket was emptied, add --again to import everything again."

// looked is a history that can look at what its target acknowledged.
type looked interface {
	Lost(context.Context) (bool, error) // it is gone
	Unseen() bool                       // the last look has shown nothing
}

// unseen reports whether a target does not show if it still has what it acknowledged.
func (r *run) unseen() bool {
	return slices.ContainsFunc(r.profiles, func(p *backfill.Profile) bool {
		t, can := p.Target.(looked)
		return can && t.Unseen()
	})
}

// Finish says of each group that was to be imported what was, or that nothing was missing. The rows are what was measured, and not the
// services of an estimate, of which one gives values of several groups.
func (i *intoInflux) Finish(_ context.Context, s *backfill.Summary, _ exporter.Span, _ io.Writer) error {
	some := slices.ContainsFunc(groups, func(g exporter.Group) bool { return s.Of(g).Readings > 0 })
	if some {
		fmt.Fprintf(i.out, "imported %s into %s,\nby what was measured:\n%-10s %10s  %s\n", english.Plural(s.Records(), "record", ""), i.place, "group", "readings", "from … to")
	}
	lacked := map[exporter.Group]bool{} // not what a serve that is running has written since
	for _, m := range exporter.Catalog() {
		lacked[m.Group] = lacked[m.Group] || s.Lacked[m.Service]
	}
	for _, group := range groups {
		part := s.Of(group)
		was, read := i.before[group]
		switch {
		case part.Readings > 0:
			rest := ""
			if was.had {
				rest = "; the rest was there"
			}
			fmt.Fprintf(i.out, "%-10s %10d  %s%s\n", group, part.Readings, extent(part.First, part.Last), rest)
		case some && read && !lacked[group]:
			fmt.Fprintf(i.out, "%-10s %10s  %s\n", group, "-", "nothing was missing")
		}
	}
	if len(s.Refused) > 0 {
		return i.refused(s.Refused)
	}
	switch {
	case some:
	case i.unseen:
		words.Paragraph(i.out, "", "nothing is new; InfluxDB has acknowledged everything"+i.only+" before")
	case i.only != "":
		words.Paragraph(i.out, "", "InfluxDB already has everything"+i.only)
	default:
		fmt.Fprintln(i.out, "InfluxDB is already up to date")
	}
	return nil
}

// refused lists what the server has rejected, and why.
func (i *intoInflux) refused(all []backfill.Refused) error {
	points, told := 0, map[string]bool{}
	fmt.Fprintf(i.out, "rejected, by what was measured:\n%-10s %9s %10s  %s\n", "group", "points", "readings", "from … to, whose, why")
	for _, r := range all {
		points += r.Points
		fmt.Fprintf(i.out, "%-10s %9d %10d  %s, %s, %s\n", r.Group, r.Points, r.Readings, extent(r.First, r.Last), r.Profile, r.Reason)
	}
	var remedies []string
	for _, r := range all {
		if !told[r.Reason] {
			told[r.Reason] = true
			fmt.Fprintf(i.out, "%s: %s\n", r.Reason, r.Told)
		}
		if !slices.Contains(remedies, r.Remedy) {
			remedies = append(remedies, r.Remedy)
		}
	}
	return hint.Wrap(fmt.Errorf("InfluxDB rejected %s; the rest was written", english.Plural(points, "point", "")),
		strings.Join(remedies, "; ")+"; then a running serve writes them within the hour, or run this import again")
}

func (i *intoInflux) Close() {
	if i.unlock != nil {
		i.unlock()
	}
}

// groups in the order of a summary.
var groups = []exporter.Group{exporter.GroupBody, exporter.GroupHeart, exporter.GroupActivity,
	exporter.GroupSleep, exporter.GroupWorkout, exporter.GroupDevice}

func extent(first, last time.Time) string {
	return first.Format(time.DateOnly) + " … " + last.Format(time.DateOnly)
}
