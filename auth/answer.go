package auth

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter/envelope"
)

const (
	// standardLife is how long an access token is good unless the answer says
	// otherwise, from the page on access and refresh tokens.
	standardLife = 3 * time.Hour
	// longestLife caps what an answer says; a refresh token lives no longer.
	longestLife = 365 * 24 * time.Hour
	// longestSecret is the largest token taken, in bytes; real ones have 40.
	longestSecret = 4096
)

// answer is the body of a token answer, checked.
type answer struct {
	userID, access, refresh, scope string
	life                           time.Duration
}

// read takes in the body of a token answer. Both tokens must be there and
// fit into a header, for half a pair must never replace a whole one. The rest
// is taken as it comes: the user id is a string after a code and a number
// after a refresh, and the lifetime may be a string.
func (w *answer) read(body *fastjson.Value) error {
	if body.GetObject() == nil {
		return errors.New("the answer has no body")
	}
	got := answer{
		userID:  userID(body),
		access:  string(body.GetStringBytes("access_token")),
		refresh: string(body.GetStringBytes("refresh_token")),
		scope:   string(body.GetStringBytes("scope")),
		life:    lifetime(body),
	}
	if !isSecret(got.access) {
		return errors.New("the answer has no usable access token; nothing was stored")
	}
	if !isSecret(got.refresh) {
		return errors.New("the answer has no usable refresh token; nothing was stored")
	}
	*w = got
	return nil
}

// token is the answer as a pair of this application, asked for at a moment.
func (w answer) token(clientID string, issued time.Time) Token {
	return Token{
		UserID: w.userID, ClientID: clientID, AccessToken: w.access, RefreshToken: w.refresh,
		Scope: w.scope, Issued: issued, Expiry: issued.Add(w.life),
	}
}

// isSecret reports whether s is what a header and a form can carry.
func isSecret(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != "" && len(s) <= longestSecret
}

// userID is digits, written as a number or a string.
func userID(body *fastjson.Value) string {
	s := envelope.Text(body.Get("userid"))
	if strings.Trim(s, "0123456789") != "" {
		return ""
	}
	return s
}

// lifetime is the time an access token is good. A lifetime that is missing or
// makes no sense is no reason to throw a good pair away; should the guess be
// too long, Withings' 401 corrects it.
func lifetime(body *fastjson.Value) time.Duration {
	seconds, err := strconv.ParseFloat(envelope.Text(body.Get("expires_in")), 64)
	if err != nil || math.IsNaN(seconds) || seconds < 1 {
		return standardLife
	}
	if seconds >= longestLife.Seconds() {
		return longestLife
	}
	return time.Duration(seconds) * time.Second
}
