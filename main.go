// Command withings-exporter turns people's Withings measurements into
// Prometheus gauges.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"github.com/prometheus/common/version"

	"withings-exporter/exporter/app"
	"withings-exporter/exporter/config"
)

// Exit codes that scripts may rely on.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitAuthorize   = 3
	exitInterrupted = 130
)

// backfillMemory is how much of Go's memory a backfill aims to stay below, in
// bytes; with the program itself it is resident in less than 40 MB.
const backfillMemory = 26 << 20

// commands is the grammar of the command line.
type commands struct {
	Serve      serveCmd      `cmd:"" default:"withargs" help:"Poll every profile and serve /metrics (default)."`
	Auth       authCmd       `cmd:"" help:"Authorise one profile at Withings, once."`
	Check      checkCmd      `cmd:"" help:"Try everything once and say what is wrong."`
	Backfill   backfillCmd   `cmd:"" help:"Bring the whole history into InfluxDB or a file."`
	Import     importCmd     `cmd:"" help:"Bring the archive that Withings lets you download."`
	Dashboards dashboardsCmd `cmd:"" help:"Write or install the boards for Grafana."`
	Demo       demoCmd       `cmd:"" help:"Serve simulated people: no account, no configuration, no network."`
	Version    versionCmd    `cmd:"" help:"Print version, revision and Go version."`

	ShowVersion kong.VersionFlag `name:"version" help:"Print version, revision and Go version."`
}

type serveCmd struct {
	app.AccountFlags `embed:""`
	app.PollFlags    `embed:""`
	app.WebFlags     `embed:""`
	app.InfluxFlags  `embed:""`
	app.LogFlags     `embed:""`
}

// authCmd signs one profile in, or tells of and ends what is stored.
type authCmd struct {
	Profile          string        `arg:"" optional:"" placeholder:"PROFILE" help:"A name for the person, such as Anna."`
	NoBrowser        bool          `name:"no-browser" env:"WITHINGS_NO_BROWSER" help:"Only print the address to open."`
	Paste            bool          `name:"paste" env:"WITHINGS_PASTE" help:"Paste the answer: no browser here."`
	Listen           string        `name:"listen" env:"WITHINGS_LISTEN" placeholder:"ADDR" help:"Else where --redirect-url points."`
	Force            bool          `name:"force" env:"WITHINGS_FORCE" help:"Also for another person or application."`
	Timeout          time.Duration `name:"timeout" env:"WITHINGS_TIMEOUT" default:"5m" placeholder:"TIME" help:"How long to wait for the person (5m)."`
	List             bool          `name:"list" env:"WITHINGS_LIST" help:"Tell what is stored; never the token."`
	Revoke           bool          `name:"revoke" env:"WITHINGS_REVOKE" help:"End it at Withings, remove the token."`
	Demo             bool          `name:"demo" env:"WITHINGS_DEMO" help:"Withings' own demo account."`
	app.AccountFlags `embed:""`
	app.LogFlags     `embed:""`
}

type checkCmd struct {
	serveCmd `embed:""`
}

type backfillCmd struct {
	app.BackfillOptions `embed:""`
	app.AccountFlags    `embed:""`
	app.InfluxFlags     `embed:""`
	app.LogFlags        `embed:""`
}

type importCmd struct {
	app.ImportOptions `embed:""`
	app.AccountFlags  `embed:""`
	app.InfluxFlags   `embed:""`
	app.LogFlags      `embed:""`
}

type dashboardsCmd struct {
	app.DashboardsOptions `embed:""`
	app.InfluxFlags       `embed:""`
}

type demoCmd struct {
	Seed            uint64        `env:"WITHINGS_SEED" default:"1" help:"Which people; same seed, same data."`
	Years           int           `env:"WITHINGS_YEARS" default:"5" help:"Years of history."`
	People          int           `env:"WITHINGS_PEOPLE" default:"3" help:"Number of people, at most 500."`
	Speed           float64       `env:"WITHINGS_SPEED" default:"1" help:"60 lets a minute stand for an hour."`
	To              string        `name:"to" placeholder:"WHERE" help:"First bring the history: influx, openmetrics=FILE."` // no variable: that one is for real people
	APIAddress      string        `name:"api.listen-address" env:"WITHINGS_API_LISTEN_ADDRESS" default:"localhost:0" help:"Where the simulated Withings listens."`
	StateDir        string        `name:"state.dir" placeholder:"DIR" help:"Keep tokens and readings there."` // no variable: that one is for real people
	Interval        time.Duration `name:"poll-interval" env:"WITHINGS_POLL_INTERVAL" default:"5m" help:"How fresh data must be."`
	app.WebFlags    `embed:""`
	app.InfluxFlags `embed:""`
	app.LogFlags    `embed:""`
}

