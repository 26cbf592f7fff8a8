package command

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/influx"
	"withings-exporter/exporter/shell"
)

// The flags that several commands share, and how they become settings. Names,
// variables, defaults and help are in the tags, for kong. A flag that few people need has the
// tag rare, see manual.HelpAll.

// FileFlags say which configuration file is read.
type FileFlags struct {
	ConfigFile string `name:"config.file" env:"WITHINGS_CONFIG_FILE" placeholder:"FILE" help:"YAML file (default: withings.yaml, if it exists)."`
}

// Service is the same command for the service that a package has installed here, if this one has no configuration of its own;
// "" otherwise.
func (f *FileFlags) Service() string {
	file, _ := config.Find(f.ConfigFile) // what is wrong with it is told when it is read
	return shell.AsService(file, os.Args[1:])
}

// AccountFlags say whose data is read and from where.
type AccountFlags struct {
	FileFlags        `embed:""`
	StateDir         string   `name:"state.dir" env:"WITHINGS_STATE_DIR" placeholder:"DIR" help:"Folder for tokens and latest readings."`
	ClientID         string   `name:"client-id" env:"WITHINGS_CLIENT_ID" placeholder:"ID" help:"Client id of your Withings application."`
	ClientSecret     string   `name:"client-secret" rare:"" env:"WITHINGS_CLIENT_SECRET" placeholder:"SECRET" help:"Client secret; safer in a file or variable."`
	ClientSecretFile string   `name:"client-secret-file" env:"WITHINGS_CLIENT_SECRET_FILE" placeholder:"FILE" help:"File that holds the client secret."`
	Profiles         []string `name:"profiles" env:"WITHINGS_PROFILES" placeholder:"NAME" help:"Names of people (default: all with a token)."`
	RedirectURL      string   `name:"redirect-url" rare:"" env:"WITHINGS_REDIRECT_URL" default:"http://localhost:8019/auth/external/callback" placeholder:"URL" help:"Callback URL registered with Withings."`
	Timezone         string   `name:"timezone" rare:"" env:"WITHINGS_TIMEZONE" placeholder:"ZONE" help:"Time zone of days (default: each profile's own)."`
	Services         []string `name:"services" rare:"" env:"WITHINGS_SERVICES" placeholder:"NAME" help:"Services to read (default: all allowed)."`
	IncludeAmbiguous bool     `name:"include-ambiguous" rare:"" env:"WITHINGS_INCLUDE_AMBIGUOUS" help:"Also use measures that may be someone else's."`
	APIURL           string   `name:"api.url" rare:"" env:"WITHINGS_API_URL" default:"https://wbsapi.withings.net" placeholder:"URL" help:"Address of Withings' API."`
	AccountURL       string   `name:"account.url" rare:"" env:"WITHINGS_ACCOUNT_URL" default:"https://account.withings.com" placeholder:"URL" help:"Address of Withings' sign-in page."`
	SignedRequests   bool     `name:"signed-requests" rare:"" env:"WITHINGS_SIGNED_REQUESTS" help:"Sign requests instead of sending the secret."`
	APIRateLimit     int      `name:"api.rate-limit" rare:"" env:"WITHINGS_API_RATE_LIMIT" default:"100" placeholder:"N" help:"Requests per minute, for all profiles."`

	idFrom, secretFrom config.Place // where client id and secret were given
}

// AfterApply notes where the application was given, for the day on which Withings refuses it.
func (f *AccountFlags) AfterApply(ctx *kong.Context) error {
	f.idFrom, f.secretFrom = config.Given(ctx, "client-id"), config.Given(ctx, "client-secret")
	return nil
}

// given says where client id and secret are from; "" if that is not known.
func (f *AccountFlags) given() string {
	id, secret := f.idFrom.Name, f.secretFrom.Name
	if f.ClientSecretFile != "" {
		secret = config.Origin(f.ClientSecretFile)
	}
	switch {
	case id == "" || secret == "":
		return ""
	case id == secret:
		return "both are from " + secret
	}
	return "the client id is from " + id + ", the secret from " + secret
}

