package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter"
	"withings-exporter/exporter/backfill"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/withings"
	"withings-exporter/exporter/words"
)

// Options say what history is wanted, and where. Dates are first and last
// days; a moment may stand in place of one.
type Options struct {
	Who    []string `arg:"" optional:"" name:"PROFILE" help:"Whose; else everybody's."`
	Since  string   `name:"since" env:"WITHINGS_SINCE" placeholder:"DATE" help:"From this date on; else all there is."`
	Until  string   `name:"until" env:"WITHINGS_UNTIL" placeholder:"DATE" help:"Up to this date; else up to now."`
	To     string   `name:"to" env:"WITHINGS_TO" placeholder:"WHERE" help:"influx, or openmetrics=FILE."`
	Again  bool     `name:"again" env:"WITHINGS_AGAIN" help:"Also what is there already."`
	DryRun bool     `name:"dry-run" env:"WITHINGS_DRY_RUN" help:"Only say how many requests, how long."`
}

// Run imports the history of profiles into InfluxDB or an OpenMetrics file.
// What is there already is not asked for. Results go to out, talk to errw.
func Run(ctx context.Context, s command.Settings, o Options, out, errw io.Writer) error {
	span, err := o.span(s)
	if err != nil {
		return err
	}
	to, err := o.Target(s, out)
	if err != nil && !(o.DryRun && o.To == "") {
		return err
	}
	if err != nil {
		to = nowhere{}
	}
	set, err := profiles.Open(s, prometheus.NewRegistry())
	if err != nil {
		return err
	}
	if err := set.Load(s); err != nil {
		return err
	}
	members, err := o.members(set)
	if err != nil {
		return err
	}
	if err := to.Open(ctx, set); err != nil {
		return err
	}
	defer to.Close()
	run := &run{settings: s, budget: set.Budget, span: span, to: to, out: out, errw: errw}
	denied, err := run.pair(ctx, members)
	if err != nil {
		return err
	}
	for _, problem := range denied {
		fmt.Fprintln(errw, problem)
	}
	if o.DryRun {
		return errors.Join(run.estimate(ctx, o.Again), denied.error())
	}
	if err := run.prepare(ctx, o.Again); err != nil {
		return err
	}
	return errors.Join(run.do(ctx), denied.error())
}

// run is one transfer of the histories of profiles.
type run struct {
	settings  command.Settings
	budget    *withings.Budget
	span      exporter.Span
	to        Target
	out, errw io.Writer
	profiles  []*backfill.Profile
}

// prepare has each history look whether the target still holds what it
// acknowledged, and forget that where all is to be read again.
func (r *run) prepare(ctx context.Context, again bool) error {
	for _, p := range r.profiles {
		if err := p.Target.Ready(ctx); err != nil {
			return err
		}
		if again {
			if err := p.Target.Reopen(r.span); err != nil {
				return err
			}
		}
	}
	return nil
}

// do fills the target and tells how that goes, and what came of it.
func (r *run) do(ctx context.Context) error {
	bar := newProgress(r.errw, r.budget)
	work := &backfill.Run{Span: r.span, Now: r.settings.Now, Pause: exporter.Pause, Report: bar.report}
	summary, err := work.Do(ctx, r.profiles)
	bar.end()
	fmt.Fprintf(r.errw, "%s to Withings in %s\n", english.Plural(summary.Requests, "request", ""), words.Span(time.Since(bar.began)))
	if err != nil {
		if ctx.Err() != nil || errors.Is(err, context.Canceled) {
			fmt.Fprintln(r.errw, "interrupted; progress is saved, run the same command to resume")
			return err
		}
		return fmt.Errorf("%w\nprogress is saved; run the same command to resume", err)
	}
	return r.to.Finish(ctx, summary, r.span, r.errw)
}

// span reads the two dates.
func (o *Options) span(s command.Settings) (exporter.Span, error) {
	span := exporter.Span{From: time.Unix(1, 0), To: s.Now().Add(48 * time.Hour)}
	zone := s.Timezone
	if zone == nil {
		zone = time.Local
	}
	if o.Since != "" {
		at, _, err := instant(o.Since, zone)
		if err != nil {
			return span, command.Usagef("--since %q: %v", o.Since, err)
		}
		span.From = at
	}
	if o.Until != "" {
		at, date, err := instant(o.Until, zone)
		if err != nil {
			return span, command.Usagef("--until %q: %v", o.Until, err)
		}
		if date {
			at = at.AddDate(0, 0, 1)
		}
		if at.Before(span.To) {
			span.To = at
		}
	}
	if span.Empty() {
		return span, command.Usagef("nothing lies between %s and %s; correct --since or --until", span.From.Format(time.DateOnly), span.To.Format(time.DateOnly))
	}
	return span, nil
}

// instant reads a date, which is its first moment in the zone, or a moment.
func instant(text string, zone *time.Location) (at time.Time, date bool, err error) {
	if at, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return at, true, nil
	}
	if at, err = time.Parse(time.RFC3339, text); err != nil {
		return at, false, errors.New("give a date such as 2019-03-31, or a moment such as 2019-03-31T22:00:00+01:00")
	}
	return at, false, nil
}

// members are those asked for, or everybody.
func (o *Options) members(set *profiles.Set) ([]*profiles.Member, error) {
	all := set.List()
	if len(o.Who) == 0 {
		if len(all) == 0 {
			return nil, fmt.Errorf("no profile is configured and none has a token; run: withings-exporter auth PROFILE: %w", command.ErrNeedsAuthorization)
		}
		return all, nil
	}
	var chosen []*profiles.Member
	for _, name := range o.Who {
		i := slices.IndexFunc(all, func(m *profiles.Member) bool { return m.State.Profile() == name })
		switch known := set.Served(); {
		case i < 0 && len(known) == 0:
			return nil, command.Usagef("there is no profile %q, nor any other; run: %s", name, shell.Auth(name))
		case i < 0:
			return nil, command.Usagef("there is no profile %q; known are: %s", name, strings.Join(known, ", "))
		}
		if !slices.Contains(chosen, all[i]) {
			chosen = append(chosen, all[i])
		}
	}
	return chosen, nil
}

// problems are what keeps some profiles from taking part.
type problems []string

func (p problems) error() error {
	if len(p) == 0 {
		return nil
	}
	return fmt.Errorf("%d of the profiles could not be asked for: %w", len(p), command.ErrNeedsAuthorization)
}

// pair has the profiles that are authorised take part, each with its history.
func (r *run) pair(ctx context.Context, members []*profiles.Member) (denied problems, err error) {
	for _, m := range members {
		if err := m.Ready(ctx); err != nil {
			denied = append(denied, fmt.Sprintf("profile %q is left out: %v", m.State.Profile(), err))
			continue
		}
		history, err := r.to.History(m)
		if err != nil {
			return nil, err
		}
		r.profiles = append(r.profiles, &backfill.Profile{Name: m.State.Profile(), Source: m.Account, Target: history, Asked: m.Choose().Asked})
	}
	return denied, nil
}
