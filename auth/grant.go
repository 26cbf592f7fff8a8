package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"golang.org/x/oauth2"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/reach"
)

const requestToken = "requesttoken"

// Exchange turns the code from the browser into the first pair. The code is valid for 30
// seconds and works once; otherwise the error is ErrCodeRefused.
func (a *App) Exchange(ctx context.Context, code string) (Token, error) {
	if code == "" {
		return Token{}, hint.Wrap(errors.New("exchange the code: it is empty"), "authorise again and copy all of the address")
	}
	t, err := a.grant(ctx, func(ctx context.Context, c *oauth2.Config) (*oauth2.Token, error) {
		return c.Exchange(ctx, code)
	})
	if err != nil {
		return Token{}, exchangeError(err)
	}
	return t, nil
}

// Refresh obtains a new pair with a refresh token. User id and scope of the
// result are empty if Withings left them out. The error is ErrApplicationRefused if
// Withings says that client id or client secret are wrong.
func (a *App) Refresh(ctx context.Context, refreshToken string) (Token, error) {
	t, err := a.grant(ctx, func(ctx context.Context, c *oauth2.Config) (*oauth2.Token, error) {
		return c.TokenSource(ctx, &oauth2.Token{RefreshToken: refreshToken}).Token()
	})
	if err == nil {
		return t, nil
	}
	err = fmt.Errorf("renew the token: %w", err)
	if isRefusal(err) && namesApplication(err) {
		err = a.applicationRefused(err)
	}
	return Token{}, err
}

// grant runs one token request of the oauth2 package through lifter.
func (a *App) grant(ctx context.Context, request func(context.Context, *oauth2.Config) (*oauth2.Token, error)) (Token, error) {
	lift := &lifter{app: a, got: Token{ClientID: a.ClientID, Issued: a.now()}}
	_, err := request(context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: lift}), a.config())
	// call has already worded this error, without the address.
	if err != nil {
		return Token{}, reach.Bare(err)
	}
	return lift.got, nil
}

// lifter sends one request of the oauth2 package to Withings: it adds the action and, if
// wanted, the signature, and returns the answer without its envelope. A status other
// than 0 becomes an error.
type lifter struct {
	app *App
	got Token // with the fields the oauth2 package does not know
}

// RoundTrip implements http.RoundTripper.
func (l *lifter) RoundTrip(req *http.Request) (*http.Response, error) {
	form, err := readForm(req)
	if err != nil {
		return nil, fmt.Errorf("%s: read the form: %w", requestToken, err)
	}
	form.Set("action", requestToken)
	if l.app.Signed {
		if err := l.app.sign(req.Context(), form); err != nil {
			return nil, err
		}
	}
	if err := l.app.call(req.Context(), tokenPath, form, l.got.read); err != nil {
		return nil, err
	}
	return response(req, l.got)
}

func readForm(req *http.Request) (url.Values, error) {
	data, err := io.ReadAll(req.Body)
	if err := errors.Join(err, req.Body.Close()); err != nil {
		return nil, err
	}
	return url.ParseQuery(string(data))
}

// response is an answer in the form of RFC 6749, section 5.1.
func response(req *http.Request, t Token) (*http.Response, error) {
	data, err := json.Marshal(map[string]any{
		"access_token":  t.AccessToken,
		"refresh_token": t.RefreshToken,
		"token_type":    "Bearer",
		"expires_in":    int64(t.Expiry.Sub(t.Issued).Seconds()),
		"scope":         t.Scope,
	})
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(data)), Request: req,
	}, nil
}
