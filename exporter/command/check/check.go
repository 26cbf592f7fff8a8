package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/reach"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/withings"
)

// Check tries once everything that serve does: it asks Withings for every profile and
// every allowed service, and writes to InfluxDB. It prints a line for each check, with
// what to do if something is wrong, and ends within a minute whatever hangs, not counting the
// time that its requests wait for the rate limit. If that is long, it writes to talk for how
// long they will. The error is ErrNeedsAuthorization if a profile has to be authorised.
func Check(ctx context.Context, s command.Settings, out, talk io.Writer) error {
	_, err := check(ctx, s, out, talk)
	return err
}

// checkDir tries whether a file can be written: a folder on a full disk can be opened, but no token can be renewed in it.
func checkDir(set *profiles.Set) verdict {
	if err := set.Dir.Room(); err != nil {
		return bad("state directory", err.Error())
	}
	return good("state directory", set.Dir.Path())
}

// check is Check; the set is nil when it could not be loaded.
func check(ctx context.Context, s command.Settings, out, talk io.Writer) (*profiles.Set, error) {
	report := &report{out: out, wraps: command.IsTerminal(out)}
	set, err := profiles.Open(s, prometheus.NewRegistry())
	if err != nil {
		return nil, err
	}
	report.show(checkDir(set))
	s.Hurry, set.Reported = true, true
	if err := set.Load(s); err != nil {
		return nil, err
	}
	report.show(good("configuration", fmt.Sprintf("%s; client id %s, %s", s.FileRead(), beginning(s.ClientID), english.Plural(len(set.List()), "profile", ""))))
	report.show(checkServing(ctx, set, s)...)
	for _, text := range set.Notes {
		report.show(note("state directory", text))
	}
	if crowded, room := set.Crowded(); crowded != "" {
		report.show(note("poll interval", crowded))
	} else if room != "" {
		report.show(good("poll interval", room))
	}
	var tasks []task
	if set.Influx != nil {
		tasks = append(tasks, task{"InfluxDB", func(ctx context.Context) []verdict { return checkInflux(ctx, set, s) }})
	}
	requests := 0
	if until := set.Budget.Until(); !until.IsZero() {
		report.show(bad("rate limit", resting(until)))
	} else {
		tasks = append([]task{{"application", func(ctx context.Context) []verdict { return checkApplication(ctx, set, s) }}}, tasks...)
		requests = 1
		for _, m := range set.List() {
			requests += len(m.Choose().Asked)
			tasks = append(tasks, task{title(m), func(ctx context.Context) []verdict { return checkProfile(ctx, set, m, s.Now()) }})
		}
	}
	if s.Callbacks() != "" && requests > 0 {
		requests += len(set.List()) + trialRequests
		tasks = append(tasks, task{notifications, func(ctx context.Context) []verdict { return checkNotifications(ctx, set, s) }})
	}
	outlook, err := set.Budget.Outlook(ctx, requests)
	if err != nil {
		return set, err
	}
	if outlook.Takes >= profiles.TellFrom {
		fmt.Fprintln(talk, profiles.Waits(outlook, requests, s.RateLimit))
	}
	limit := checkTime + max(outlook.Takes-checkSlack, 0)
	if err := report.run(ctx, limit, tasks); err != nil {
		return set, err
	}
	if len(set.List()) == 0 {
		report.show(unapproved("profiles", "nobody has signed in yet, and no profile is named; run: "+shell.Auth("PROFILE")))
	}
	return set, report.result()
}

// checkApplication asks Withings whether client id and secret are right.
func checkApplication(ctx context.Context, set *profiles.Set, s command.Settings) []verdict {
	if err := set.Cloud.App.Try(ctx); err != nil {
		line := failing(ctx, "application", set.Budget, err)
		if errors.Is(err, command.ErrApplicationRefused) {
			line.text += corrected(ctx, set, s)
		}
		return []verdict{line}
	}
	return []verdict{good("application", "Withings accepts client id and secret")}
}

// beginning shortens what is used as the client id: if the two were exchanged, it is the
// secret.
func beginning(id string) string {
	const enough = 8
	if len(id) <= 2*enough {
		return id
	}
	return id[:enough] + "…"
}

