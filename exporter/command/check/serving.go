package check

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/shell"
)

// checkServing says whether serve runs with the state directory, and whether it knows the profiles of the configuration.
func checkServing(ctx context.Context, set *profiles.Set, s command.Settings) []verdict {
	server, err := set.Serving(ctx)
	switch {
	case err != nil && len(set.List()) > 0:
		return []verdict{note("serve", "it cannot be seen whether it runs: "+err.Error())}
	case err != nil:
		return nil
	case server == nil:
		return stopped(set, s)
	}
	differs := difference(server, set)
	for ends := time.Now().Add(reloads); len(differs) > 0 && time.Now().Before(ends) && exporter.Pause(ctx, reloadLook) == nil; { // it may be about to change
		if now, err := set.Serving(ctx); err == nil && now != nil {
			server = now
			differs = difference(server, set)
		}
	}
	text := "running, " + server.Who
	switch {
	case len(differs) == 0:
		return []verdict{good("serve", text)}
	case len(s.Profiles) == 0 && !server.Differs(set):
		return []verdict{note("serve", fmt.Sprintf("%s; it %s, which changes within seconds of a sign-in", text, strings.Join(differs, " and ")))}
	}
	advice := readAgain(s, server.Process)
	if server.Differs(set) && s.Restarts {
		advice = "to have it use this one, restart it"
	}
	return []verdict{note("serve", fmt.Sprintf("%s; it %s; %s", text, strings.Join(differs, " and "), advice))}
}

// stopped is said where no serve runs, and nobody expects one before somebody has signed in. What is in its way is another's address:
// that a port needs privileges, which the unit of a service may give, is not known to be.
func stopped(set *profiles.Set, s command.Settings) (lines []verdict) {
	if len(set.List()) > 0 {
		lines = append(lines, note("serve", "not running with this state directory, so nothing is polled; to start it, run: "+shell.Start()))
	}
	if err := s.TryAddresses(); err != nil && !errors.Is(err, fs.ErrPermission) {
		lines = append(lines, note("serve", "it cannot start as things are: "+err.Error()))
	}
	return lines
}

// reloads is how long a process that was told to read its configuration again may take for it, until it has written down whom it
// serves; reloadLook is how often that is looked at.
const reloads, reloadLook = 1500 * time.Millisecond, 100 * time.Millisecond

// corrected says how a serve that is running comes to use a corrected client id or secret; "" if none is.
func corrected(ctx context.Context, set *profiles.Set, s command.Settings) string {
	server, err := set.Serving(ctx)
	if err != nil || server == nil {
		return ""
	}
	text := ". " + set.Corrected()
	if !s.Restarts {
		text += " To reload the running serve, " + reload(s, server.Process)
	}
	return strings.TrimSuffix(text, ".")
}

// difference says how those whom a process serves, and what it asks Withings with, differ from the configuration.
func difference(server *profiles.Server, set *profiles.Set) (differs []string) {
	if server.Differs(set) {
		differs = append(differs, "uses another client id or client secret than this configuration has")
	}
	if server.Profiles == nil {
		return differs
	}
	names := set.Served()
	if missing := without(names, server.Profiles); len(missing) > 0 {
		differs = append(differs, "does not know "+english.OxfordWordSeries(missing, "and")+" yet")
	}
	if left := without(server.Profiles, names); len(left) > 0 { // their names are not for a bug report
		differs = append(differs, "still serves "+english.Plural(len(left), "profile", "")+" that "+english.PluralWord(len(left), "is", "are")+" not configured")
	}
	return differs
}

// without are the names of a list that another lacks, quoted.
func without(names, others []string) []string {
	var all []string
	for _, name := range names {
		if !slices.Contains(others, name) {
			all = append(all, fmt.Sprintf("%q", name))
		}
	}
	return all
}

// readAgain says how a process is told to read its configuration again.
func readAgain(s command.Settings, process int) string {
	return "to have it read its configuration again, " + reload(s, process)
}

// reload is what to run for that; process 0 is one of another machine.
func reload(s command.Settings, process int) string {
	where := ""
	if process == 0 {
		where = " on its machine"
	}
	return "run" + where + ": " + s.ReadAgain(process)
}
