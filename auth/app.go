package auth

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// Withings' own addresses, of the public cloud.
const (
	WithingsAccountURL = "https://account.withings.com"
	WithingsAPIURL     = "https://wbsapi.withings.net"
)

const (
	authorizePath = "/oauth2_user/authorize2"
	tokenPath     = "/v2/oauth2"
	noncePath     = "/v2/signature"
)

// App is the application registered with Withings, and how to make its token requests.
// It may be used by many goroutines while its fields do not change.
type App struct {
	// ClientID and ClientSecret are Withings' for the application.
	ClientID, ClientSecret string
	// Given says where the two are from, for the hint if Withings refuses them; it may be empty.
	Given string
	// RedirectURL is where the browser comes back to; it must be registered.
	RedirectURL string
	// AccountURL has the page a person agrees on and APIURL everything else;
	// empty means WithingsAccountURL and WithingsAPIURL.
	AccountURL, APIURL string
	// Signed proves the application by a nonce and a signature, so that the
	// secret itself is never sent.
	Signed bool
	// HTTPClient lends its transport and time limit; nil means Go's default transport.
	HTTPClient *http.Client
	// Now is the clock; nil means the system's.
	Now func() time.Time
	// Observe, if not nil, is called once for every request with its action,
	// such as "requesttoken", and its envelope.Outcome.
	Observe func(action, status string)
	// Standing, if not nil, keeps whether Withings accepts the application.
	Standing *Standing
	// Log, if not nil, has every request and every renewal at debug level.
	Log *slog.Logger
	// Notice, if not nil, is called once for each repair of a token file.
	Notice func(profile, text string)
	// Wait, if not nil, is called before every request and returns when there
	// is room for it in the rate budget.
	Wait func(ctx context.Context) error
}

// AuthCodeURL is the address a person opens to allow the application. The
// state comes back with the code and has to be compared.
func (a *App) AuthCodeURL(state string) string { return a.config().AuthCodeURL(state) }

// config is the application in the words of the oauth2 package.
func (a *App) config() *oauth2.Config {
	c := &oauth2.Config{
		ClientID:     a.ClientID,
		ClientSecret: a.ClientSecret,
		RedirectURL:  a.RedirectURL,
		Endpoint: oauth2.Endpoint{
			AuthURL:  address(a.AccountURL, WithingsAccountURL, authorizePath),
			TokenURL: address(a.APIURL, WithingsAPIURL, tokenPath),
			// Set, since detecting it would send the one-use code twice.
			AuthStyle: oauth2.AuthStyleInParams,
		},
		// One scope with commas inside: the package would join by spaces, which
		// Withings does not read.
		Scopes: []string{strings.Join(Scopes, ",")},
	}
	if a.Signed {
		c.ClientSecret = ""
	}
	return c
}

func address(base, standard, path string) string {
	if base == "" {
		base = standard
	}
	return strings.TrimRight(base, "/") + path
}

func (a *App) now() time.Time {
	if a.Now == nil {
		return time.Now()
	}
	return a.Now()
}

func (a *App) notice(profile, text string) {
	if a.Notice != nil {
		a.Notice(profile, text)
	}
}

// String names the application by its id and where its API is.
func (a App) String() string {
	api := address(a.APIURL, WithingsAPIURL, "")
	if u, err := url.Parse(api); err == nil {
		api = u.Redacted()
	} else {
		api = "an unreadable address"
	}
	return fmt.Sprintf("Withings application %s at %s", a.ClientID, api)
}

// Format writes String for every verb.
func (a App) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.String()) }

// LogValue gives a log what String tells.
func (a App) LogValue() slog.Value { return slog.StringValue(a.String()) }
