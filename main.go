// Command withings-exporter turns people's Withings measurements into
// Prometheus gauges.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/command/authorize"
	"withings-exporter/exporter/command/backfill"
	"withings-exporter/exporter/command/check"
	"withings-exporter/exporter/command/dashboards"
	"withings-exporter/exporter/command/demo"
	"withings-exporter/exporter/command/heart"
	"withings-exporter/exporter/command/importer"
	"withings-exporter/exporter/command/manual"
	"withings-exporter/exporter/command/serve"
	"withings-exporter/exporter/command/subscriptions"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/redact"
)

// commands is the grammar of the command line.
type commands struct {
	Serve      serve.Command            `cmd:"" default:"withargs" help:"Poll every profile, serve /metrics, write to InfluxDB (default)." shows:"services,log.level" example:"--client-id=ID --client-secret-file=FILE"`
	Auth       authorize.Command        `cmd:"" help:"Authorise one profile at Withings, once." shows:"redirect-url" example:"auth Anna"`
	Check      check.Command            `cmd:"" help:"Try everything once and say what is wrong." hides:"Serving,InfluxDB" example:"check --config.file=withings.yaml"`
	Backfill   backfill.Command         `cmd:"" help:"Import the whole history into InfluxDB or a file." example:"backfill Anna --since=2019-01-01 --to=openmetrics=a.om"`
	Import     importer.Command         `cmd:"" help:"Import an archive downloaded from Withings." shows:"timezone" example:"import data.zip --profile=Anna --timezone=Europe/Vienna"`
	Heart      heart.Command            `cmd:"" help:"List a person's ECGs, or draw one of them." example:"heart Anna --signal=90417723 --out=ecg.svg"`
	Notify     subscriptions.Command    `cmd:"" help:"List the notifications that Withings sends, or end them." example:"notify --clear Anna"`
	Dashboards dashboards.Command       `cmd:"" help:"Write the Grafana dashboards to files, or install them." shows:"influx.token" example:"dashboards --dir=boards --units=imperial"`
	Demo       demo.Command             `cmd:"" help:"Try it with simulated people: no account, no network." example:"demo --people=5 --speed=60"`
	Version    versionCommand           `cmd:"" help:"Print version, revision and Go version." example:"version"`
	Completion manual.CompletionCommand `cmd:"" help:"Print the completion script for bash, zsh or fish." example:"completion fish | source"`
	Man        manual.PageCommand       `cmd:"" help:"Print the man page." example:"man | man -l -"`
	Complete   manual.CompleteCommand   `cmd:"" hidden:"" passthrough:"" help:"Complete a command line for a shell."`

	HelpAll     manual.HelpAll   `name:"help-all" hidden:"" help:"Print help with all flags."`
	ShowVersion kong.VersionFlag `name:"version" help:"Print version, revision and Go version."`
}

// firstLook is at the end of the help of the program.
const firstLook = `To try it:
  withings-exporter demo
With your own Withings application (auth says how to register and configure it):
  withings-exporter auth Anna
  withings-exporter
`

// elsewhere is below the flags of every command that reads the configuration file.
const elsewhere = "Flags can also be set in the environment (WITHINGS_CLIENT_ID) or in the file.\n" +
	"HTTPS_PROXY, NO_PROXY and SSL_CERT_FILE work as usual.\n"

