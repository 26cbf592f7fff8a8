package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/auth"
	"withings-exporter/exporter"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/influx"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/web"
)

// Settings is the configuration: flags, environment and file merged and checked.
type Settings struct {
	ConfigFile   string // the file that was read; empty: none
	ConfigLooked string // where a file was looked for, when there is none
	Service      string // the same command for the service that a package has installed here, if this one has nothing of its own
	StateDir     string
	ClientID     string
	ClientSecret string
	SecretFile   string // where ClientSecret was read from; empty: it was given itself
	Given        string // where client id and secret are from, in words; empty: that is not known
	Corrected    string // how a corrected client id or secret comes into use, in a sentence; empty: that is not known
	Restarts     bool   // it takes a restart, unless that is at once: a reload reads neither of them again
	RedirectURL  string
	Signed       bool     // requests are signed, and the client secret is never sent
	Profiles     []string // empty: every profile with a token in the state directory
	APIURL       string
	AccountURL   string
	RateLimit    int // requests per minute
	PollInterval time.Duration
	Timezone     *time.Location // nil: each profile's own
	Ambiguous    bool
	Services     []string // those to read; empty: everything the person allows

	Influx Influx // where every reading is written to

	ListenAddresses []string
	SystemdSocket   bool // what systemd has opened is served instead of ListenAddresses
	TelemetryPath   string
	RoutePrefix     string // below which everything is served, and nothing elsewhere; empty: at the root and below the path of ExternalURL
	MaxScrapes      int    // that are answered at the same time; 0 is any number
	NoProcess       bool   // the metrics about Go and the process are left out
	WebConfigFile   string
	ExternalURL     string // where Withings and people reach it; empty: no notifications
	CallbackURL     string // where Withings reaches it, if not at ExternalURL
	PollAnyway      bool   // also what Withings announces is polled as often as everything else
	NotifyAddress   string // for notifications alone; empty: they are on every listen address

	Log     *slog.Logger
	Now     func() time.Time
	Hangups chan os.Signal // ask to read the configuration again; nil: whoever serves listens
	HTTP    *http.Client   // for requests to Withings; nil is the usual one
	Own     *http.Client   // for requests to the address for notifications, as others send them; nil is the usual one

	// Pause lets the time between two subscriptions to notifications pass; nil lets the poller work meanwhile.
	Pause func(context.Context, time.Duration) error
	Hurry bool             // ask before others and retry less, since somebody waits
	Wall  func() time.Time // the clock that requests are counted by; nil is time.Now, also where Now is simulated
}

// Wait lets the time between two subscriptions to notifications pass.
func (s Settings) Wait(ctx context.Context, d time.Duration) error {
	if s.Pause != nil {
		return s.Pause(ctx, d)
	}
	return exporter.Pause(ctx, d)
}

// ProfilesPlace is where a person is added to those who are configured, in words.
func (s Settings) ProfilesPlace() string {
	if s.ConfigFile == "" {
		return "--profiles"
	}
	return "the profiles in " + s.ConfigFile
}

// Influx is a server that takes every reading; without a URL there is none.
type Influx struct {
	URL, Org, Bucket, Token string

	TokenFile string // where Token was read from; empty: it was given itself
	TokenFrom string // where it was given itself; empty: that is not known

	TokenReread bool // a reload reads it there again

	HTTP *http.Client `json:"-"` // for requests to it; nil is the usual one
}

// Writer returns a writer for the server, or nil without one.
func (i Influx) Writer(log *slog.Logger, observe func(result string, points int)) (*influx.Writer, error) {
	if i.URL == "" {
		return nil, nil
	}
	return influx.New(influx.Options{URL: i.URL, Org: i.Org, Bucket: i.Bucket, Token: i.Token, TokenFile: i.TokenFile, TokenFrom: i.TokenFrom, TokenReread: i.TokenReread, HTTP: i.HTTP, Log: log, Observe: observe})
}

// String shows nothing of the settings, so that a careless log line cannot leak
// the client secret.
func (Settings) String() string { return "settings" }

// GoString is String, for %#v.
func (s Settings) GoString() string { return s.String() }

var (
	// ErrUsage is wrapped by every error of usage or configuration.
	ErrUsage = errors.New("configuration")
	// ErrNeedsAuthorization is wrapped by every error that a person has to
	// authorise a profile.
	ErrNeedsAuthorization = auth.ErrNeedsAuthorization
	// ErrApplicationRefused means that Withings does not accept client id or client secret.
	ErrApplicationRefused = auth.ErrApplicationRefused
)

// Usagef makes an error of configuration, with advice that may be empty.
func Usagef(advice, format string, args ...any) error {
	return &usageError{hint.Wrap(fmt.Errorf(format, args...), advice)}
}

// Usage makes any error one of configuration. From one about the configuration
// file it removes the flag that kong puts before it: file and line say more.
func Usage(err error) error {
	if file, ok := errors.AsType[*config.Error](err); ok {
		err = file
	}
	return &usageError{err}
}

