package check

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/command/check/bundle"
	"withings-exporter/exporter/config"
)

// Flags are the flags of check alone.
type Flags struct {
	Bundle string `name:"bundle" env:"WITHINGS_BUNDLE" placeholder:"FILE" xor:"check" help:"Write a redacted archive for a bug report."`
	Alive  bool   `name:"alive" env:"WITHINGS_ALIVE" xor:"check" help:"Only check whether serve is alive."`

	values []bundle.Flag // all flags with their values
}

// text is the value of a flag.
func (f Flags) text(name string) string {
	for _, v := range f.values {
		if v.Name == name {
			return v.Text()
		}
	}
	return ""
}

// Command has the flags of check.
type Command struct {
	Flags                `embed:""`
	command.ServingFlags `embed:""`
}

// Run tries everything once.
func (c *Command) Run(ctx context.Context, p *command.Program) error {
	if c.Alive {
		return alive(ctx, c.WebFlags, p.Out)
	}
	settings, err := c.ServingFlags.Settings(p)
	switch {
	case c.Bundle != "":
		return checkAndBundle(ctx, settings, err, c.Flags, p)
	case err != nil:
		return err
	}
	return Check(ctx, settings, p.Out, p.Err)
}

// BundleBroken writes the bundle, if check was to write one, although the
// configuration file cannot be used: that is when it is needed most. Met is the error
// of kong, told the same error in words for people. It returns told, joined with the
// error of writing the bundle.
func BundleBroken(ctx context.Context, p *command.Program, met, told error) error {
	var at *kong.ParseError
	var file *config.Error
	if !errors.As(met, &at) || !errors.As(met, &file) || given(at.Context, "bundle") == "" {
		return told
	}
	early := Flags{Bundle: given(at.Context, "bundle"), values: givenValues(at.Context)}
	stateDir := given(at.Context, "state.dir")
	if stateDir == "" {
		stateDir, _ = config.StateDir() // without one there are no files to report
	}
	s := command.Settings{StateDir: stateDir, Log: slog.New(slog.DiscardHandler), Now: p.Now}
	return checkAndBundle(ctx, s, told, early, p)
}

// AfterApply is called by kong once every flag has its value.
func (f *Flags) AfterApply(ctx *kong.Context) error {
	for _, flag := range ctx.Flags() {
		if config.Prints(flag) {
			continue
		}
		f.values = append(f.values, bundle.Flag{Name: flag.Name, Source: config.SourceOf(ctx, flag).String(), Value: flag.Target.Interface()})
	}
	return nil
}

// given is the value of a flag on the command line or in its variable.
func given(ctx *kong.Context, name string) string {
	for _, flag := range ctx.Flags() {
		if flag.Name != name {
			continue
		}
		if slices.ContainsFunc(ctx.Path, func(p *kong.Path) bool { return p.Flag == flag }) {
			return bundle.Flag{Value: ctx.FlagValue(flag)}.Text()
		}
		for _, variable := range flag.Envs {
			if text, set := os.LookupEnv(variable); set {
				return text
			}
		}
	}
	return ""
}

// givenValues are the flags that do not come from the file, and the file itself. If
// the file might have had a value, the source is empty.
func givenValues(ctx *kong.Context) []bundle.Flag {
	file, _ := config.Find(given(ctx, "config.file")) // the error is being reported already
	var all []bundle.Flag
	for _, flag := range ctx.Flags() {
		text := given(ctx, flag.Name)
		source := config.SourceOf(ctx, flag).String()
		switch {
		case config.Prints(flag):
			continue
		case flag.Name == "config.file" && text == "" && file != "":
			text, source = file, "found"
		case source == "default":
			text, source = flag.Default, ""
		}
		all = append(all, bundle.Flag{Name: flag.Name, Source: source, Value: text})
	}
	return all
}
