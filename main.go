// Command withings-exporter turns people's Withings measurements into
// Prometheus gauges.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
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

// commands is the grammar of the command line.
type commands struct {
	Serve   serveCmd   `cmd:"" default:"withargs" help:"Poll every profile and serve /metrics (default)."`
	Auth    authCmd    `cmd:"" help:"Authorise one profile at Withings, once."`
	Check   checkCmd   `cmd:"" help:"Try everything once and say what is wrong."`
	Demo    demoCmd    `cmd:"" help:"Serve simulated people: no account, no configuration, no network."`
	Version versionCmd `cmd:"" help:"Print version, revision and Go version."`

	ShowVersion kong.VersionFlag `name:"version" help:"Print version, revision and Go version."`
}

type serveCmd struct {
	accountFlags `embed:""`
	pollFlags    `embed:""`
	webFlags     `embed:""`
	logFlags     `embed:""`
}

// authCmd signs one profile in, or tells of and ends what is stored.
type authCmd struct {
	Profile      string        `arg:"" optional:"" placeholder:"PROFILE" help:"A name for the person, such as Anna."`
	NoBrowser    bool          `name:"no-browser" env:"WITHINGS_NO_BROWSER" help:"Only print the address to open."`
	Paste        bool          `name:"paste" env:"WITHINGS_PASTE" help:"Paste the answer: no browser here."`
	Listen       string        `name:"listen" env:"WITHINGS_LISTEN" placeholder:"ADDR" help:"Else where --redirect-url points."`
	Force        bool          `name:"force" env:"WITHINGS_FORCE" help:"Also for another person or application."`
	Timeout      time.Duration `name:"timeout" env:"WITHINGS_TIMEOUT" default:"5m" placeholder:"TIME" help:"How long to wait for the person (5m)."`
	List         bool          `name:"list" env:"WITHINGS_LIST" help:"Tell what is stored; never the token."`
	Revoke       bool          `name:"revoke" env:"WITHINGS_REVOKE" help:"End it at Withings, remove the token."`
	Demo         bool          `name:"demo" env:"WITHINGS_DEMO" help:"Withings' own demo account."`
	accountFlags `embed:""`
	logFlags     `embed:""`
}

type checkCmd struct {
	serveCmd `embed:""`
}

type demoCmd struct {
	Seed       uint64        `env:"WITHINGS_SEED" default:"1" help:"Which people; same seed, same data."`
	Years      int           `env:"WITHINGS_YEARS" default:"5" help:"Years of history."`
	People     int           `env:"WITHINGS_PEOPLE" default:"3" help:"Number of people, at most 500."`
	Speed      float64       `env:"WITHINGS_SPEED" default:"1" help:"60 lets a minute stand for an hour."`
	APIAddress string        `name:"api.listen-address" env:"WITHINGS_API_LISTEN_ADDRESS" default:"localhost:0" help:"Where the simulated Withings listens."`
	StateDir   string        `name:"state.dir" placeholder:"DIR" help:"Keep tokens and readings there."` // no variable: that one is for real people
	Interval   time.Duration `name:"poll-interval" env:"WITHINGS_POLL_INTERVAL" default:"5m" help:"How fresh data must be."`
	webFlags   `embed:""`
	logFlags   `embed:""`
}

type versionCmd struct{}

// accountFlags say whose data it is and where it comes from.
type accountFlags struct {
	ConfigFile       string   `name:"config.file" env:"WITHINGS_CONFIG_FILE" placeholder:"FILE" help:"YAML file; else withings.yaml, if there."`
	StateDir         string   `name:"state.dir" env:"WITHINGS_STATE_DIR" placeholder:"DIR" help:"Folder of tokens and latest readings."`
	ClientID         string   `name:"client-id" env:"WITHINGS_CLIENT_ID" placeholder:"ID" help:"Client id of the Withings application."`
	ClientSecret     string   `name:"client-secret" env:"WITHINGS_CLIENT_SECRET" placeholder:"SECRET" help:"Its secret; better by file or environment."`
	ClientSecretFile string   `name:"client-secret-file" env:"WITHINGS_CLIENT_SECRET_FILE" placeholder:"FILE" help:"File with its secret."`
	Profiles         []string `name:"profiles" env:"WITHINGS_PROFILES" placeholder:"NAME" help:"The people; else everybody with a token."`
	RedirectURL      string   `name:"redirect-url" env:"WITHINGS_REDIRECT_URL" default:"http://localhost:8019/auth/external/callback" placeholder:"URL" help:"Callback registered with Withings."`
	Timezone         string   `name:"timezone" env:"WITHINGS_TIMEZONE" placeholder:"ZONE" help:"What today is; else each profile's own."`
	IncludeAmbiguous bool     `name:"include-ambiguous" env:"WITHINGS_INCLUDE_AMBIGUOUS" help:"Use measures that may be another's, too."`
	APIURL           string   `name:"api.url" env:"WITHINGS_API_URL" default:"https://wbsapi.withings.net" placeholder:"URL" help:"Withings' API."`
	AccountURL       string   `name:"account.url" env:"WITHINGS_ACCOUNT_URL" default:"https://account.withings.com" placeholder:"URL" help:"Withings' sign-in page."`
	SignedRequests   bool     `name:"signed-requests" env:"WITHINGS_SIGNED_REQUESTS" help:"Sign, instead of sending the secret."`
	APIRateLimit     int      `name:"api.rate-limit" env:"WITHINGS_API_RATE_LIMIT" default:"100" placeholder:"N" help:"Requests a minute, all together (100)."`
}

