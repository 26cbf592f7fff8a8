package transfer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/openmetrics"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/shell"
)

// Keep refuses to write a file again without somebody who is in it: nothing else may have that history.
func (f *intoFile) Keep(r *run, o Options) error {
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
	known := func(name string) bool {
		return slices.ContainsFunc(f.set.List(), func(m *profiles.Member) bool { return m.State.Profile() == name })
	}
	others := "give the name of a new file, or delete that one"
	switch skipped := without(lost, r.skipped); {
	case f.simulated || slices.ContainsFunc(lost, func(name string) bool { return !known(name) }):
	case len(skipped) < len(lost):
		others = "authorise who was skipped, or " + others
	default:
		all := slices.Concat(f.people, without(names, f.people))
		others = "to have all of them in it, run: " + o.command(all) + "; or " + others
	}
	what := "that of " + several(lost)
	if len(lost) == len(f.people) {
		what = "it"
	}
	return command.Usagef(others, "%s has the history of %s, and would lose %s: this writes only that of %s",
		f.file, several(f.people), what, several(names))
}

// command is the backfill of people with these options.
func (o Options) command(people []string) string {
	words := []string{"backfill"}
	_, file, _ := strings.Cut(o.To, "=")
	for _, of := range []struct{ flag, value string }{{"--since=", o.Since}, {"--until=", o.Until}, {"--to=openmetrics=", file}} {
		if of.value != "" {
			words = append(words, of.flag+shell.Quote(of.value))
		}
	}
	if o.Minutes {
		words = append(words, "--minutes")
	}
	if slices.ContainsFunc(people, func(name string) bool { return strings.HasPrefix(name, "-") }) {
		words = append(words, "--") // what follows is no flag
	}
	for _, name := range people {
		words = append(words, shell.Quote(name))
	}
	return shell.Program() + " " + strings.Join(words, " ")
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
