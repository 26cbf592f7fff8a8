package profiles

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/dustin/go-humanize/english"

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

// trace tells one client id and secret from another, and gives neither away: four bytes of a hash are too few for that.
func (a application) trace() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q", a.clientID, a.clientSecret))
	return hex.EncodeToString(sum[:4])
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

	Corrected string // how a corrected client id or secret comes into use; "" if that is not known
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
	of, standing := applicationOf(s), &auth.Standing{Tell: func(err error) { h.tellStanding(err, s.Log) }}
	h.mu.Lock()
	if h.Cloud != nil && h.Cloud.of == of { // what is known of it stays, and those who read go on with it
		standing = h.Cloud.App.Standing
	}
	h.mu.Unlock()
	app := &auth.App{
		ClientID: s.ClientID, ClientSecret: s.ClientSecret, Given: s.Given,
		RedirectURL: s.RedirectURL, AccountURL: s.AccountURL, APIURL: s.APIURL,
		Signed:     s.Signed,
		Standing:   standing,
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
	return &Cloud{of: of, App: app, Client: client, Corrected: s.Corrected}, nil
}

// Refused is why Withings does not accept the application, which concerns all profiles; nil if it does, or was not asked.
func (h *Set) Refused() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.Cloud == nil {
		return nil
	}
	return h.Cloud.App.Standing.Refused()
}

// Corrected says how a corrected client id or secret comes into use.
func (h *Set) Corrected() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.Cloud != nil && h.Cloud.Corrected != "" {
		return h.Cloud.Corrected
	}
	return "A secret in a file of its own is used at once when it is corrected; after another change, reload or restart."
}

// tellStanding logs whether Withings accepts the application, when that changes. A command that asks once returns the error instead.
func (h *Set) tellStanding(err error, log *slog.Logger) {
	h.mu.Lock()
	serves := h.stop != nil
	h.mu.Unlock()
	switch {
	case !serves:
	case err != nil:
		log.Error("Withings does not accept client id or client secret; nobody needs to sign in again", "err", err)
	default:
		log.Info("Withings accepts client id and client secret again")
	}
}

// accepted is what the log says of a changed client id or secret that is right.
const accepted = "Withings accepts the changed client id or secret"

// try asks Withings whether a changed client id or secret is right, and reports whether it has answered: otherwise that shows when the
// first token is renewed, in hours, and never if all are of another client id.
func (h *Set) try(ctx context.Context, app *auth.App) (known bool) {
	err := app.Try(exporter.Due(ctx, time.Time{}))
	switch {
	case err == nil:
		app.Log.Info(accepted)
	case errors.Is(err, auth.ErrApplicationRefused): // which is told by itself
	case ctx.Err() != nil:
		return false
	default:
		app.Log.Warn("whether Withings accepts the changed client id or secret is not known yet, and asked again", "err", err)
		return false
	}
	return true
}

// tryAgain asks until Withings accepts client id and secret, or ctx ends. If it has not answered then, the next start tries.
func (h *Set) tryAgain(ctx context.Context, app *auth.App, known bool) {
	known = app.TryAgain(exporter.Due(ctx, time.Time{}), known, func() { app.Log.Info(accepted) })
	h.mu.Lock()
	defer h.mu.Unlock()
	h.untried = h.untried || !known
}

// OtherApplication says how many cannot be read since their tokens are of another client id than the configured one; "" if all can.
func (h *Set) OtherApplication() string {
	all := h.List()
	others := othersOf(all)
	if others == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %s cannot be read: their tokens belong to another client id than the configured one; if that is a mistake, correct it, and run `%s`",
		others, english.Plural(len(all), "profile", ""), h.ReadAgain())
}

// othersOf counts those whose tokens are of another client id than the configured one.
func othersOf(members []*Member) (n int) {
	for _, m := range members {
		if m.Source.IsOfOther() {
			n++
		}
	}
	return n
}

// TryFor finds out whether the client id is what is wrong, if the token of a profile is of another one.
func (h *Set) TryFor(ctx context.Context, m *Member) {
	if m.Source.IsOfOther() {
		_ = h.Cloud.App.Try(ctx) // of which the source of the token knows then
	}
}
