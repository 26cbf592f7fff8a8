package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/config"
)

// CheckFlags are those of the check command alone.
type CheckFlags struct {
	Bundle string `name:"bundle" env:"WITHINGS_BUNDLE" placeholder:"FILE" xor:"check" help:"Write a redacted archive for a bug report."`
	Alive  bool   `name:"alive" env:"WITHINGS_ALIVE" xor:"check" help:"Only ask whether serve is alive."`

	values []flagValue // what the program runs with
	odd    string      // a key of the file that is no setting, and could be anything
}

// flagValue is a flag with where its value comes from.
type flagValue struct {
	name, source string
	value        any
}

// BeforeReset is called by kong before it reads anything but the command line.
// A configuration file that cannot be used ends the program soon after, and a
// bundle is wanted then most of all: it is written here.
func (f *CheckFlags) BeforeReset(ctx *kong.Context) error {
	path := given(ctx, "bundle")
	if path == "" {
		return nil
	}
	file, broken := tryFile(ctx)
	if broken == nil {
		return nil
	}
	early := CheckFlags{Bundle: path, values: givenValues(ctx, file)}
	stateDir := given(ctx, "state.dir")
	if stateDir == "" {
		stateDir, _ = config.StateDir() // without one there is nothing to look at
	}
	if wrong := (*config.Error)(nil); errors.As(broken, &wrong) {
		early.odd = wrong.Key
	}
	s := Settings{StateDir: stateDir, Log: slog.New(slog.DiscardHandler), Now: time.Now}
	err := CheckAndBundle(context.Background(), s, Usage(broken), early, ctx.Stdout, ctx.Stderr)
	if err != nil && err.Error() != broken.Error() { // which is told when kong meets it
		fmt.Fprintln(ctx.Stderr, "withings-exporter:", err)
	}
	return nil
}

// AfterApply is called by kong once every flag has its value.
func (f *CheckFlags) AfterApply(ctx *kong.Context) error {
	for _, flag := range ctx.Flags() {
		if flag.Name == "help" || flag.Name == "version" {
			continue
		}
		f.values = append(f.values, flagValue{flag.Name, sourceOf(ctx, flag), flag.Target.Interface()})
	}
	return nil
}

// sourceOf tells where the value of a flag comes from.
func sourceOf(ctx *kong.Context, flag *kong.Flag) string {
	switch {
	case slices.ContainsFunc(ctx.Path, func(p *kong.Path) bool { return p.Flag == flag && !p.Resolved }):
		return "flag"
	case slices.ContainsFunc(flag.Envs, func(name string) bool { _, set := os.LookupEnv(name); return set }):
		return "environment"
	case slices.ContainsFunc(ctx.Path, func(p *kong.Path) bool { return p.Flag == flag }):
		return "file"
	}
	return "default"
}

// given is the text of a flag on the command line, or else of its variable.
func given(ctx *kong.Context, name string) string {
	for _, flag := range ctx.Flags() {
		if flag.Name != name {
			continue
		}
		if slices.ContainsFunc(ctx.Path, func(p *kong.Path) bool { return p.Flag == flag }) {
			return fmt.Sprint(ctx.FlagValue(flag))
		}
		for _, variable := range flag.Envs {
			if text, set := os.LookupEnv(variable); set {
				return text
			}
		}
	}
	return ""
}

// tryFile reads the configuration file as the program will, and returns what
// will be wrong with it.
func tryFile(ctx *kong.Context) (path string, err error) {
	path, err = config.Find(given(ctx, "config.file"))
	if err != nil || path == "" {
		return path, err
	}
	file, err := config.Load(path)
	if err == nil {
		err = file.Validate(ctx.Model)
	}
	for _, flag := range ctx.Flags() {
		if err == nil {
			_, err = file.Resolve(ctx, nil, flag)
		}
	}
	return path, err
}

// notKnown is the source of a value that the file might have had.
const notKnown = "not known"

// givenValues are the flags that do not come from the file, and the file.
func givenValues(ctx *kong.Context, file string) []flagValue {
	var all []flagValue
	for _, flag := range ctx.Flags() {
		text := given(ctx, flag.Name)
		source := sourceOf(ctx, flag)
		switch {
		case flag.Name == "help", flag.Name == "version":
			continue
		case flag.Name == "config.file" && text == "" && file != "":
			text, source = file, "found"
		case source == "default":
			text, source = flag.Default, notKnown
		}
		all = append(all, flagValue{flag.Name, source, text})
	}
	return all
}
