package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/hint"
)

// Prove asks Withings whether client id and client secret are right, by a signed request
// for a nonce that is not used; it affects no token. The error is
// ErrApplicationRefused, and says what to do, for a status of the families
// "authentication failed" and "invalid params". Any other error, such as an
// *envelope.Error, says nothing about the two.
func (a *App) Prove(ctx context.Context) error {
	_, err := a.nonce(ctx)
	return err
}

// Revoke ends an authorisation at Withings: both tokens die, and the user's
// notifications of this application with them. The request is always signed.
func (a *App) Revoke(ctx context.Context, t Token) error {
	if t.UserID == "" {
		return hint.Wrap(errors.New("revoke: the Withings user of this token is not known"), "remove the application on Withings' page instead")
	}
	form := url.Values{"action": {"revoke"}, "userid": {t.UserID}}
	if err := a.signedCall(ctx, form, func(*fastjson.Value) error { return nil }); err != nil {
		return fmt.Errorf("revoke the authorisation: %w", err)
	}
	return nil
}

// Demo obtains the token of Withings' own demo account, without a browser. The
// request is always signed. The answer names no user and no scope.
func (a *App) Demo(ctx context.Context) (Token, error) {
	got := Token{ClientID: a.ClientID, Issued: a.now()}
	err := a.signedCall(ctx, url.Values{"action": {"getdemoaccess"}, "scope_oauth2": {strings.Join(Scopes, ",")}}, got.read)
	if err != nil {
		return Token{}, fmt.Errorf("obtain demo access: %w", err)
	}
	return got, nil
}

func (a *App) signedCall(ctx context.Context, form url.Values, read func(*fastjson.Value) error) error {
	if err := a.sign(ctx, form); err != nil {
		return err
	}
	return a.call(ctx, tokenPath, form, read)
}

// sign proves the application in a form that has its action already. Only
// action, client id and nonce are signed, as Withings wants it.
func (a *App) sign(ctx context.Context, form url.Values) error {
	nonce, err := a.nonce(ctx)
	if err != nil {
		return err
	}
	form.Del("client_secret")
	form.Set("client_id", a.ClientID)
	form.Set("nonce", nonce)
	form.Set("signature", a.signature(form.Get("action"), a.ClientID, nonce))
	return nil
}

// nonce asks for a number to sign with; it is good for one request within 30 minutes. The error is ErrApplicationRefused if
// Withings does not accept the signature.
func (a *App) nonce(ctx context.Context) (nonce string, err error) {
	const action = "getnonce"
	timestamp := strconv.FormatInt(a.now().Unix(), 10)
	err = a.call(ctx, noncePath, url.Values{
		"action": {action}, "client_id": {a.ClientID}, "timestamp": {timestamp},
		"signature": {a.signature(action, a.ClientID, timestamp)},
	}, func(body *fastjson.Value) error {
		if nonce = string(body.GetStringBytes("nonce")); !isSecret(nonce) {
			return errors.New("the answer has no nonce")
		}
		return nil
	})
	if hasClass(err, envelope.AuthFailed) || hasClass(err, envelope.InvalidParams) {
		return "", a.applicationRefused(err)
	}
	return nonce, err
}

// signature is the lower-case hexadecimal HMAC-SHA256 of the values, which the
// caller gives in the order of their parameters' names.
func (a *App) signature(values ...string) string {
	mac := hmac.New(sha256.New, []byte(a.ClientSecret))
	mac.Write([]byte(strings.Join(values, ",")))
	return hex.EncodeToString(mac.Sum(nil))
}
