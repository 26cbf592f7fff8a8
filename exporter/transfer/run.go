package transfer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
	"withings-exporter/exporter/backfill"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/words"
)

// Options say what history is wanted and where it goes. Since and Until are days or
// moments.
type Options struct {
	Who     []string `arg:"" optional:"" name:"PROFILE" help:"Names of people (default: all)."`
	Since   string   `name:"since" env:"WITHINGS_SINCE" placeholder:"DATE" help:"First day (default: the beginning)."`
	Until   string   `name:"until" env:"WITHINGS_UNTIL" placeholder:"DATE" help:"Last day (default: today)."`
	To      string   `name:"to" env:"WITHINGS_TO" placeholder:"WHERE" help:"influx or openmetrics=FILE."`
	Again   bool     `name:"again" env:"WITHINGS_AGAIN" help:"Import again what InfluxDB has, or what an interrupted run has read for a file."`
	Minutes bool     `name:"minutes" env:"WITHINGS_MINUTES" help:"Also import the minutes of days and nights."`
	DryRun  bool     `name:"dry-run" env:"WITHINGS_DRY_RUN" help:"Only estimate the requests and the time."`
	New     bool     `kong:"-"` // a file that exists is not replaced: it would hold something else

	Simulated bool `kong:"-"` // the people are those of the demo
}

// Run imports the history of profiles into InfluxDB or an OpenMetrics file. What is
// there already is not requested. Results go to out, everything else to errw.
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
	set, err := profiles.Loaded(s)
	if err != nil {
		return err
	}
	members, err := set.Named(o.Who)
	if err != nil {
		return err
	}
	if err := to.Open(ctx, set); err != nil {
		return err
	}
	defer to.Close()
	run := &run{settings: s, set: set, span: span, options: o, to: to, out: out, errw: errw, bar: newProgress(errw, set.Budget)}
	denied, err := run.pair(ctx, members)
	if err != nil {
		return err
	}
	for _, problem := range denied {
		fmt.Fprintln(errw, problem)
	}
	if len(run.profiles) == 0 { // of nobody anything is known
		return denied.error()
	}
	if err := to.Keep(run); err != nil {
		return err
	}
	if o.DryRun {
		return errors.Join(run.estimate(ctx), denied.error())
	}
	if err := run.prepare(ctx); err != nil {
		return err
	}
	if told := to.Announce(ctx, run); told != "" {
		words.Paragraph(errw, "", told)
	}
	return errors.Join(run.do(ctx), denied.error())
}

// run is one transfer of the histories of profiles.
type run struct {
	settings  command.Settings
	set       *profiles.Set
	span      exporter.Span
	options   Options
	to        Target
	out, errw io.Writer
	bar       *progress
	profiles  []*backfill.Profile
	skipped   []string         // others who were asked for
	server    *profiles.Server // of an estimate for a database: who serves; nil if nobody is known to
}

// prepare has each history check whether the target still has what it acknowledged,
// or forget that if everything is to be imported again.
func (r *run) prepare(ctx context.Context) error {
	for _, p := range r.profiles {
		if err := p.Target.Ready(ctx); err != nil {
			return err
		}
		if r.options.Again {
			if err := p.Target.Reopen(r.span); err != nil {
				return err
			}
		}
	}
	return nil
}

// only says of whom a result is, such as " of Anna", where not everybody was looked at; else it is empty.
func (r *run) only() string {
	if len(r.skipped) == 0 {
		return ""
	}
	return " of " + several(r.names())
}

// names are the people whose history is imported.
func (r *run) names() []string {
	names := make([]string, len(r.profiles))
	for i, p := range r.profiles {
		names[i] = p.Name
	}
	return names
}

// few is how many profiles an estimate does not hold up: its requests may be sent at once.
const few = 2

// cost is about what the import will take, for the middle of a sentence; "" if that
// takes too long to find out.
func (r *run) cost(ctx context.Context) string {
	if len(r.profiles) > few {
		return ""
	}
	asks := 0
	for _, p := range r.profiles {
		asks += 1 + len(p.Historic())
	}
	if outlook, err := r.set.Budget.Outlook(ctx, asks); err == nil && outlook.Takes >= profiles.TellFrom {
		r.bar.say(profiles.Waits(outlook, asks, r.settings.RateLimit))
	}
	total, _, err := r.forecast(ctx, func(forecast) {})
	if err != nil || total == 0 {
		return "" // the import will tell
	}
	total += r.news()
	takes, err := r.takes(ctx, total)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("about %s, %s", english.Plural(total, "request", ""), takes)
}

