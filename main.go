// Command withings-exporter turns people's Withings measurements into
// Prometheus gauges.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // Windows and small images have no time zones of their own

	"github.com/alecthomas/kong"
	"github.com/prometheus/common/version"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/command/authorize"
	"withings-exporter/exporter/command/check"
	"withings-exporter/exporter/command/dashboards"
	"withings-exporter/exporter/command/demo"
	"withings-exporter/exporter/command/importer"
	"withings-exporter/exporter/command/manual"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/daemon"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/redact"
	"withings-exporter/exporter/transfer"
)

// backfillMemory is how much of Go's memory a backfill aims to stay below, in
// bytes; with the program itself it is resident in less than 40 MB.
const backfillMemory = 26 << 20

// commands is the grammar of the command line.
type commands struct {
	Serve      serveCmd      `cmd:"" default:"withargs" help:"Poll every profile, serve /metrics, fill InfluxDB (default)." example:"--client-id=ID --client-secret-file=FILE"`
	Auth       authCmd       `cmd:"" help:"Authorise one profile at Withings, once." example:"auth Anna"`
	Check      checkCmd      `cmd:"" help:"Try everything once and say what is wrong." example:"check --config.file=withings.yaml"`
	Backfill   backfillCmd   `cmd:"" help:"Import the whole history into InfluxDB or a file." example:"backfill Anna --since=2019-01-01 --to=openmetrics=a.om"`
	Import     importCmd     `cmd:"" help:"Import the archive that Withings lets you download." example:"import data.zip --profile=Anna --timezone=Europe/Vienna"`
	Dashboards dashboardsCmd `cmd:"" help:"Write or install the boards for Grafana." example:"dashboards --dir=boards --units=imperial"`
	Demo       demoCmd       `cmd:"" help:"Serve simulated people: no account, no network." example:"demo --people=5 --speed=60"`
	Version    versionCmd    `cmd:"" help:"Print version, revision and Go version." example:"version"`
	Completion completionCmd `cmd:"" help:"Print what makes bash, zsh or fish complete." example:"completion fish | source"`
	Man        manCmd        `cmd:"" help:"Print the man page." example:"man | man -l -"`
	Complete   completeCmd   `cmd:"" hidden:"" passthrough:"" help:"Answer a shell that completes."`

	ShowVersion kong.VersionFlag `name:"version" help:"Print version, revision and Go version."`
}

// firstLook ends the first help.
const firstLook = `First look:
  withings-exporter demo
With an application registered at Withings (ID and FILE by environment or file):
  withings-exporter auth Anna
  withings-exporter
`

// elsewhere stands below the flags of every command that reads the file.
const elsewhere = "Every flag may also stand in the environment (WITHINGS_CLIENT_ID) or the file;\n" +
	"HTTPS_PROXY, NO_PROXY and SSL_CERT_FILE count as usual.\n"

type serveCmd struct {
	command.AccountFlags `embed:"" group:"Withings:"`
	command.PollFlags    `embed:"" group:"Serving:"`
	command.WebFlags     `embed:"" group:"Serving:"`
	command.InfluxFlags  `embed:"" group:"InfluxDB:"`
	command.LogFlags     `embed:"" group:"Log:"`
}

type authCmd struct {
	authorize.AuthorizeOptions `embed:""`
	command.AccountFlags       `embed:"" group:"Withings:"`
	command.LogFlags           `embed:"" group:"Log:"`
}

type checkCmd struct {
	check.CheckFlags `embed:""`
	serveCmd         `embed:""`
}

type backfillCmd struct {
	transfer.Options `embed:""`
	historyFlags     `embed:""`
}

type importCmd struct {
	importer.ImportOptions `embed:""`
	historyFlags           `embed:""`
}

// historyFlags are for commands that import histories.
type historyFlags struct {
	command.AccountFlags `embed:"" group:"Withings:"`
	command.InfluxFlags  `embed:"" group:"InfluxDB:"`
	command.LogFlags     `embed:"" group:"Log:"`
}