type pollFlags struct {
	PollInterval time.Duration `name:"poll-interval" env:"WITHINGS_POLL_INTERVAL" default:"5m" placeholder:"TIME" help:"How fresh data must be (5m)."`
}

// webFlags say where the pages are served.
type webFlags struct {
	WebListenAddress []string `name:"web.listen-address" env:"WITHINGS_WEB_LISTEN_ADDRESS" default:"localhost:10054" placeholder:"ADDR" help:"Where to serve (localhost:10054)."`
	WebTelemetryPath string   `name:"web.telemetry-path" env:"WITHINGS_WEB_TELEMETRY_PATH" default:"/metrics" placeholder:"PATH" help:"Where the metrics are."`
	WebConfigFile    string   `name:"web.config.file" env:"WITHINGS_WEB_CONFIG_FILE" placeholder:"FILE" help:"TLS and basic auth (exporter-toolkit)."`
	WebExternalURL   string   `name:"web.external-url" env:"WITHINGS_WEB_EXTERNAL_URL" placeholder:"URL" help:"Public address behind a proxy."`
}

type logFlags struct {
	LogLevel  string `name:"log.level" env:"WITHINGS_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"debug, info, warn or error."`
	LogFormat string `name:"log.format" env:"WITHINGS_LOG_FORMAT" default:"logfmt" enum:"logfmt,json" placeholder:"FORMAT" help:"logfmt or json."`
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
	settings, err := c.accountFlags.settings(p.now, c.logFlags.logger(p.err))
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

// Run serves the people of a simulated Withings.
func (c *demoCmd) Run(p *program) error {
	settings := app.Settings{
		StateDir:     c.StateDir,
		RedirectURL:  "http://localhost:8019/auth/external/callback",
		RateLimit:    100,
		PollInterval: c.Interval,
		Log:          c.logFlags.logger(p.err),
	}
	c.webFlags.apply(&settings)
	if err := settings.Validate(); err != nil {
		return err
	}
	return app.Demo(p.ctx, settings, app.DemoOptions{
		Seed: c.Seed, Years: c.Years, People: c.People, Speed: c.Speed, APIAddress: c.APIAddress,
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
	log := c.logFlags.logger(p.err)
	for _, warning := range p.warnings {
		log.Warn(warning)
	}
	settings, err := c.accountFlags.settings(p.now, log)
	if err != nil {
		return settings, err
	}
	settings.PollInterval = c.PollInterval
	c.webFlags.apply(&settings)
	return settings, settings.Validate()
}

func (f *webFlags) apply(s *app.Settings) {
	s.ListenAddresses, s.TelemetryPath = f.WebListenAddress, f.WebTelemetryPath
	s.WebConfigFile, s.ExternalURL = f.WebConfigFile, f.WebExternalURL
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
		return nil, usageOf(err)
	}
	config.Prefer(chosen, "client-secret", "client-secret-file")
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

// settings checks the flags and makes them what the program works with.
func (f *accountFlags) settings(now func() time.Time, log *slog.Logger) (s app.Settings, err error) {
	s = app.Settings{
		StateDir: f.StateDir, ClientID: f.ClientID, RedirectURL: f.RedirectURL,
		RateLimit: f.APIRateLimit, Ambiguous: f.IncludeAmbiguous, Signed: f.SignedRequests, Log: log, Now: now,
	}
	if s.StateDir == "" {
		if s.StateDir, err = config.StateDir(); err != nil {
			return s, usageOf(err)
		}
	}
	if f.ClientSecret != "" || f.ClientSecretFile != "" {
		if s.ClientSecret, err = config.Secret(f.ClientSecret, f.ClientSecretFile, "client-secret"); err != nil {
			return s, usageOf(err)
		}
	}
	if s.Profiles, err = config.Profiles(f.Profiles); err != nil {
		return s, usageOf(err)
	}
	if s.APIURL, err = config.URL("api.url", f.APIURL); err != nil {
		return s, usageOf(err)
	}
	if s.AccountURL, err = config.URL("account.url", f.AccountURL); err != nil {
		return s, usageOf(err)
	}
	if f.Timezone != "" {
		if s.Timezone, err = time.LoadLocation(f.Timezone); err != nil {
			return s, usageOf(fmt.Errorf("--timezone %q is not a time zone; give one such as Europe/Vienna", f.Timezone))
		}
	}
	if _, err = config.URL("redirect-url", f.RedirectURL); err != nil {
		return s, usageOf(err)
	}
	return s, s.ValidateRate()
}

// logger writes to standard error at the given level and format.
func (f *logFlags) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(f.LogLevel)) // the grammar lets only good ones pass
	options := &slog.HandlerOptions{Level: level}
	if f.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// usageError is a mistake on the command line or in the configuration.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usageOf(err error) error {
	var file *config.Error
	if errors.As(err, &file) {
		return usageError{file} // without the flag kong puts before it: file and line say more
	}
	return usageError{err}
}

// exit tells what went wrong and returns the code for it.
func (p *program) exit(err error) int {
	var usage usageError
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
	case errors.As(err, &usage), errors.Is(err, app.ErrUsage):
		fmt.Fprintln(p.err, "withings-exporter: see withings-exporter -h")
		return exitUsage
	case errors.Is(err, app.ErrNeedsAuthorization):
		return exitAuthorize
	}
	return exitFailed
}
