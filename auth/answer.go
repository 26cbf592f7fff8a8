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
	// longestSecret is the largest token accepted, in bytes; real ones have 40.
	longestSecret = 4096
)

// read reads the body of the answer to a request made at Issued. Both tokens must be
// there and fit into a header: half a pair must never replace a whole one. The rest
// may vary: the user id is a string after a code and a number after a refresh, and
// the lifetime may be a string.
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

// lifetime is how long an access token is valid. If it is missing or makes no sense, it
// is guessed rather than dropping a good pair; if the guess is too long, Withings
// answers 401.
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
