package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/redact"
	"withings-exporter/exporter/shell"
)

// Login is one sign-in of one profile: the address a person opens, and the random state
// that identifies the answer. The answer is received by Listen, or read by Pasted. It
// may be used by many goroutines.
type Login struct {
	app     *App
	profile string
	state   string
	demo    bool
	Again   string // the command to sign in once more
}

// NewLogin begins a sign-in. With demo, Withings' page offers its own demo
// account instead of the person's (mode=demo).
func NewLogin(app *App, profile string, demo bool) *Login {
	var random [32]byte
	rand.Read(random[:]) // never fails
	return &Login{app: app, profile: profile, state: base64.RawURLEncoding.EncodeToString(random[:]), demo: demo, Again: shell.Auth(profile)}
}

// URL is the address a person opens to allow the application.
func (l *Login) URL() string {
	if l.demo {
		return l.app.config().AuthCodeURL(l.state, oauth2.SetAuthURLParam("mode", "demo"))
	}
	return l.app.AuthCodeURL(l.state)
}

// read takes the code out of the query from the browser. The error is
// ErrWrongState if it belongs to another sign-in, and ErrRefused if the person
// did not allow the application. No error quotes a code.
func (l *Login) read(query url.Values) (code string, err error) {
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(l.state)) != 1 {
		return "", hint.Wrap(fmt.Errorf("%w: its state does not match", ErrWrongState), "open the address shown last")
	}
	code = query.Get("code")
	switch refusal := query.Get("error"); {
	case refusal != "" && refusal != "access_denied":
		told := strings.TrimSpace(refusal + " " + query.Get("error_description"))
		return "", l.refused(fmt.Sprintf("Withings' page answered %q", redact.Text(told, code, l.state, l.app.ClientSecret)))
	case refusal != "":
		return "", l.refused("access was denied on Withings' page")
	case code == "":
		return "", l.refused("Withings' page was left without allowing access")
	case !isSecret(code):
		return "", hint.Wrap(errors.New("the answer has no valid code; nothing was changed"), "authorise again")
	}
	return code, nil
}

// refused is an ErrRefused with what to do.
func (l *Login) refused(what string) error {
	return hint.Wrap(fmt.Errorf("profile %q: %w: %s; nothing was changed", l.profile, ErrRefused, what),
		"to allow access, run: "+l.Again)
}

// String names the profile.
func (l *Login) String() string { return fmt.Sprintf("sign-in of profile %q", l.profile) }

// Format writes String for every verb, so that state and application never show.
func (l *Login) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, l.String()) }