type versionCmd struct{}

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
	again := func() (app.Settings, error) {
		next := &commands{}
		if _, err := parse(p, next); err != nil {
			return app.Settings{}, err
		}
		return next.Serve.settings(p)
	}
	settings.Log.Info("starting", "version", version.Version, "revision", version.GetRevision(), "state", settings.StateDir)
	return app.Serve(p.ctx, settings, again, func(addresses []string) {
		settings.Log.Info("serving", "addresses", addresses)
	})
}

// Run authorises a profile, or lists or revokes what is stored.
func (c *authCmd) Run(p *program) error {
	settings, err := c.AccountFlags.Settings(p.now, c.LogFlags.Logger(p.err))
	if err != nil {
		return err
	}
	return app.Authorize(p.ctx, settings, app.AuthorizeOptions{
		Profile: c.Profile, NoBrowser: c.NoBrowser, Paste: c.Paste, Listen: c.Listen, Force: c.Force,
		Timeout: c.Timeout, List: c.List, Revoke: c.Revoke, Demo: c.Demo,
	}, p.in, p.out, p.err)
}

// Run tries everything once.
func (c *checkCmd) Run(p *program) error {
	settings, err := c.serveCmd.settings(p)
	if err != nil {
		return err
	}
	return app.Check(p.ctx, settings, p.out)
}

// Run brings histories. It works hard for minutes, so that collecting garbage by
// room instead of by growth halves what it costs.
func (c *backfillCmd) Run(p *program) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(100)
		debug.SetMemoryLimit(backfillMemory)
	}
	settings, err := c.AccountFlags.Settings(p.now, c.LogFlags.Logger(p.err))
	if err = errors.Join(err, c.InfluxFlags.Apply(&settings)); err != nil {
		return err
	}
	return app.Backfill(p.ctx, settings, c.BackfillOptions, p.out, p.err)
}

// Run brings an archive.
func (c *importCmd) Run(p *program) error {
	settings, err := c.AccountFlags.Settings(p.now, c.LogFlags.Logger(p.err))
	if err = errors.Join(err, c.InfluxFlags.Apply(&settings)); err != nil {
		return err
	}
	return app.Import(p.ctx, settings, c.ImportOptions, p.out, p.err)
}

// Run brings the boards into a folder or a Grafana.
func (c *dashboardsCmd) Run(p *program) error {
	var settings app.Settings
	if err := c.InfluxFlags.Apply(&settings); err != nil {
		return err
	}
	return app.Dashboards(p.ctx, c.DashboardsOptions, settings.Influx, p.out)
}

// Run serves the people of a simulated Withings.
func (c *demoCmd) Run(p *program) error {
	settings := app.Settings{
		StateDir:     c.StateDir,
		RedirectURL:  "http://localhost:8019/auth/external/callback",
		RateLimit:    100_000, // nobody is to wait
		PollInterval: c.Interval,
		Log:          c.LogFlags.Logger(p.err),
	}
	c.WebFlags.Apply(&settings)
	if err := settings.Validate(); err != nil {
		return err
	}
	switch { // a variable alone must not bring simulated people into a real database
	case c.To == "influx":
		if err := c.InfluxFlags.Apply(&settings); err != nil {
			return err
		}
	case c.InfluxURL != "":
		settings.Log.Warn("the demo leaves InfluxDB alone without --to influx")
	}
	return app.Demo(p.ctx, settings, app.DemoOptions{
		Seed: c.Seed, Years: c.Years, People: c.People, Speed: c.Speed, APIAddress: c.APIAddress,
		To: c.To, Out: p.out, Err: p.err,
	}, func(addresses []string) {
		fmt.Fprintf(p.out, "%s, %s: open http://%s/ (metrics: %s; Ctrl-C ends the demo)\n",
			count(c.People, "person", "people"), count(c.Years, "year", "years"), addresses[0], c.WebTelemetryPath)
	})
}

