package transfer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/openmetrics"
	"withings-exporter/exporter/shell"
)

// Keep refuses to write a file again without somebody who is in it: nothing else may have that history.
func (f *intoFile) Keep(r *run) error {
	if f.old.IsZero() {
		return nil
	}
	var err error
	if f.people, err = openmetrics.People(f.file); err != nil {
		return fmt.Errorf("read %s: %w", f.file, err)
	}
	names := r.names()
	lost := without(f.people, names)
	if len(lost) == 0 {
		return nil
	}
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
		advice = "to have all of them in it, run: " + r.options.command(all) + "; or " + advice
	}
	what := "that of " + several(lost)
	if len(lost) == len(f.people) {
		what = "it"
	}
	return command.Usagef(advice, "%s has the history of %s, and would lose %s: this writes only that of %s",
		f.place(), several(f.people), what, several(names))
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
