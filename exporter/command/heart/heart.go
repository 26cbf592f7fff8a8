// Package heart is the command that lists a person's ECGs and writes one of them to
// a file, as numbers or drawn on millimetre paper.
package heart

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/profiles"
)

// Options say whose recordings are wanted, and which.
type Options struct {
	Profile string `arg:"" optional:"" name:"PROFILE" help:"Whose recordings (default: the only profile)."`
	Signal  int64  `name:"signal" env:"WITHINGS_SIGNAL" placeholder:"ID" help:"Fetch the recording with this number."`
	Out     string `name:"out" env:"WITHINGS_OUT" placeholder:"FILE" help:"File.svg, .csv or .wav (default: print CSV)."`
	Since   string `name:"since" env:"WITHINGS_SINCE" placeholder:"DATE" help:"List recordings from this day on."`
	All     bool   `name:"all" env:"WITHINGS_ALL" help:"List all instead of the newest 50."`
}

// Command has the flags of heart.
type Command struct {
	Options              `embed:""`
	command.AccountFlags `embed:"" group:"Withings:"`
	command.LogFlags     `embed:"" group:"Log:"`
}

// Run lists recordings, or writes one.
func (c *Command) Run(ctx context.Context, p *command.Program) error {
	settings, err := c.AccountFlags.Settings(p.Now, p.Logger(&c.LogFlags))
	if err != nil {
		return err
	}
	return Show(ctx, settings, c.Options, p.Out, p.Err)
}

// Show lists a person's recordings or, with a signal, writes that one. It keeps
// nothing of them. Results go to out, everything else to errw.
func Show(ctx context.Context, s command.Settings, o Options, out, errw io.Writer) error {
	v := &viewer{settings: s, options: o, out: out, talk: errw}
	if err := v.check(); err != nil {
		return err
	}
	v.settings.Hurry = true
	set, err := profiles.Loaded(v.settings)
	if err != nil {
		return err
	}
	if v.member, err = one(set, o.Profile); err != nil {
		return err
	}
	if err := v.member.Ready(ctx); err != nil {
		return v.of(err)
	}
	if o.Signal != 0 {
		return v.explained(ctx, v.write(ctx))
	}
	return v.explained(ctx, v.list(ctx))
}

// viewer shows the recordings of a person.
type viewer struct {
	settings  command.Settings
	options   Options
	out, talk io.Writer
	member    *profiles.Member
}

// check refuses flags that cannot work, before anything is asked.
func (v *viewer) check() error {
	o := v.options
	switch {
	case o.Signal < 0:
		return command.Usagef("leave --signal out to list them", "--signal %d is not the number of a recording", o.Signal)
	case o.Signal == 0 && o.Out != "":
		return command.Usagef("give --signal ID, too; without it, recordings are listed", "--out is for one recording, but none is chosen")
	case o.Signal != 0 && (o.Since != "" || o.All):
		return command.Usagef("leave one of them out", "--signal fetches one recording; --since and --all list many")
	case o.Out != "":
		return free(o.Out)
	case o.Since != "":
		if _, _, err := command.Instant(o.Since, time.UTC); err != nil {
			return command.Usagef(command.Dates, "--since %q is not a date", o.Since)
		}
	}
	return nil
}

// one is the profile that is meant.
func one(set *profiles.Set, name string) (*profiles.Member, error) {
	var names []string
	if name != "" {
		names = []string{name}
	}
	chosen, err := set.Named(names)
	if err == nil && len(chosen) > 1 {
		err = command.Usagef("choose one of "+command.Quoted(set.Served()), "heart needs the name of a profile")
	}
	if err != nil {
		return nil, err
	}
	return chosen[0], nil
}

// of says whom an error is about.
func (v *viewer) of(err error) error {
	return fmt.Errorf("profile %q: %w", v.member.State.Profile(), err)
}

// explained is an error of Withings for a person.
func (v *viewer) explained(ctx context.Context, err error) error {
	told := v.member.Explained(ctx, err)
	switch {
	case errors.Is(told, exporter.ErrNotAuthorized): // it does not say whose token is meant
		return v.of(told)
	case errors.Is(told, exporter.ErrNotAllowed):
		return &unallowed{told}
	}
	return told
}

// unallowed is the error of a service that the person has not allowed.
type unallowed struct{ error }

func (u *unallowed) Unwrap() error        { return u.error }
func (u *unallowed) Is(target error) bool { return target == command.ErrNeedsAuthorization }
