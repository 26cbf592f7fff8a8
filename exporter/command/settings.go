package command

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/influx"
	"withings-exporter/exporter/web"
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

	Hurry bool             // Withings is asked with less patience, since somebody waits
	Wall  func() time.Time // by which requests are counted; nil is time.Now, where Withings' clock is simulated too
}

// Influx is a server that takes every reading; without a URL there is none.
type Influx struct {
	URL, Org, Bucket, Token string

	HTTP *http.Client `json:"-"` // how it is reached; nil is the ordinary way
}

// Writer returns a writer for the server, nil when there is none.
func (i Influx) Writer(log *slog.Logger, observe func(result string, points int)) (*influx.Writer, error) {
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

// Usagef makes an error of configuration.
func Usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// Usage makes any error one of configuration. One about the configuration file
// loses the flag that kong puts before it: file and line say more.
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
		return Usagef("--api.rate-limit %d: give 1 to 100000 requests a minute; Withings allows 120", s.RateLimit)
	}
	return nil
}

// Validate checks what serving needs, before anything is opened.
func (s Settings) Validate() error {
	if s.PollInterval < 10*time.Second {
		return Usagef("--poll-interval %s: give at least 10s; Withings has something new every few minutes at most", s.PollInterval)
	}
	for _, address := range s.ListenAddresses {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return Usagef("--web.listen-address %q: give host:port, such as localhost:10054 or :10054", address)
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

// Fixed names the flags that differ in next and need a restart.
func (s Settings) Fixed(next Settings) []string {
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

// FileRead names the configuration file, or says where there is none.
func (s Settings) FileRead() string {
	switch {
	case s.ConfigFile != "":
		return s.ConfigFile
	case len(s.ConfigLooked) > 0:
		return "no file (looked for " + strings.Join(s.ConfigLooked, ", ") + ")"
	}
	return "no file"
}