type usageError struct{ error }

func (e *usageError) Unwrap() error        { return e.error }
func (e *usageError) Is(target error) bool { return target == ErrUsage }

// ValidateRate checks the rate limit.
func (s Settings) ValidateRate() error {
	if s.RateLimit < 1 || s.RateLimit > 100_000 {
		return Usagef("give 1 to 100000 requests a minute; Withings allows 120", "--api.rate-limit %d is out of range", s.RateLimit)
	}
	return nil
}

// Validate checks what serving needs, before anything is opened.
func (s Settings) Validate() error {
	if s.PollInterval < 10*time.Second {
		return Usagef("give at least 10s; Withings has new data every few minutes at most", "--poll-interval %s is too short", s.PollInterval)
	}
	for _, address := range s.ListenAddresses {
		if _, _, err := ListenAddress("web.listen-address", address); err != nil {
			return err
		}
	}
	switch _, _, err := ListenAddress("notify.listen-address", s.NotifyAddress); {
	case s.NotifyAddress == "":
	case err != nil:
		return err
	case slices.ContainsFunc(s.ListenAddresses, func(a string) bool { return place(a) != "" && place(a) == place(s.NotifyAddress) }):
		return Usagef("give another port, or leave it out: notifications are also taken at --web.listen-address",
			"--notify.listen-address %q is also a --web.listen-address", s.NotifyAddress)
	case s.ExternalURL == "":
		return Usagef("give the address by which Withings reaches it, such as https://home.example", "--notify.listen-address is given, but --web.external-url is not")
	}
	if len(s.Services) > 0 && !slices.ContainsFunc(s.Services, func(name string) bool { return !told(name) }) && s.Callbacks() == "" {
		return Usagef("give the address by which Withings reaches the exporter, or name other services, too",
			"--services %s is known from notifications alone, but there is no --web.external-url", strings.Join(s.Services, ","))
	}
	if _, err := web.New(s.Web()); err != nil {
		return Usage(err)
	}
	return s.ValidateRate()
}

// Web are the options of a server that is at the addresses of serve, and shows nothing. It takes nothing from systemd.
func (s Settings) Web() web.Options {
	return web.Options{
		ListenAddresses: s.ListenAddresses, NotifyAddress: s.NotifyAddress, ConfigFile: s.WebConfigFile, TelemetryPath: s.TelemetryPath,
		RoutePrefix: s.RoutePrefix, MaxScrapes: s.MaxScrapes, ExternalURL: s.ExternalURL, Metrics: http.NotFoundHandler(), Status: func() web.Status { return web.Status{} },
	}
}

// TryAddresses opens what serve listens at for a moment. The error says why that cannot be, as serve would.
func (s Settings) TryAddresses() error {
	if s.SystemdSocket || len(s.ListenAddresses) == 0 {
		return nil
	}
	server, err := web.New(s.Web())
	if err != nil {
		return err
	}
	return server.Try()
}

