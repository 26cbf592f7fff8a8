package transfer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/openmetrics"
	"withings-exporter/exporter/shell"
)

// Keep refuses to write a file again with less than is in it: nothing else may have that history.
func (f *intoFile) Keep(r *run) error {
	if f.old.IsZero() {
		return nil
	}
	held, err := openmetrics.Holdings(f.file)
	if err != nil {
		return fmt.Errorf("read %s: %w", f.file, err)
	}
	for _, h := range held {
		if !slices.Contains(f.people, h.Profile) {
			f.people = append(f.people, h.Profile)
		}
	}
	less := r.less(held)
	names := r.names()
	lost := without(f.people, names)
	switch {
	case len(lost) > 0:
		return f.somebody(r, lost, less)
	case len(less.what) == 0:
		return nil
	}
	advice := newName
	if !f.simulated {
		advice = english.WordSeries(less.ways, "and") + ", or " + advice
	}
	return command.Usagef(advice, "%s would be written again as a whole, and would lose %s", f.place(), english.WordSeries(less.what, "and"))
}

// somebody refuses to write a file again without people who are in it.
func (f *intoFile) somebody(r *run, lost []string, less less) error {
	names := r.names()
	var known []string
	for _, m := range f.set.List() {
		known = append(known, m.State.Profile())
	}
	advice := newName
	switch {
	case f.simulated, len(without(lost, known)) > 0: // no command of this program writes all of them
	case len(without(lost, r.skipped)) < len(lost):
		advice = "authorise who was skipped, or " + advice
	default:
		all := slices.Concat(f.people, without(names, f.people))
		advice = "to have all of them in it, run: " + less.options.command(all) + "; or " + advice
	}
	what := "that of " + several(lost)
	if len(lost) == len(f.people) {
		what = "it"
	}
	return command.Usagef(advice, "%s has the history of %s, and would lose %s: this writes only that of %s",
		f.place(), several(f.people), what, several(names))
}

// less is what a file has and a run would not write.
type less struct {
	what    []string // in words
	ways    []string // how a run has it in, too
	options Options  // with which it has, as far as options can
}

// less compares what a file holds with what the run would write of the same people.
func (r *run) less(held []openmetrics.Held) less {
	is := less{options: r.options}
	lose := func(what, way string) { is.what, is.ways = append(is.what, what), append(is.ways, way) }
	day := func(at time.Time) string { return at.In(zone(r.settings)).Format(time.DateOnly) }
	first, last, minutes := r.span.From, time.Time{}, false
	for _, h := range held {
		if !h.First.IsZero() {
			first, last = exporter.Earlier(first, h.First), exporter.Later(last, h.Last)
		}
		minutes = minutes || h.Service != "" && h.Service.Row().Minutes
	}
	if first.Before(r.span.From) {
		is.options.Since = ""
		lose(fmt.Sprintf("what is before %s (its first day is %s)", r.options.Since, day(first)), "leave --since out")
	}
	if !last.Before(r.span.To) {
		is.options.Until = ""
		lose(fmt.Sprintf("what is after %s (its last day is %s)", r.options.Until, day(last)), "leave --until out")
	}
	if minutes && !r.options.Minutes {
		is.options.Minutes = true
		lose("the minutes of days and nights", "add --minutes")
	}
	unnamed, barred := r.unasked(held)
	if len(unnamed) > 0 {
		lose(english.WordSeries(unnamed, "and"), "give --services="+strings.Join(slices.Concat(r.settings.Services, unnamed), ","))
	}
	for _, p := range r.profiles {
		if services := barred[p.Name]; len(services) > 0 {
			series := english.WordSeries(services, "and")
			lose(series+" of "+p.Name, fmt.Sprintf("have %s allow %s (run: %s)", p.Name, series, shell.Auth(p.Name)))
		}
	}
	return is
}

// unasked are the services that a file has and that are not asked: those that --services leaves out, and those that a profile does
// not allow.
func (r *run) unasked(held []openmetrics.Held) (unnamed []string, barred map[string][]string) {
	barred = map[string][]string{}
	for _, p := range r.profiles {
		for _, h := range held {
			service, named := string(h.Service), r.settings.Services
			switch {
			case h.Profile != p.Name, service == "", p.Asks(h.Service), slices.Contains(unnamed, service):
			case len(named) > 0 && !slices.Contains(named, service):
				unnamed = append(unnamed, service)
			default:
				barred[p.Name] = append(barred[p.Name], service)
			}
		}
	}
	return unnamed, barred
}

// others is the command that writes those who are complete at once, as the end of a sentence: what failed for somebody may take a
// person. It is "" if there is nobody else, or if the command would be refused, or would show what may be secret.
func (f *intoFile) others(r *run, failed []string) string {
	names := without(r.names(), failed)
	switch {
	case len(failed) == 0, len(names) == 0, f.file == "", f.simulated,
		len(without(f.people, names)) > 0, f.posted() && f.place() != f.file:
		return ""
	}
	return "; to write the file of the others at once, run: " + r.options.command(names)
}

// command is the backfill of people into a file with these options.
func (o *Options) command(people []string) string {
	_, file, _ := strings.Cut(o.To, "=")
	var flags []string
	for _, of := range []struct{ flag, value string }{{"--since=", o.Since}, {"--until=", o.Until}, {"--to=openmetrics=", file}} {
		if of.value != "" {
			flags = append(flags, of.flag+shell.Quote(of.value))
		}
	}
	if o.Minutes {
		flags = append(flags, "--minutes")
	}
	return shell.Backfill(flags, people...)
}

// without are the names that are not among others.
func without(names, others []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(others, name) })
}

// several are some people in words: by name, unless they are very many.
func several(names []string) string {
	const most = 10
	if len(names) > most {
		return english.Plural(len(names), "profile", "")
	}
	return english.WordSeries(names, "and")
}