// corrected says how a running serve comes to use another client id or secret, and whether it restarts for each, as far as it does not
// use it at once.
func (f *AccountFlags) corrected() (how string, restarts bool) {
	const reload, restart = "reload", "restart"
	id, secret := restart, restart
	if f.idFrom.Reread {
		id = reload
	}
	if f.ClientSecretFile == "" && f.secretFrom.Reread {
		secret = reload
	}
	switch {
	case f.ClientSecretFile != "" && !config.IsCredential(f.ClientSecretFile):
		how = "A corrected secret is used at once; after a change of the client id, " + id + "."
	case id == secret:
		how = "After the correction, " + id + "."
	default:
		how = "After a change of the client id, " + id + "; after one of the secret, " + secret + "."
	}
	return how, id == restart && secret == restart
}

// PollFlags say how often to poll.
type PollFlags struct {
	PollInterval time.Duration `name:"poll-interval" env:"WITHINGS_POLL_INTERVAL" default:"5m" placeholder:"TIME" help:"Time between polls of a profile."`
}

// WebFlags say where the pages are served.
type WebFlags struct {
	WebListenAddress []string `name:"web.listen-address" env:"WITHINGS_WEB_LISTEN_ADDRESS" default:"localhost:10054" placeholder:"ADDR" help:"Address to listen on."`
	WebSystemdSocket bool     `name:"web.systemd-socket" rare:"" env:"WITHINGS_WEB_SYSTEMD_SOCKET" help:"Take systemd's sockets instead (Linux)."`
	WebTelemetryPath string   `name:"web.telemetry-path" rare:"" env:"WITHINGS_WEB_TELEMETRY_PATH" default:"/metrics" placeholder:"PATH" help:"Path of the metrics."`
	WebRoutePrefix   string   `name:"web.route-prefix" rare:"" env:"WITHINGS_WEB_ROUTE_PREFIX" placeholder:"PATH" help:"Path below which everything is served."`
	WebMaxRequests   int      `name:"web.max-requests" rare:"" env:"WITHINGS_WEB_MAX_REQUESTS" default:"40" placeholder:"N" help:"Parallel scrapes; 0 means no limit."`
	WebNoOwnMetrics  bool     `name:"web.disable-exporter-metrics" rare:"" env:"WITHINGS_WEB_DISABLE_EXPORTER_METRICS" help:"Leave out go_* and process_* metrics."`
	WebConfigFile    string   `name:"web.config.file" env:"WITHINGS_WEB_CONFIG_FILE" placeholder:"FILE" help:"TLS and basic auth (exporter-toolkit)."`
	ReachedFlags     `embed:""`
	NotifyAddress    string `name:"notify.listen-address" rare:"" env:"WITHINGS_NOTIFY_LISTEN_ADDRESS" placeholder:"ADDR" help:"Address for notifications alone."`
}

// ReachedFlags say how others reach the exporter.
type ReachedFlags struct {
	WebExternalURL string `name:"web.external-url" env:"WITHINGS_WEB_EXTERNAL_URL" placeholder:"URL" help:"Public address; turns on notifications."`
}

// InfluxFlags say where every reading is written to.
type InfluxFlags struct {
	InfluxURL       string `name:"influx.url" env:"WITHINGS_INFLUX_URL" placeholder:"URL" help:"URL of InfluxDB 1.8+, 2, 3 or VictoriaMetrics."`
	InfluxOrg       string `name:"influx.org" env:"WITHINGS_INFLUX_ORG" placeholder:"ORG" help:"Organisation; not for InfluxDB 1.8."`
	InfluxBucket    string `name:"influx.bucket" env:"WITHINGS_INFLUX_BUCKET" placeholder:"BUCKET" help:"Bucket; for InfluxDB 1.8 database/policy."`
	InfluxToken     string `name:"influx.token" rare:"" env:"WITHINGS_INFLUX_TOKEN" placeholder:"TOKEN" help:"Token; for InfluxDB 1.8 user:password."`
	InfluxTokenFile string `name:"influx.token-file" env:"WITHINGS_INFLUX_TOKEN_FILE" placeholder:"FILE" help:"File with the token; for 1.8 user:password."`

	tokenFrom config.Place // where the token was given, if not in a file of its own
}