// do imports and reports progress and result.
func (r *run) do(ctx context.Context) error {
	bar := r.bar
	bar.begin()
	work := &backfill.Run{Span: r.span, Now: r.settings.Now, Pause: exporter.Pause, Report: bar.report, Ahead: func(all []backfill.Outlook) {
		bar.end()
		r.ahead(r.errw, all)
	}}
	summary, err := work.Do(ctx, r.profiles)
	bar.end()
	fmt.Fprintf(r.errw, "%s to Withings in %s\n", english.Plural(summary.Requests, "request", ""), words.Span(time.Since(bar.began)))
	if err != nil {
		if ctx.Err() != nil || errors.Is(err, context.Canceled) {
			fmt.Fprintln(r.errw, resume(summary))
			return err
		}
		advice := resume(summary)
		if f, is := r.to.(*intoFile); is {
			advice += f.others(r, summary.Failed)
		}
		return hint.Wrap(err, advice)
	}
	return r.to.Finish(ctx, summary, r.span, r.errw)
}

// resume is advice after an import that did not end.
func resume(s *backfill.Summary) string {
	if s.Unkept {
		return "what could not be written is read again; run the same command to resume"
	}
	return kept
}

// kept is advice where everything that was read is on the disk.
const kept = "progress is saved; run the same command to resume"

// zone is that of the days people give and are told.
func zone(s command.Settings) *time.Location { return cmp.Or(s.Timezone, time.Local) }

// span reads the two dates.
func (o *Options) span(s command.Settings) (exporter.Span, error) {
	span := exporter.Span{From: time.Unix(1, 0), To: s.Now().Add(48 * time.Hour)}
	in := zone(s)
	if o.Since != "" {
		at, _, err := command.Instant(o.Since, in)
		if err != nil {
			return span, command.Usagef(command.Dates, "--since %q is not a date", o.Since)
		}
		if at.After(s.Now()) {
			return span, command.Usagef("give a day that has begun, or leave --since out for everything", "--since %s is in the future", o.Since)
		}
		span.From = at
	}
	if o.Until != "" {
		at, date, err := command.Instant(o.Until, in)
		if err != nil {
			return span, command.Usagef(command.Dates, "--until %q is not a date", o.Until)
		}
		if date {
			at = at.AddDate(0, 0, 1)
		}
		if at.Before(span.To) {
			span.To = at
		}
	}
	if span.Empty() {
		return span, command.Usagef("correct --since or --until", "there is nothing between %s and %s",
			cmp.Or(o.Since, "the beginning"), cmp.Or(o.Until, "today"))
	}
	return span, nil
}

// problems are why some profiles are skipped.
type problems []error

func (p problems) error() error {
	if len(p) == 0 {
		return nil
	}
	skipped := fmt.Errorf("%s skipped: %w", english.Plural(len(p), "profile was", "profiles were"), command.ErrNeedsAuthorization)
	return hint.Wrap(skipped, hint.Of(errors.Join(p...)))
}

// pair gives each authorised profile its history; the others are denied.
func (r *run) pair(ctx context.Context, members []*profiles.Member) (denied problems, err error) {
	waits := &waits{budget: r.set.Budget, perMinute: r.settings.RateLimit, say: r.bar.say}
	for _, m := range members {
		if err := m.Ready(ctx); err != nil {
			denied = append(denied, fmt.Errorf("profile %q is skipped: %w", m.State.Profile(), err))
			r.skipped = append(r.skipped, m.State.Profile())
			continue
		}
		history, err := r.to.History(m)
		if err != nil {
			return nil, err
		}
		p := &backfill.Profile{Name: m.State.Profile(), Source: leisurely{m.Account, waits}, Target: history,
			Asked: m.Choose().Asked, Minutes: r.options.Minutes}
		if _, is := r.to.(*intoInflux); is {
			p.Known = m.State.Progress
		}
		r.profiles = append(r.profiles, p)
	}
	return denied, nil
}
