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

// read takes in the body of the answer to a request made when Issued says. Both
// tokens must be there and fit into a header, for half a pair must never replace a
// whole one. The rest is taken as it comes: the user id is a string after a code and
// a number after a refresh, and the lifetime may be a string.
func (t *Token) read(body *fastjson.Value) error {
	access, refresh := string(body.GetStringBytes("access_token")), string(body.GetStringBytes("refresh_token"))
	switch {
	case body.GetObject() == nil:
		return errors.New("the answer has no body")
	case !isSecret(access):
		return errors.New("the answer has no usable access token; nothing was stored")
	case !isSecret(refresh):
		return errors.New("the answer has no usable refresh token; nothing was stored")
	}
	t.UserID, t.AccessToken, t.RefreshToken = userID(body), access, refresh
	t.Scope, t.Expiry = string(body.GetStringBytes("scope")), t.Issued.Add(lifetime(body))
	return nil
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
