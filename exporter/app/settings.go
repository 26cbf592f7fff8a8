package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter"
	"withings-exporter/exporter/prom"
	"withings-exporter/exporter/withings"
)

// Settings is the configuration once flags, environment and file have become
// one and been checked.
type Settings struct {
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

	ListenAddresses []string
	TelemetryPath   string
	WebConfigFile   string
	ExternalURL     string

	Log  *slog.Logger
	Now  func() time.Time
	HTTP *http.Client // how Withings is reached; nil is the ordinary way
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

type usageError struct{ text string }

func (e *usageError) Error() string        { return e.text }
func (e *usageError) Is(target error) bool { return target == ErrUsage }

// oauth2 is the service label of token requests.
const oauth2 = exporter.Service("oauth2")

// cloud is what all profiles share of Withings: one application, one rate
// budget, one client.
type cloud struct {
	app    *auth.App
	client *withings.Client
	budget *withings.Budget
}

func newCloud(s Settings, counters *prom.Counters) (*cloud, error) {
	if s.ClientID == "" || s.ClientSecret == "" {
		return nil, usage("no Withings application is configured: register one with Withings, then give " +
			"--client-id and --client-secret-file (or client_id and client_secret in the file)")
	}
	// Withings counts by the clock on the wall, also when the data has another.
	budget := withings.NewBudget(s.RateLimit, time.Now)
	transport := s.HTTP
	if transport == nil {
		transport = withings.Transport()
	}
	app := &auth.App{
		ClientID: s.ClientID, ClientSecret: s.ClientSecret,
		RedirectURL: s.RedirectURL, AccountURL: s.AccountURL, APIURL: s.APIURL,
		Signed:     s.Signed,
		HTTPClient: &http.Client{Transport: transport.Transport, Timeout: 30 * time.Second},
		Now:        s.Now,
		Wait:       budget.Wait,
		Observe: func(_, status string) {
			counters.Requested(oauth2, status)
			if status == "601" {
				counters.RateLimited()
				budget.CoolOff()
			}
		},
	}
	client := &withings.Client{
		URL: s.APIURL, HTTP: transport, Budget: budget, Observe: counters,
		Log: s.Log, Now: s.Now, Ambiguous: s.Ambiguous,
	}
	return &cloud{app, client, budget}, nil
}

// Validate checks what no single flag can.
func (s Settings) Validate() error {
	switch {
	case s.RateLimit < 1 || s.RateLimit > 100_000:
		return usage("--api.rate-limit %d: give 1 to 100000 requests a minute; Withings allows 120", s.RateLimit)
	case s.PollInterval != 0 && s.PollInterval < 10*time.Second:
		return usage("--poll-interval %s: give at least 10s; Withings has something new every few minutes at most", s.PollInterval)
	}
	return nil
}
