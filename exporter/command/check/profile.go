package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/reach"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/withings"
)

// checkProfile checks one profile: its files, its token, and whether Withings answers
// for every service that serve would ask. Services that fail for the same reason
// share a line.
func checkProfile(ctx context.Context, set *profiles.Set, m *profiles.Member, now time.Time) []verdict {
	var lines []verdict
	for _, text := range m.Notes {
		lines = append(lines, bad(title(m), text))
	}
	set.TryFor(ctx, m)
	if err := m.Ready(ctx); err != nil && !errors.Is(err, exporter.ErrAskAgain) {
		return append(lines, refused(ctx, set, m, err))
	}
	asked := askServices(ctx, m, set.Budget)
	if asked.denied != nil {
		return append(lines, refused(ctx, set, m, asked.denied))
	}
	if len(asked.choice.Barred) > 0 {
		lines = append(lines, note(title(m), fmt.Sprintf("not allowed: %s; to allow it, run: %s",
			profiles.Listed(asked.choice.Barred), shell.Auth(m.State.Profile()))))
	}
	for _, text := range asked.doubts {
		lines = append(lines, note(title(m), text))
	}
	for _, f := range asked.failures {
		lines = append(lines, bad(title(m), f.text).of(f.of(asked.choice)).because(f.common))
	}
	for _, text := range profiles.LeftOut(m) {
		lines = append(lines, note(title(m), text))
	}
	if len(asked.failures) == 0 {
		text := answers(asked.choice.Asked, asked.devices, readings(ctx, set, m, now))
		if rare := m.State.Rare(asked.choice); len(rare) > 0 {
			text += fmt.Sprintf("; %s: %s", profiles.Listed(rare), profiles.Rare)
		}
		lines = append(lines, good(title(m), text))
	}
	return lines
}

// refused is why a profile cannot be asked: most often somebody must sign in, but not if its token file cannot be used. Whoever
// withdrew may want that to last.
func refused(ctx context.Context, set *profiles.Set, m *profiles.Member, err error) verdict {
	switch {
	case !errors.Is(err, command.ErrNeedsAuthorization):
		return failing(ctx, title(m), set.Budget, err)
	case !m.Source.Withdrawn().IsZero():
		return unapproved(title(m), fmt.Sprintf("%v; or, if that is to last, %s", err, set.Without(ctx, m.State.Profile())))
	case m.Damaged() && serves(ctx, set, m):
		return unapproved(title(m), fmt.Sprintf("%v; but first run check again: serve puts the token back within seconds, if it has it", err))
	}
	return unapproved(title(m), err.Error())
}

// serves reports whether a serve runs that has the profile, or has yet to write down whom it has.
func serves(ctx context.Context, set *profiles.Set, m *profiles.Member) bool {
	server, err := set.Serving(ctx)
	return err == nil && server != nil && (server.Profiles == nil || slices.Contains(server.Profiles, m.State.Profile()))
}

// askedServices are the answers of the services of a profile.
type askedServices struct {
	choice   exporter.Choice
	devices  int // -1 if they were not asked for
	failures []failure
	doubts   []string // known records that are missing from the answers
	denied   error    // the profile must be authorised
}

// failure is a reason and the services that failed for it.
type failure struct {
	text     string // with the name of the request, if only one failed
	cause    string // without it
	common   string // what is in the way of all requests; see hindrance
	services []exporter.Service
}

// of names the services.
func (f failure) of(choice exporter.Choice) string {
	if n := len(choice.Asked); len(f.services) == n && n > 1 {
		return "all " + english.Plural(n, "service", "")
	}
	return profiles.Listed(f.services)
}

// askServices asks each service of a profile, as a poll does.
func askServices(ctx context.Context, m *profiles.Member, budget *withings.Budget) askedServices {
	all := askedServices{choice: m.Choose(), devices: -1}
	refused, answered, late, common := 0, 0, "", ""
	barred := map[exporter.Service]error{}
	for _, service := range all.choice.Asked {
		err := askOnce(ctx, m, service, &all)
		switch {
		case err == nil:
			answered++
		case ctx.Err() != nil, errors.Is(err, withings.ErrNoRoom):
			if late == "" { // also the reason why later ones are not asked
				late, common = told(ctx, budget, err), hindrance(ctx, budget, err)
			}
			all.fail(service, late, common)
		case errors.Is(err, exporter.ErrNotAuthorized) && errors.Is(m.Ready(ctx), exporter.ErrNotAuthorized):
			all.denied = err
			return all
		case errors.Is(err, exporter.ErrNotAllowed) && !all.choice.Sure:
			barred[service] = err
		default:
			if errors.Is(err, exporter.ErrTokenRefused) {
				refused++
			}
			all.fail(service, reason(err), hindrance(ctx, budget, err))
		}
	}
	if refused > 0 && refused+len(barred) == len(all.choice.Asked) {
		m.Refused()
		if all.denied = m.Ready(ctx); all.denied != nil {
			return all
		}
	}
	for _, service := range all.choice.Asked {
		switch err, met := barred[service]; {
		case met && answered > 0:
			all.choice = all.choice.Bar(service)
		case met:
			all.fail(service, reason(err), "")
		}
	}
	return all
}

// askOnce asks one service as serve does, and checks whether records that serve knows
// are missing from the answer. Nothing else of it is kept.
func askOnce(ctx context.Context, m *profiles.Member, service exporter.Service, all *askedServices) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	told := exporter.Batch{Service: service}
	_, err := m.Fetch.Fetch(ctx, service, m.State.Progress(service), func(b exporter.Batch) {
		if service == exporter.Device {
			all.devices = len(b.Records)
		}
		told.Join(b)
		if b.Whole != nil {
			told.Whole = b.Whole
		}
	})
	if err != nil {
		return err
	}
	lacks, err := m.State.Lacks(told)
	if lacks.Missing > 0 {
		all.doubts = append(all.doubts, fmt.Sprintf("Withings' answer lacks %d of %d known %s; "+
			"they are kept unless they are missing for a day", lacks.Missing, lacks.Known, service.Row().Noun))
	}
	return err
}

// reason is an error without the name of the request if the cause is the network,
// which affects all requests.
func reason(err error) string {
	if failed, ok := errors.AsType[*reach.Error](err); ok {
		return failed.Error()
	}
	return err.Error()
}

// fail records a failure, together with others for the same reason; common is that of hindrance.
func (a *askedServices) fail(service exporter.Service, text, common string) {
	cause := exporter.Cause(text)
	for i := range a.failures {
		f := &a.failures[i]
		if f.cause != cause {
			continue
		}
		if f.services = append(f.services, service); f.text != text {
			f.text = cause
		}
		return
	}
	a.failures = append(a.failures, failure{text: text, cause: cause, common: common, services: []exporter.Service{service}})
}
