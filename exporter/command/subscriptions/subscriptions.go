// Package subscriptions is the command that lists which notifications Withings sends
// for each profile, and where to, and that ends them.
package subscriptions

import (
	"context"
	"errors"
	"fmt"
	"io"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/notify"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/shell"
)

// Options say whose subscriptions are meant, and what to do with them.
type Options struct {
	Profiles []string `arg:"" optional:"" name:"PROFILE" help:"Whose notifications (default: everybody's)."`
	List     bool     `name:"list" env:"WITHINGS_LIST" xor:"notify" help:"List who is sent what (default)."`
	Clear    bool     `name:"clear" env:"WITHINGS_CLEAR" xor:"notify" help:"End them all, also those that lead to former hosts."`
}

// Command has the flags of notify.
type Command struct {
	Options              `embed:""`
	command.ReachedFlags `embed:""`
	command.AccountFlags `embed:"" group:"Withings:"`
	command.LogFlags     `embed:"" group:"Log:"`
}

// Run lists the subscriptions, or ends them.
func (c *Command) Run(ctx context.Context, p *command.Program) error {
	settings, err := c.AccountFlags.Settings(p.Now, p.Logger(&c.LogFlags))
	if err != nil {
		return err
	}
	settings.ExternalURL = command.External(c.WebExternalURL)
	return Manage(ctx, settings, c.Options, p.Out, p.Err)
}

// Manage lists the subscriptions of profiles, or ends them. A profile that fails does
// not keep it from the others. Results go to out, everything else to talk.
func Manage(ctx context.Context, s command.Settings, o Options, out, talk io.Writer) error {
	s.Hurry = true
	set, err := profiles.Loaded(s)
	if err != nil {
		return err
	}
	chosen, err := set.Named(o.Profiles)
	if err != nil {
		return err
	}
	m := &manager{settings: s, out: out, talk: talk, home: notify.Home{External: s.ExternalURL}}
	for _, member := range set.List() {
		m.home.Secrets = append(m.home.Secrets, notify.File{Dir: set.Dir, Profile: member.State.Profile(), Now: s.Now}.Peek())
	}
	do := m.list
	if o.Clear {
		do = m.clear
	}
	var failed []error
	for _, member := range chosen {
		err := member.Ready(ctx)
		if err == nil {
			err = member.Explained(ctx, do(ctx, member))
		}
		if ctx.Err() != nil {
			return errors.Join(append(failed, ctx.Err())...)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("profile %q: %w", member.State.Profile(), err))
		}
	}
	if m.lacks {
		fmt.Fprint(talk, "serve subscribes to what is missing within minutes of its start. If it cannot,\nthis says why: "+shell.Program()+" check\n")
	}
	if o.Clear && m.ended > 0 && s.ExternalURL != "" {
		fmt.Fprintln(talk, "A running serve subscribes again within an hour. To turn notifications off, remove --web.external-url first.")
	}
	return errors.Join(failed...)
}

// manager lists and ends subscriptions.
type manager struct {
	settings  command.Settings
	out, talk io.Writer
	home      notify.Home
	ended     int
	lacks     bool // a category is missing in a list
}
