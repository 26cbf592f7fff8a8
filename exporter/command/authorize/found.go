package authorize

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/words"
)

// tell reports what was authorised, what Withings has of the person, and what to do
// next. The token is stored by now, so it is an error only if nothing at all could
// be read.
func (a *authorizer) tell(ctx context.Context, t auth.Token) error {
	name := a.options.Profile
	fmt.Fprintf(a.out, "Profile %q is authorised: %s.\n", name, account(t.UserID))
	if a.replaced {
		words.Paragraph(a.out, "", a.remains())
	}
	found := a.look(ctx, t)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	now := a.settings.Now()
	for _, row := range [][2]string{
		{"Devices:       ", found.devices()},
		{"Newest weight: ", found.weight(now)},
		{"Not allowed:   ", notAllowed(t)},
		{"Stored in:     ", a.store.Path()},
	} {
		if row[1] != "" {
			words.Paragraph(a.out, "  "+row[0], row[1])
		}
	}
	if found.deviceErr != nil && found.measureErr != nil {
		// Only the text: the exit code must not say that an authorisation is missing.
		return hint.Wrap(fmt.Errorf("profile %q is authorised and its token is stored, but nothing could be read with it: %s", name, hint.Text(found.deviceErr)),
			strings.TrimPrefix(hint.Of(found.deviceErr)+"; serve tries again by itself", "; "))
	}
	words.Paragraph(a.out, "", "Next: "+a.next(ctx))
	return nil
}

// next is what to do after the authorisation.
func (a *authorizer) next(ctx context.Context) string {
	wait := a.waiting()
	others := ""
	if len(wait) > 0 {
		others = "authorise " + strings.Join(wait, ", ") + ", too; run: " + a.options.command(wait[0])
	}
	text := ""
	switch {
	case a.unlisted():
		text = fmt.Sprintf("add %q to %s, then %s If it is running, run: %s", a.options.Profile, a.settings.ProfilesPlace(), a.start(), a.reload(ctx))
	case a.unserved(ctx):
		text = fmt.Sprintf("have the running serve read its configuration again, since it does not know %q yet; run: %s", a.options.Profile, a.reload(ctx))
	}
	switch {
	case text != "" && others != "":
		return text + "; then " + others
	case text != "":
		return text
	case others != "":
		return others
	}
	return a.start() + " If it is running, it uses the new token within seconds."
}

// unserved reports whether a running serve was started, or last reloaded, before the profile was configured.
func (a *authorizer) unserved(ctx context.Context) bool {
	server, err := a.set.Serving(ctx)
	return err == nil && server != nil && server.Profiles != nil && len(a.settings.Profiles) > 0 && !slices.Contains(server.Profiles, a.options.Profile)
}

// start says how to serve.
func (a *authorizer) start() string {
	if shell.IsService() {
		return "start the service: `" + shell.Start() + "`."
	}
	return "start `" + shell.Start() + "`."
}

// waiting are the configured people who have no token yet, in the order of the configuration. Who withdrew is not waited for.
func (a *authorizer) waiting() (names []string) {
	for _, name := range a.settings.Profiles {
		store := auth.NewStore(a.dir, name, a.settings.ClientID, a.settings.Now)
		if _, err := store.Peek(); errors.Is(err, fs.ErrNotExist) && store.Withdrawn().IsZero() {
			names = append(names, name)
		}
	}
	return names
}

// reload is the command that makes a running serve read the configuration again.
func (a *authorizer) reload(ctx context.Context) string {
	var serves command.Settings
	a.web.Apply(&serves)
	process := 0
	if server, err := a.set.Serving(ctx); err == nil && server != nil {
		process = server.Process
	}
	return serves.ReadAgain(process)
}

// notAllowed lists the scopes that the person did not allow.
func notAllowed(t auth.Token) string {
	missing := t.Missing()
	if len(missing) == 0 {
		return ""
	}
	return strings.Join(missing, ", ") + "; to add their data, authorise the profile again with all boxes ticked"
}

// found is what a first look at a person's data shows.
type found struct {
	state                 *exporter.State
	samples               []exporter.Sample
	deviceErr, measureErr error
}

// look asks Withings for devices and measures, once, the way the poller does,
// but keeps nothing: the state file is the poller's.
func (a *authorizer) look(ctx context.Context, t auth.Token) found {
	source := auth.NewSource(a.cloud.App, a.store, a.options.Profile)
	state := exporter.NewState(a.options.Profile, a.settings.Timezone)
	state.Bind(t.UserID)
	account := a.cloud.Client.Account(a.options.Profile, source)
	f := found{state: state}
	_, f.deviceErr = account.Fetch(ctx, exporter.Device, exporter.Progress{}, state.Apply)
	_, f.measureErr = account.Fetch(ctx, exporter.Measure, exporter.Progress{}, state.Apply)
	f.samples = state.Snapshot(a.settings.Now()).Samples
	// The last weigh-in may be older than what is read at first.
	for back := (time.Time{}); f.measureErr == nil; {
		if _, weighed := f.newestWeight(); weighed {
			break
		}
		var err error
		back, err = account.Older(ctx, exporter.Measure, exporter.Progress{Back: back}, state.Apply)
		f.samples = state.Snapshot(a.settings.Now()).Samples
		if err != nil || back.IsZero() {
			break
		}
	}
	return f
}

// devices lists the devices by model.
func (f *found) devices() string {
	if f.deviceErr != nil {
		return "could not be read: " + f.deviceErr.Error()
	}
	row := exporter.ByOrigin(exporter.Device, "info")
	model, kind := slices.Index(row.Labels, "model"), slices.Index(row.Labels, "type")
	var names []string
	for _, sample := range f.samples {
		if sample.Metric != row {
			continue
		}
		values := sample.Labels.Values()
		name := values[model]
		if name == "" {
			name = values[kind]
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return "none"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// weight is the newest weight and its age or, for people without a scale, the age
// of their newest measure.
func (f *found) weight(now time.Time) string {
	if f.measureErr != nil {
		return "could not be read: " + f.measureErr.Error()
	}
	if sample, ok := f.newestWeight(); ok {
		kilograms, _ := sample.Value.Scale(1, -3) // a weight has few digits
		return fmt.Sprintf("%s kg, measured %s", kilograms.Fixed(1), words.Ago(now.Sub(sample.Measured)))
	}
	if newest := f.state.Newest(exporter.Measure); !newest.IsZero() {
		return fmt.Sprintf("none; the newest other measure is from %s", words.Ago(now.Sub(newest)))
	}
	return "none yet"
}

// newestWeight is the newest weight of the whole body.
func (f *found) newestWeight() (exporter.Sample, bool) {
	row := exporter.ByOrigin(exporter.Measure, "1")
	i := slices.IndexFunc(f.samples, func(s exporter.Sample) bool { return s.Metric == row && s.Labels == "" })
	if i < 0 {
		return exporter.Sample{}, false
	}
	return f.samples[i], true
}
