package profiles

import (
	"path/filepath"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/withings"
)

// oauth2 is the service label of token requests.
const oauth2 = exporter.Service("oauth2")

// application is what a token was obtained for, and where. While it stays the same,
// what is known of a profile's tokens stays valid.
type application struct {
	clientID, clientSecret, redirectURL, accountURL, apiURL string
	signed                                                  bool
}

func applicationOf(s command.Settings) application {
	return application{clientID: s.ClientID, clientSecret: s.ClientSecret, redirectURL: s.RedirectURL,
		accountURL: s.AccountURL, apiURL: s.APIURL, signed: s.Signed}
}

// newBudget is the rate budget that all processes of a state directory share. It goes
// by the wall clock, as Withings' own limit does, even if the data has another clock.
func newBudget(s command.Settings, dir *statedir.Dir) *withings.Budget {
	wall := s.Wall
	if wall == nil {
		wall = time.Now
	}
	return withings.NewBudget(s.RateLimit, wall, withings.NewTally(filepath.Join(dir.Path(), "rate"), s.Log))
}

// Cloud is the application and the client, which all profiles share.
type Cloud struct {
	of     application
	App    *auth.App
	Client *withings.Client
}

// NewCloud makes the Cloud of the settings, without asking Withings anything.
func (h *Set) NewCloud(s command.Settings) (*Cloud, error) {
	if err := s.ValidateApplication(); err != nil {
		return nil, err
	}
	transport := s.HTTP
	if transport == nil {
		transport = withings.Transport()
	}
	client := &withings.Client{
		URL: s.APIURL, HTTP: transport, Budget: h.Budget, Observe: h.counters,
		Log: s.Log, Now: s.Now, Ambiguous: s.Ambiguous,
		Hurry: s.Hurry,
	}
	app := &auth.App{
		ClientID: s.ClientID, ClientSecret: s.ClientSecret, Given: s.Given,
		RedirectURL: s.RedirectURL, AccountURL: s.AccountURL, APIURL: s.APIURL,
		Signed:     s.Signed,
		HTTPClient: transport,
		Now:        s.Now,
		Log:        s.Log,
		Wait:       client.Room,
		Notice:     func(profile, text string) { s.Log.Warn(text, "profile", profile) },
		Observe: func(_, status string) {
			h.counters.Requested(oauth2, status)
			h.Budget.Sent("")
			if envelope.Limited(status) {
				h.counters.RateLimited()
				h.Budget.CoolOff()
			}
		},
	}
	return &Cloud{of: applicationOf(s), App: app, Client: client}, nil
}