type dashboardsCmd struct {
	dashboards.DashboardsOptions `embed:""`
	command.InfluxFlags          `embed:"" group:"InfluxDB:"`
}

type demoCmd struct {
	demo.DemoOptions    `embed:""`
	command.WebFlags    `embed:"" group:"Serving:"`
	command.InfluxFlags `embed:"" group:"InfluxDB:"`
	command.LogFlags    `embed:"" group:"Log:"`
}

type versionCmd struct{}

type completionCmd struct {
	Shell string `arg:"" name:"SHELL" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

type manCmd struct{}

// completeCmd is what the scripts of completionCmd ask.
type completeCmd struct {
	Asked []string `arg:"" help:"The shell, and the command line as it has it."`
}

// program is what every command is run with.
type program struct {
	ctx      context.Context
	args     []string
	now      func() time.Time
	in       io.Reader
	out, err io.Writer

	warnings []string // about the configuration file, for the log
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(p *program) error {
	settings, err := c.settings(p)
	if err != nil {
		return err
	}
	again := func() (command.Settings, error) {
		next := &commands{}
		if _, err := parse(p, next); err != nil {
			return command.Settings{}, err
		}
		return next.Serve.settings(p)
	}
	settings.Log.Info("starting", "version", version.Version, "revision", version.GetRevision(), "state", settings.StateDir,
		"config", settings.FileRead())
	return daemon.Serve(p.ctx, settings, again, func(addresses []string) {
		settings.Log.Info("serving", "addresses", addresses)
	})
}

// Run authorises a profile, or lists or revokes what is stored.
func (c *authCmd) Run(p *program) error {
	settings, err := c.AccountFlags.Settings(p.now, c.LogFlags.Logger(p.err))
	if err != nil {
		return err
	}
	return authorize.Authorize(p.ctx, settings, c.AuthorizeOptions, p.in, p.out, p.err)
}

// Run tries everything once.
func (c *checkCmd) Run(p *program) error {
	if c.Alive {
		return check.Alive(p.ctx, c.WebFlags, p.out)
	}
	settings, err := c.serveCmd.settings(p)
	switch {
	case c.Bundle != "":
		return check.CheckAndBundle(p.ctx, settings, err, c.CheckFlags, p.out, p.err)
	case err != nil:
		return err
	}
	return check.Check(p.ctx, settings, p.out)
}

// Run imports histories. It works hard for minutes, so that collecting garbage by
// room instead of by growth halves what it costs.
func (c *backfillCmd) Run(p *program) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(100)
		debug.SetMemoryLimit(backfillMemory)
	}
	settings, err := c.settings(p)
	if err != nil {
		return err
	}
	return transfer.Run(p.ctx, settings, c.Options, p.out, p.err)
}

// Run imports an archive.
func (c *importCmd) Run(p *program) error {
	settings, err := c.settings(p)
	if err != nil {
		return err
	}
	return importer.Import(p.ctx, settings, c.ImportOptions, p.out, p.err)
}

// Run installs the boards in a folder or a Grafana.
func (c *dashboardsCmd) Run(p *program) error {
	var settings command.Settings
	if err := c.InfluxFlags.Apply(&settings); err != nil {
		return err
	}
	return dashboards.Dashboards(p.ctx, c.DashboardsOptions, settings.Influx, p.out)
}

// Run serves the people of a simulated Withings.
func (c *demoCmd) Run(p *program) error {
	settings := command.Settings{Log: c.LogFlags.Logger(p.err)}
	c.WebFlags.Apply(&settings)
	switch { // a variable alone must not write simulated people into a real database
	case c.To == "influx":
		if err := c.InfluxFlags.Apply(&settings); err != nil {
			return err
		}
	case c.InfluxURL != "":
		settings.Log.Warn("the demo leaves InfluxDB alone without --to influx")
	}
	return demo.Demo(p.ctx, settings, c.DemoOptions, p.out, p.err, nil)
}

// Run prints the version.
func (versionCmd) Run(p *program) error {
	_, err := fmt.Fprintln(p.out, command.Version())
	return err
}

// Run prints the script for a shell.
func (c *completionCmd) Run(p *program) error {
	script, err := manual.Script(c.Shell)
	if err != nil {
		return command.Usage(err)
	}
	_, err = io.WriteString(p.out, script)
	return err
}

// Run answers a shell.
func (c *completeCmd) Run(p *program) error {
	parser, err := p.parser(&commands{})
	if err != nil {
		return err
	}
	return manual.Reply(p.out, c.Asked[0], c.Asked[1:], func(words []string) manual.Answer {
		return manual.Complete(parser.Model, words, p.people)
	})
}

// people are the profiles that a command with these flags would know.
func (p *program) people(flags []string) []string {
	known := &commands{}
	quiet := *p
	quiet.args = []string{"serve"}
	for _, flag := range flags {
		switch name, _, _ := strings.Cut(flag, "="); name {
		case "--config.file", "--state.dir", "--profiles":
			quiet.args = append(quiet.args, flag)
		}
	}
	if _, err := parse(&quiet, known); err != nil {
		return nil
	}
	return profiles.Names(&known.Serve.AccountFlags)
}

// Run prints the man page.
func (manCmd) Run(p *program) error {
	parser, err := p.parser(&commands{})
	if err != nil {
		return err
	}
	return manual.Page(p.out, parser.Model, version.Version, manual.Handbook()...)
}

func (c *serveCmd) settings(p *program) (command.Settings, error) {
	log := c.LogFlags.Logger(p.err)
	for _, warning := range p.warnings {
		log.Warn(warning)
	}
	settings, err := c.AccountFlags.Settings(p.now, log)
	if err != nil {
		return settings, err
	}
	settings.PollInterval = c.PollInterval
	c.WebFlags.Apply(&settings)
	if err := c.InfluxFlags.Apply(&settings); err != nil {
		return settings, err
	}
	return settings, settings.Validate()
}

func (c *historyFlags) settings(p *program) (command.Settings, error) {
	settings, err := c.AccountFlags.Settings(p.now, c.LogFlags.Logger(p.err))
	return settings, errors.Join(err, c.InfluxFlags.Apply(&settings))
}

func main() {
	// A process that idles between polls for years is better small than quick.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(30)
	}
	os.Exit(run(time.Now))
}

// run parses, runs the chosen command by the given clock and returns the exit
// code.
func run(now func() time.Time) int {
	config.DropEmpty("WITHINGS_")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer command.EndSoon(ctx, os.Stderr, os.Exit)()
	log.SetFlags(0)
	log.SetOutput(redact.Writer(os.Stderr, "withings-exporter: "))
	p := &program{ctx: ctx, args: os.Args[1:], now: now, in: os.Stdin, out: os.Stdout, err: os.Stderr}
	chosen, err := parse(p, &commands{})
	if err == nil {
		err = chosen.Run(p)
	}
	return command.Exit(ctx, err, p.err)
}

// parse reads command line, environment and configuration file into the
// grammar and returns the chosen command.
func parse(p *program, into *commands) (*kong.Context, error) {
	parser, err := p.parser(into)
	if err != nil {
		return nil, err
	}
	chosen, err := parser.Parse(p.args)
	if err != nil {
		return nil, check.BundleBroken(p.ctx, p.now, err, command.Usage(config.Explain(err)), p.out, p.err)
	}
	config.Prefer(chosen, "client-secret", "client-secret-file")
	config.Prefer(chosen, "influx.token", "influx.token-file")
	return chosen, nil
}

func (p *program) parser(into *commands) (*kong.Kong, error) {
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
			p.warnings, err = config.Read(ctx)
			return err
		}),
		kong.Writers(p.out, p.err),
	)
}
