package auth

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
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

// decodeAnswer reads the body of a token answer. Both tokens must be there and
// fit into a header, for half a pair must never replace a whole one. The rest
// is taken as it comes: the user id is a string after a code and a number
// after a refresh, and the lifetime may be a string.
func decodeAnswer(action string, body json.RawMessage) (answer, error) {
	var wire struct {
		UserID       json.RawMessage `json:"userid"`
		AccessToken  json.RawMessage `json:"access_token"`
		RefreshToken json.RawMessage `json:"refresh_token"`
		ExpiresIn    json.RawMessage `json:"expires_in"`
		Scope        json.RawMessage `json:"scope"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return answer{}, &malformedError{action, "answer without a body"}
	}
	got := answer{
		userID:  userID(wire.UserID),
		access:  plainString(wire.AccessToken),
		refresh: plainString(wire.RefreshToken),
		scope:   plainString(wire.Scope),
		life:    lifetime(wire.ExpiresIn),
	}
	if !isSecret(got.access) {
		return answer{}, &malformedError{action, "answer without a usable access token; nothing was stored"}
	}
	if !isSecret(got.refresh) {
		return answer{}, &malformedError{action, "answer without a usable refresh token; nothing was stored"}
	}
	return got, nil
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

// plainString is a JSON string, or nothing for anything else.
func plainString(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// scalar is the text of a JSON string or number, or nothing for anything else.
func scalar(raw json.RawMessage) string {
	var n json.Number // takes strings too, if they hold a number
	if json.Unmarshal(raw, &n) != nil {
		return ""
	}
	return n.String()
}

// wholeNumber is an integer, written as a number or a string.
func wholeNumber(raw json.RawMessage) (int, bool) {
	n, err := strconv.Atoi(scalar(raw))
	return n, err == nil
}

// userID is digits, written as a number or a string.
func userID(raw json.RawMessage) string {
	s := scalar(raw)
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return ""
	}
	return s
}

// lifetime is the time an access token is good. A lifetime that is missing or
// makes no sense is no reason to throw a good pair away; should the guess be
// too long, Withings' 401 corrects it.
func lifetime(raw json.RawMessage) time.Duration {
	seconds, err := strconv.ParseFloat(scalar(raw), 64)
	if err != nil || math.IsNaN(seconds) || seconds < 1 {
		return standardLife
	}
	if seconds >= longestLife.Seconds() {
		return longestLife
	}
	return time.Duration(seconds) * time.Second
}
