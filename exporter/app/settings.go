package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/auth"
	"withings-exporter/exporter"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/influx"
	"withings-exporter/exporter/prom"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/web"
	"withings-exporter/exporter/withings"
)

// Settings is the configuration once flags, environment and file have become
// one and been checked.
type Settings struct {
	ConfigFile   string   // the file that was read; empty: none
	ConfigLooked []string // where one was looked for, when none was given
	StateDir     string
	ClientID     string
	ClientSecret string
	RedirectURL  string
	Signed       bool     // the application is proven by signatures, its secret is never sent
	Profiles     []string // empty: every profile with a token in the state directory
	APIURL       string
	AccountURL   string
	RateLimit    int // requests a minute
	PollInterval time.Duration
	Timezone     *time.Location // nil: each profile's own
	Ambiguous    bool
	Services     []string // those that are asked; empty: everything the person allows

	Influx Influx // where every reading is pushed to

	ListenAddresses []string
	TelemetryPath   string
	WebConfigFile   string
	ExternalURL     string

	Log  *slog.Logger
	Now  func() time.Time
	HTTP *http.Client // how Withings is reached; nil is the ordinary way

	hurry bool             // Withings is asked with less patience, since somebody waits
	wall  func() time.Time // by which requests are counted; nil is time.Now, where Withings' clock is simulated too
}

// Influx is a server that takes every reading; without a URL there is none.
type Influx struct {
	URL, Org, Bucket, Token string

	HTTP *http.Client `json:"-"` // how it is reached; nil is the ordinary way
}

// writer returns a writer for the server, nil when there is none.
func (i Influx) writer(log *slog.Logger, observe func(result string, points int)) (*influx.Writer, error) {
	if i.URL == "" {
		return nil, nil
	}
	return influx.New(influx.Options{URL: i.URL, Org: i.Org, Bucket: i.Bucket, Token: i.Token, HTTP: i.HTTP, Log: log, Observe: observe})
}

// String shows nothing of the settings, so that a careless log line cannot tell
// the client secret.
func (Settings) String() string { return "settings" }

// GoString is String, for %#v.
func (s Settings) GoString() string { return s.String() }

var (
	// ErrUsage is behind every error of configuration.
	ErrUsage = errors.New("configuration")
	// ErrNeedsAuthorization is behind the error of a check that found a
	// profile a person has to authorise.
	ErrNeedsAuthorization = auth.ErrNeedsAuthorization
)

// usage makes an error of configuration.
func usage(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// Usage makes any error one of configuration. One about the configuration file
// loses the flag that kong puts before it: file and line say more.
func Usage(err error) error {
	var file *config.Error
	if errors.As(err, &file) {
		err = file
	}
	return &usageError{err.Error()}
}

type usageError struct{ text string }

func (e *usageError) Error() string        { return e.text }
func (e *usageError) Is(target error) bool { return target == ErrUsage }

// oauth2 is the service label of token requests.
const oauth2 = exporter.Service("oauth2")

// application is what a token was obtained for, and where. As long as it stays
// the same, what is known of a profile's tokens does too.
type application struct {
	clientID, clientSecret, redirectURL, accountURL, apiURL string
	signed                                                  bool
}

func applicationOf(s Settings) application {
	return application{s.ClientID, s.ClientSecret, s.RedirectURL, s.AccountURL, s.APIURL, s.Signed}
}

// newBudget is the rate budget, which all processes of a state directory share.
// Withings counts by the clock on the wall, also when the data has another.
func newBudget(s Settings, dir *statedir.Dir) *withings.Budget {
	wall := s.wall
	if wall == nil {
		wall = time.Now
	}
	return withings.NewBudget(s.RateLimit, wall, withings.NewTally(filepath.Join(dir.Path(), "rate"), s.Log))
}

// newCounters registers what is counted, each thing from 0 on.
func newCounters(r prometheus.Registerer) *prom.Counters {
	return prom.NewCounters(r, withings.Reasons(), influx.Results())
}

// cloud is what all profiles share of Withings: one application, one rate
// budget, one client.
type cloud struct {
	of     application
	app    *auth.App
	client *withings.Client
	budget *withings.Budget
}

func newCloud(s Settings, counters *prom.Counters, budget *withings.Budget) (*cloud, error) {
	if s.ClientID == "" || s.ClientSecret == "" {
		return nil, usage("no Withings application is configured: register one with Withings, then give " +
			"--client-id and --client-secret-file (or client_id and client_secret in the file)")
	}
	transport := s.HTTP
	if transport == nil {
		transport = withings.Transport()
	}
	client := &withings.Client{
		URL: s.APIURL, HTTP: transport, Budget: budget, Observe: counters,
		Log: s.Log, Now: s.Now, Ambiguous: s.Ambiguous,
		Hurry: s.hurry,
	}
	app := &auth.App{
		ClientID: s.ClientID, ClientSecret: s.ClientSecret,
		RedirectURL: s.RedirectURL, AccountURL: s.AccountURL, APIURL: s.APIURL,
		Signed:     s.Signed,
		HTTPClient: &http.Client{Transport: transport.Transport, Timeout: 30 * time.Second},
		Now:        s.Now,
		Wait:       client.Room,
		Notice:     func(profile, text string) { s.Log.Warn(text, "profile", profile) },
		Observe: func(_, status string) {
			counters.Requested(oauth2, status)
			if status == "601" {
				counters.RateLimited()
				budget.CoolOff()
			}
		},
	}
	return &cloud{applicationOf(s), app, client, budget}, nil
}

// ValidateRate checks the rate limit.
func (s Settings) ValidateRate() error {
	if s.RateLimit < 1 || s.RateLimit > 100_000 {
		return usage("--api.rate-limit %d: give 1 to 100000 requests a minute; Withings allows 120", s.RateLimit)
	}
	return nil
}

// Validate checks what serving needs, before anything is opened.
func (s Settings) Validate() error {
	if s.PollInterval < 10*time.Second {
		return usage("--poll-interval %s: give at least 10s; Withings has something new every few minutes at most", s.PollInterval)
	}
	for _, address := range s.ListenAddresses {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return usage("--web.listen-address %q: give host:port, such as localhost:10054 or :10054", address)
		}
	}
	_, err := web.New(web.Options{
		ListenAddresses: s.ListenAddresses, ConfigFile: s.WebConfigFile, TelemetryPath: s.TelemetryPath,
		ExternalURL: s.ExternalURL, Metrics: http.NotFoundHandler(), Status: func() web.Status { return web.Status{} },
	})
	if err != nil {
		return Usage(err)
	}
	return s.ValidateRate()
}

// fixed names the flags that differ in next and need a restart.
func (s Settings) fixed(next Settings) []string {
	var names []string
	for _, f := range []struct {
		flag string
		same bool
	}{
		{"--state.dir", s.StateDir == next.StateDir},
		{"--web.listen-address", slices.Equal(s.ListenAddresses, next.ListenAddresses)},
		{"--web.telemetry-path", s.TelemetryPath == next.TelemetryPath},
		{"--web.config.file", s.WebConfigFile == next.WebConfigFile},
		{"--web.external-url", s.ExternalURL == next.ExternalURL},
	} {
		if !f.same {
			names = append(names, f.flag)
		}
	}
	return names
}