// versionLine names the version that was stamped at the build, or what Go knows
// of the source.
func versionLine() string {
	if info, ok := debug.ReadBuildInfo(); ok && version.Version == "" {
		version.Version = strings.Trim(info.Main.Version, "()")
	}
	return fmt.Sprintf("withings-exporter, version %s (revision %s, %s, %s/%s)",
		version.Version, version.GetRevision(), version.GoVersion, version.GoOS, version.GoArch)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Run prints the version.
func (versionCmd) Run(p *program) error {
	_, err := fmt.Fprintln(p.out, versionLine())
	return err
}

func (c *serveCmd) settings(p *program) (app.Settings, error) {
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
	dropEmpty()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := &program{ctx: ctx, args: os.Args[1:], now: now, in: os.Stdin, out: os.Stdout, err: os.Stderr}
	chosen, err := parse(p, &commands{})
	if err == nil {
		err = chosen.Run(p)
	}
	return p.exit(err)
}

// dropEmpty takes a variable that is set and empty for one that is not set: files
// of variables for containers are full of them.
func dropEmpty() {
	for _, variable := range os.Environ() {
		if name, value, _ := strings.Cut(variable, "="); value == "" && strings.HasPrefix(name, "WITHINGS_") {
			_ = os.Unsetenv(name)
		}
	}
}

// parse reads command line, environment and configuration file into the
// grammar and returns the chosen command.
func parse(p *program, into *commands) (*kong.Context, error) {
	parser, err := kong.New(into,
		kong.Name("withings-exporter"),
		kong.Description("Withings measurements as Prometheus gauges."),
		kong.ConfigureHelp(kong.HelpOptions{
			Compact: true, NoExpandSubcommands: true, WrapUpperBound: 80,
		}),
		kong.ValueFormatter(func(v *kong.Value) string { return v.Help }),
		kong.Help(help),
		kong.Vars{"version": versionLine()},
		kong.WithBeforeResolve(p.readFile),
		kong.Writers(p.out, p.err),
	)
	if err != nil {
		return nil, err
	}
	chosen, err := parser.Parse(p.args)
	if err != nil {
		return nil, app.Usage(err)
	}
	config.Prefer(chosen, "client-secret", "client-secret-file")
	config.Prefer(chosen, "influx.token", "influx.token-file")
	return chosen, nil
}

// help prints usage that ends in an example.
func help(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	_, err := fmt.Fprintln(ctx.Stdout, "\n"+example(ctx.Selected()))
	return err
}

const flagsElsewhere = "Every flag may also stand in the environment (WITHINGS_CLIENT_ID) or the file.\n\n"

// example is how the chosen command is used.
func example(command *kong.Node) string {
	if command == nil {
		return "First look:\n  withings-exporter demo\n" +
			"With an application registered at Withings (ID and FILE by environment or file):\n" +
			"  withings-exporter auth Anna\n  withings-exporter"
	}
	switch command.Name {
	case "serve":
		return flagsElsewhere + "Example:\n" +
			"  withings-exporter --client-id=ID --client-secret-file=FILE --profiles=Anna"
	case "auth":
		return flagsElsewhere + "Example:\n  withings-exporter auth Anna"
	case "check":
		return flagsElsewhere + "Example:\n  withings-exporter check --config.file=withings.yaml"
	case "backfill":
		return flagsElsewhere + "Example:\n  withings-exporter backfill Anna --since=2019-01-01 --to=openmetrics=anna.om"
	case "import":
		return flagsElsewhere + "Example:\n  withings-exporter import data.zip --profile=Anna --timezone=Europe/Vienna"
	case "dashboards":
		return "Example:\n  withings-exporter dashboards --dir=boards --units=imperial"
	case "demo":
		return "Example:\n  withings-exporter demo --people=5 --speed=60"
	}
	return "Example:\n  withings-exporter " + command.Name
}

// readFile lets the configuration file give what flags and environment do not,
// for the commands that have one.
func (p *program) readFile(ctx *kong.Context) error {
	for _, flag := range ctx.Flags() {
		if flag.Name != "config.file" {
			continue
		}
		given, _ := ctx.FlagValue(flag).(string)
		path, err := config.Find(given)
		if err != nil || path == "" {
			return err
		}
		file, err := config.Load(path)
		if err != nil {
			return err
		}
		p.warnings = file.Warnings()
		ctx.AddResolver(file)
	}
	return nil
}

// exit tells what went wrong and returns the code for it.
func (p *program) exit(err error) int {
	switch {
	case err == nil && p.ctx.Err() != nil && strings.HasPrefix(context.Cause(p.ctx).Error(), os.Interrupt.String()):
		return exitInterrupted
	case err == nil:
		return exitDone
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(p.err, "withings-exporter: interrupted")
		return exitInterrupted
	}
	fmt.Fprintln(p.err, "withings-exporter:", err)
	switch {
	case errors.Is(err, app.ErrUsage):
		fmt.Fprintln(p.err, "withings-exporter: see withings-exporter -h")
		return exitUsage
	case errors.Is(err, app.ErrNeedsAuthorization):
		return exitAuthorize
	}
	return exitFailed
}