// checkInflux writes to the server and has it confirm that. A token that may not read is
// only noted: serve can do without.
func checkInflux(ctx context.Context, set *profiles.Set, s command.Settings) []verdict {
	if err := set.Influx.Probe(ctx); err != nil {
		return []verdict{bad("InfluxDB", strings.TrimPrefix(told(ctx, set.Budget, err), "InfluxDB at "))}
	}
	lines := []verdict{good("InfluxDB", fmt.Sprintf("%s accepts writes to bucket %q", publicAddress(s.Influx.URL), s.Influx.Bucket))}
	if unread := set.Influx.Unread(ctx); unread != "" {
		lines = append(lines, note("InfluxDB", unread))
	}
	return lines
}

// publicAddress is an address without user, password and query.
func publicAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the server"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// told is the text of an error for a line. What was running when the time was up did
// not answer, unless it had not been asked yet.
func told(ctx context.Context, budget *withings.Budget, err error) string {
	until := budget.Until()
	switch {
	case !until.IsZero() && (errors.Is(err, withings.ErrNoRoom) || envelope.Limited(envelope.Outcome(err))):
		return resting(until)
	case errors.Is(err, withings.ErrNoRoom):
		return fmt.Sprintf("not asked within %s, since other commands, such as serve, use all of --api.rate-limit now; try again in a minute", elapsed(ctx))
	case ctx.Err() != nil:
		return fmt.Sprintf("did not answer within %s", elapsed(ctx))
	}
	return err.Error()
}

// failing is the line of a request to Withings that has failed. What is in the way of all of them is told once.
func failing(ctx context.Context, what string, budget *withings.Budget, err error) verdict {
	cause, text := hindrance(ctx, budget, err), told(ctx, budget, err)
	switch {
	case cause == unreachable:
		text = reason(err)
	case cause != "": // whatever was asked
		text = exporter.Cause(text)
	}
	return bad(what, text).because(cause)
}

// unreachable is the cause of an error of the network.
const unreachable = "Withings cannot be reached"

// hindrance is what is in the way of all requests to Withings, in words; "" if an error is about one of them.
func hindrance(ctx context.Context, budget *withings.Budget, err error) string {
	_, away := errors.AsType[*reach.Error](err)
	switch noRoom := errors.Is(err, withings.ErrNoRoom); {
	case !budget.Until().IsZero() && (noRoom || envelope.Limited(envelope.Outcome(err))):
		return "Withings asked for a pause"
	case noRoom:
		return "the rate limit is used up"
	case ctx.Err() != nil:
		return "Withings does not answer"
	case away:
		return unreachable
	case errors.Is(err, command.ErrApplicationRefused):
		return "Withings does not accept client id or client secret"
	}
	if other, is := errors.AsType[*envelope.Error](err); is && other.Status == 0 && other.Meaning() == envelope.Unknown { // as of a proxy
		return other.Text
	}
	return ""
}

// resting says that Withings is not asked until a moment.
func resting(until time.Time) string {
	return fmt.Sprintf("not asked, since Withings asked for a pause until %s (too many requests with this client id); run check again after that",
		until.Local().Format(time.TimeOnly))
}

// title is how lines name a profile.
func title(m *profiles.Member) string { return fmt.Sprintf("profile %q", m.State.Profile()) }

// readings says how many readings of a profile are known, or why none are.
func readings(ctx context.Context, set *profiles.Set, m *profiles.Member, now time.Time) string {
	if n := len(m.State.Snapshot(now).Samples); n > 0 {
		return english.Plural(n, "current reading", "")
	}
	read := false
	m.State.EachProgress(func(_ exporter.Service, known *exporter.Progress) { read = read || !known.Success.IsZero() })
	switch {
	case read:
		return "no readings known"
	case serves(ctx, set, m):
		return "no readings saved yet, which serve does at the end of a poll"
	}
	return "no readings known until serve reads them"
}

// answers is the line of a profile for which every service answers.
func answers(asked []exporter.Service, devices int, readings string) string {
	services := "all " + english.Plural(len(asked), "service", "")
	if len(asked) < len(exporter.Asked()) {
		services = profiles.Listed(asked)
	}
	text := "Withings answers for " + services + "; "
	if len(asked) == 0 {
		text = "nothing is asked of Withings, since --services names only what notifications tell; "
	}
	if devices >= 0 {
		text += english.Plural(devices, "device", "") + ", "
	}
	return text + readings
}