// serving is the part of the grammar that a process needs that is started to serve. Building all of it takes as long as
// everything else that such a process does before it listens.
type serving struct {
	Serve serve.Command `cmd:"" default:"withargs"`
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(p *command.Program) error {
	_, err := fmt.Fprintln(p.Out, command.Version())
	return err
}

func main() {
	os.Exit(run(time.Now))
}

// run runs the command that was given, by the given clock, and returns the exit
// code.
func run(now func() time.Time) int {
	hangups := command.Hangups() // a reload that is asked for during the start comes after it
	config.CleanEnvironment("WITHINGS_")
	config.TakeCredentials("client-secret", "influx.token")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer command.EndSoon(ctx, os.Stderr, os.Exit)()
	log.SetFlags(0)
	log.SetOutput(redact.Writer(os.Stderr, "withings-exporter: "))
	out := command.NewOutput(os.Stdout)
	l := &line{args: os.Args[1:], Program: command.Program{Now: now, In: os.Stdin, Out: out, Err: os.Stderr, Hangups: hangups}}
	l.end = func(code int) {
		if err := out.Result(nil); err != nil {
			code = command.Exit(ctx, err, os.Stderr)
		}
		os.Exit(code)
	}
	l.Again = func() (command.Settings, error) {
		next, files := &commands{}, &config.Files{}
		again, err := l.parseFrom(ctx, next, files)
		if err != nil {
			return command.Settings{}, err
		}
		settings, err := next.Serve.Settings(&l.Program)
		return settings, placed(again, files, err)
	}
	l.Web = func(configFile string) *command.WebFlags {
		var flags []string
		if configFile != "" {
			flags = append(flags, "--config.file="+configFile)
		}
		known, err := l.quietly(ctx, flags...)
		if err != nil { // serve will say what is wrong
			return &command.WebFlags{}
		}
		return &known.Serve.WebFlags
	}
	chosen, err := l.parse(ctx, &commands{})
	if err != nil || chosen.Command() != "serve" {
		command.Release(hangups)
	}
	if err == nil {
		chosen.BindTo(ctx, (*context.Context)(nil))
		err = chosen.Run(&l.Program, manual.Names(func(flags []string) []string { return l.people(ctx, flags) }))
		err = placed(chosen, l.files, err)
	}
	return command.Exit(ctx, out.Result(err), os.Stderr)
}

// placed is an error of a command with the place that a wrong value came from: a line of the file, or a variable.
func placed(chosen *kong.Context, files *config.Files, err error) error {
	if !errors.Is(err, command.ErrUsage) {
		return err
	}
	return command.Usagef("", "%w", files.Place(chosen, err))
}

// line is a command line and the program that it is for.
type line struct {
	command.Program
	args  []string
	files *config.Files  // what was read, which a pipe gives only once
	end   func(code int) // ends the process after help or version
}

// parse reads command line, environment and configuration file into the
// grammar and returns the chosen command.
func (l *line) parse(ctx context.Context, into *commands) (*kong.Context, error) {
	files := &config.Files{}
	if l.files == nil {
		l.files = files
	}
	return l.parseFrom(ctx, into, files)
}

// parseFrom is parse with files that may have been read before.
func (l *line) parseFrom(ctx context.Context, into *commands, files *config.Files) (*kong.Context, error) {
	chosen, err := l.parseServe(into, files)
	if chosen == nil {
		chosen, err = l.parseWith(into, files)
	}
	if err != nil {
		return nil, check.BundleBroken(ctx, &l.Program, err, command.Usage(config.Explain(err)))
	}
	return chosen, l.checkVariables(chosen)
}

// checkVariables adds warnings about variables of the environment that no flag has. Only the whole grammar knows all.
func (l *line) checkVariables(chosen *kong.Context) error {
	name := chosen.Selected().Name
	unknown := config.UnknownVariables(chosen.Model, name, os.Environ())
	if len(unknown) > 0 {
		all, err := l.parser(&commands{}, &config.Files{})
		if err != nil {
			return err
		}
		unknown = config.UnknownVariables(all.Model, name, os.Environ())
	}
	l.Warnings = append(l.Warnings, unknown...)
	return nil
}

// parseServe reads a command line that can only be one of serve by the grammar of serve alone. It returns nothing if that
// is not enough: with other words, and with mistakes, about which the whole grammar knows more.
func (l *line) parseServe(into *commands, files *config.Files) (*kong.Context, error) {
	for i, arg := range l.args {
		if !strings.HasPrefix(arg, "--") && (i > 0 || arg != "serve") || arg == "--" || arg == "--help" || arg == "--version" {
			return nil, nil
		}
	}
	alone := &serving{}
	chosen, err := l.parseWith(alone, files)
	if err != nil {
		return nil, nil
	}
	into.Serve = alone.Serve
	return chosen, nil
}

// parseWith reads the command line by a grammar.
func (l *line) parseWith(grammar any, files *config.Files) (*kong.Context, error) {
	parser, err := l.parser(grammar, files)
	if err != nil {
		return nil, err
	}
	chosen, err := parser.Parse(l.args)
	if err != nil {
		return nil, err
	}
	config.Prefer(chosen, "client-secret", "client-secret-file")
	config.Prefer(chosen, "influx.token", "influx.token-file")
	config.Yield(chosen, "dir", "grafana.url")
	return chosen, config.Settle(chosen)
}

func (l *line) parser(into any, files *config.Files) (*kong.Kong, error) {
	return kong.New(into,
		kong.Name("withings-exporter"),
		kong.Description("Withings measurements as Prometheus gauges."),
		kong.ConfigureHelp(kong.HelpOptions{
			Compact: true, NoExpandSubcommands: true, WrapUpperBound: 80,
		}),
		kong.ValueFormatter(manual.Meaning),
		kong.Help(manual.Help(firstLook, elsewhere)),
		kong.Vars{"version": command.Version()},
		kong.WithBeforeResolve(func(ctx *kong.Context) (err error) {
			l.Warnings, err = files.Read(ctx)
			return err
		}),
		kong.Writers(l.Out, l.Err),
		kong.Exit(l.end),
	)
}

// people are the profiles that a command with these flags would find.
func (l *line) people(ctx context.Context, flags []string) []string {
	var wanted []string
	for _, flag := range flags {
		switch name, _, _ := strings.Cut(flag, "="); name {
		case "--config.file", "--state.dir", "--profiles":
			wanted = append(wanted, flag)
		}
	}
	known, err := l.quietly(ctx, wanted...)
	if err != nil {
		return nil
	}
	return profiles.Names(&known.Serve.AccountFlags)
}

// quietly is what a serve with these flags would be run with. Nothing is warned about.
func (l *line) quietly(ctx context.Context, flags ...string) (*commands, error) {
	known, quiet := &commands{}, *l
	quiet.args = append([]string{"serve"}, flags...)
	if quiet.files == nil {
		quiet.files = &config.Files{}
	}
	_, err := quiet.parseFrom(ctx, known, quiet.files)
	return known, err
}