// AfterApply notes where the token was given, for the day on which InfluxDB rejects it.
func (f *InfluxFlags) AfterApply(ctx *kong.Context) error {
	f.tokenFrom = config.Given(ctx, "influx.token")
	return nil
}

// LogFlags say what is logged, and how.
type LogFlags struct {
	LogLevel  string `name:"log.level" rare:"" env:"WITHINGS_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"debug, info, warn or error."`
	LogFormat string `name:"log.format" rare:"" env:"WITHINGS_LOG_FORMAT" default:"logfmt" enum:"logfmt,json" placeholder:"FORMAT" help:"logfmt or json."`
}

// ServingFlags are the flags of serve.
type ServingFlags struct {
	AccountFlags `embed:"" group:"Withings:"`
	PollFlags    `embed:"" group:"Serving:"`
	WebFlags     `embed:"" group:"Serving:"`
	InfluxFlags  `embed:"" group:"InfluxDB:"`
	LogFlags     `embed:"" group:"Log:"`
}

// HistoryFlags are the flags of commands that import histories.
type HistoryFlags struct {
	AccountFlags `embed:"" group:"Withings:"`
	InfluxFlags  `embed:"" group:"InfluxDB:"`
	LogFlags     `embed:"" group:"Log:"`
}

// Settings checks all flags.
func (f *ServingFlags) Settings(p *Program) (Settings, error) {
	s, err := f.AccountFlags.Settings(p.Now, p.Logger(&f.LogFlags))
	if err != nil {
		return s, err
	}
	s.PollInterval, s.Hangups = f.PollInterval, p.Hangups
	f.WebFlags.Apply(&s)
	if err := f.InfluxFlags.Apply(&s); err != nil {
		return s, err
	}
	return s, s.Validate()
}

// Settings checks all flags.
func (f *HistoryFlags) Settings(p *Program) (Settings, error) {
	s, err := f.AccountFlags.Settings(p.Now, p.Logger(&f.LogFlags))
	return s, errors.Join(err, f.InfluxFlags.Apply(&s))
}

// Settings checks the flags and turns them into settings.
func (f *AccountFlags) Settings(now func() time.Time, log *slog.Logger) (s Settings, err error) {
	s = Settings{
		StateDir: f.StateDir, ClientID: f.ClientID, RedirectURL: f.RedirectURL,
		RateLimit: f.APIRateLimit, Ambiguous: f.IncludeAmbiguous, Signed: f.SignedRequests, Log: log, Now: now,
	}
	if s.ConfigFile, err = config.Find(f.ConfigFile); err != nil {
		return s, Usage(err)
	}
	if s.ConfigFile == "" {
		s.ConfigLooked = config.Looked()
	}
	if s.StateDir == "" {
		s.Service = f.Service()
		if s.StateDir, err = config.StateDir(); err != nil {
			return s, Usage(err)
		}
	}
	if s.ClientID, err = config.Pasted(f.ClientID, "--client-id"); err != nil {
		return s, Usage(err)
	}
	if f.ClientSecret != "" || f.ClientSecretFile != "" {
		WarnExposed(log, f.ClientSecretFile, "the client secret")
		s.SecretFile, s.Given = f.ClientSecretFile, f.given()
		s.Corrected, s.Restarts = f.corrected()
		if s.ClientSecret, err = clientSecret(f.ClientSecret, f.ClientSecretFile); err != nil {
			return s, Usage(err)
		}
	}
	if s.Profiles, err = config.Profiles(f.Profiles); err != nil {
		return s, Usage(fmt.Errorf("--profiles: %w", err))
	}
	if s.Services, err = config.Services(f.Services, serviceNames()); err != nil {
		return s, Usage(fmt.Errorf("--services: %w", err))
	}
	if s.APIURL, err = config.URL("api.url", f.APIURL); err != nil {
		return s, Usage(err)
	}
	if s.AccountURL, err = config.URL("account.url", f.AccountURL); err != nil {
		return s, Usage(err)
	}
	if f.Timezone != "" {
		if s.Timezone, err = time.LoadLocation(f.Timezone); err != nil {
			return s, Usagef("give one such as Europe/Vienna", "--timezone %q is not a time zone", f.Timezone)
		}
	}
	if _, err = config.URL("redirect-url", f.RedirectURL); err != nil {
		return s, Usage(err)
	}
	return s, s.ValidateRate()
}