// place is an address to listen on, with loopback under one name; "" if the system picks a port.
func place(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "0" {
		return ""
	}
	if host == "127.0.0.1" || host == "::1" {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// Callbacks is the address at which Withings reaches the exporter with notifications; empty: it does not.
func (s Settings) Callbacks() string { return cmp.Or(s.CallbackURL, s.ExternalURL) }

// Announced reports whether notifications are wanted: an address of their own or a service that needs them was chosen. Otherwise an
// external URL may be there for links alone, and nothing is wrong if Withings cannot use it.
func (s Settings) Announced() bool {
	return s.NotifyAddress != "" || s.CallbackURL != "" || slices.ContainsFunc(s.Services, told)
}

// told reports whether only notifications tell of a service.
func told(name string) bool { return exporter.Service(name).Row().Told }

// AsksPassword reports whether everybody is asked for a password where notifications arrive, also Withings.
func (s Settings) AsksPassword() bool {
	return s.NotifyAddress == "" && web.FirstUser(s.WebConfigFile) != ""
}

// fixed is a setting that takes effect only at the start.
type fixed struct {
	flag string
	same func(running, next *Settings) bool
	keep func(running, next *Settings) // gives next what is running
}

// fixedAt is a fixed setting in one field.
func fixedAt[T comparable](flag string, field func(*Settings) *T) fixed {
	return fixed{
		flag: flag,
		same: func(running, next *Settings) bool { return *field(running) == *field(next) },
		keep: func(running, next *Settings) { *field(next) = *field(running) },
	}
}

var allFixed = []fixed{
	fixedAt("--state.dir", func(s *Settings) *string { return &s.StateDir }),
	{
		flag: "--web.listen-address",
		same: func(running, next *Settings) bool { return slices.Equal(running.ListenAddresses, next.ListenAddresses) },
		keep: func(running, next *Settings) { next.ListenAddresses = running.ListenAddresses },
	},
	fixedAt("--web.systemd-socket", func(s *Settings) *bool { return &s.SystemdSocket }),
	fixedAt("--web.telemetry-path", func(s *Settings) *string { return &s.TelemetryPath }),
	fixedAt("--web.route-prefix", func(s *Settings) *string { return &s.RoutePrefix }),
	fixedAt("--web.max-requests", func(s *Settings) *int { return &s.MaxScrapes }),
	fixedAt("--web.disable-exporter-metrics", func(s *Settings) *bool { return &s.NoProcess }),
	fixedAt("--web.config.file", func(s *Settings) *string { return &s.WebConfigFile }),
	fixedAt("--web.external-url", func(s *Settings) *string { return &s.ExternalURL }),
	fixedAt("--notify.listen-address", func(s *Settings) *string { return &s.NotifyAddress }),
}

// Reload returns the settings that follow those of a running program when its configuration is next: what takes effect only
// at the start stays. Waiting names the flags that differ and wait for a restart, each time until there is one.
func (s Settings) Reload(next Settings) (following Settings, waiting []string) {
	for _, f := range allFixed {
		if !f.same(&s, &next) {
			waiting = append(waiting, f.flag)
			f.keep(&s, &next)
		}
	}
	return next, waiting
}

// FileRead is the configuration file, or says where one was looked for.
func (s Settings) FileRead() string {
	if s.ConfigFile == "" {
		if s.ConfigLooked == "" {
			return "no file"
		}
		return "no file (looked for " + s.ConfigLooked + ")"
	}
	if path, err := filepath.Abs(s.ConfigFile); err == nil {
		return path
	}
	return s.ConfigFile
}

// Missing says that settings are missing, and in which file, or where none was found.
func (s Settings) Missing(names ...string) string {
	is := " is missing"
	if len(names) > 1 {
		is = " are missing"
	}
	if s.ConfigFile != "" {
		return strings.Join(names, " and ") + is + " in " + s.FileRead()
	}
	return strings.Join(names, " and ") + is + ", and there is " + s.FileRead()
}

// ToRegister is where advice ends about an application that is missing altogether.
func ToRegister() string { return "; to see how to register an application, " + shell.Run("auth") }

// ForService is an error about what is not configured. Whoever has no application configured on a machine with the service of a
// package is also told the command that has its configuration.
func (s Settings) ForService(err error) error {
	if err == nil || s.Service == "" || s.ClientSecret != "" {
		return err
	}
	return hint.Wrap(err, "for the service of this machine, run: "+s.Service)
}

// ValidateApplication checks that there is a Withings application to ask with.
func (s Settings) ValidateApplication() error {
	both, secret := "write them there, or give --client-id and --client-secret-file", "write it there, or give --client-secret-file"
	if file := config.Unfilled("client-secret"); file != "" { // as the service of a package has it
		both, secret = "write the id there, and the secret there or into "+file, "write it there, or into "+file
	}
	switch {
	case s.Service != "" && s.ClientSecret == "":
		missing := []string{"client-secret"}
		if s.ClientID == "" {
			missing = []string{"client-id", "client-secret"}
		}
		return s.ForService(Usagef("", "no Withings application is configured for this user: %s", s.Missing(missing...)))
	case s.ClientID == "" && s.ClientSecret == "":
		return Usagef(both+ToRegister(),
			"no Withings application is configured: %s", s.Missing("client-id", "client-secret"))
	case s.ClientID == "":
		return Usagef("write it there, or give --client-id", "the Withings application is not complete: %s", s.Missing("client-id"))
	case s.ClientSecret == "":
		return Usagef(secret, "the Withings application is not complete: %s", s.Missing("client-secret"))
	}
	if s.APIURL == auth.WithingsAPIURL {
		return s.validateCloud()
	}
	return nil
}

// ValidateSignIn checks that there is one with which a person can sign in.
func (s Settings) ValidateSignIn() error {
	if err := s.ValidateApplication(); err != nil {
		return err
	}
	return s.validateCloud()
}

// simulatedClient is the client id that demo prints for practising.
const simulatedClient = "simulated-client"

// validateCloud refuses to ask Withings with a client id that only the simulated one knows.
func (s Settings) validateCloud() error {
	var real []string
	if s.APIURL == auth.WithingsAPIURL {
		real = append(real, "--api.url")
	}
	if s.AccountURL == auth.WithingsAccountURL {
		real = append(real, "--account.url")
	}
	if s.ClientID != simulatedClient || len(real) == 0 {
		return nil
	}
	flags := strings.Join(real, " and ")
	return Usagef("give "+flags+" with the address that demo --api.listen-address prints, or the client id of your own application",
		"client id %q is that of the simulated Withings, but %s %s of the real one", s.ClientID, flags, english.PluralWord(len(real), "is that", "are those"))
}