// Apply checks the flags and puts them into the settings.
func (f *InfluxFlags) Apply(s *Settings) (err error) {
	if f.InfluxURL == "" {
		for _, given := range []struct{ flag, value string }{
			{"influx.bucket", f.InfluxBucket}, {"influx.org", f.InfluxOrg}, {"influx.token", f.InfluxToken}, {"influx.token-file", f.InfluxTokenFile},
		} {
			if given.value != "" {
				return Usagef("give the address of the server too", "--%s is given, but --influx.url is not", given.flag)
			}
		}
		return nil
	}
	if s.Influx.URL, err = config.URL("influx.url", f.InfluxURL); err != nil {
		return Usage(err)
	}
	if f.InfluxToken != "" || f.InfluxTokenFile != "" {
		WarnExposed(s.Log, f.InfluxTokenFile, "the token of InfluxDB")
		s.Influx.TokenFile, s.Influx.TokenFrom, s.Influx.TokenReread = f.InfluxTokenFile, f.tokenFrom.Name, f.tokenFrom.Reread
		if config.IsCredential(f.InfluxTokenFile) {
			s.Influx.TokenFile, s.Influx.TokenFrom, s.Influx.TokenReread = "", config.Origin(f.InfluxTokenFile), false
		}
		if s.Influx.Token, err = influxToken(f.InfluxToken, f.InfluxTokenFile); err != nil {
			return Usage(err)
		}
	}
	where, err := influx.Resolve(influx.Options{URL: s.Influx.URL, Org: f.InfluxOrg, Bucket: f.InfluxBucket, Token: s.Influx.Token})
	if err != nil {
		return Usage(err)
	}
	s.Influx.URL, s.Influx.Org, s.Influx.Bucket, s.Influx.Token = where.URL, where.Org, where.Bucket, where.Token
	return nil
}

// Logger writes to standard error at the given level and format.
func (f *LogFlags) Logger(w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(f.LogLevel)) // the grammar lets only good ones pass
	options := &slog.HandlerOptions{Level: level}
	if f.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// Apply puts the flags into the settings.
func (f *WebFlags) Apply(s *Settings) {
	s.ListenAddresses, s.TelemetryPath, s.NoProcess = f.WebListenAddress, f.WebTelemetryPath, f.WebNoOwnMetrics
	s.SystemdSocket = f.WebSystemdSocket
	s.RoutePrefix, s.MaxScrapes = f.WebRoutePrefix, f.WebMaxRequests
	s.WebConfigFile, s.ExternalURL, s.NotifyAddress = f.WebConfigFile, External(f.WebExternalURL), f.NotifyAddress
}

// serviceNames are what --services may name.
func serviceNames() []string {
	var names []string
	for _, service := range exporter.Services() {
		names = append(names, string(service))
	}
	return names
}
