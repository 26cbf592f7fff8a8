package auth

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Scopes is everything the exporter asks a person to allow, in Withings'
// words: devices and goals, measures, activity and sleep, bed events.
var Scopes = []string{"user.info", "user.metrics", "user.activity", "user.sleepevents"}

// Token is the pair of tokens of one Withings user and what belongs to it.
// However it is printed, logged or encoded, the pair does not show; only the
// token file holds it.
type Token struct {
	// UserID is Withings' number of the person; empty if Withings did not say.
	UserID string
	// ClientID is the application the token was given to.
	ClientID string
	// AccessToken goes with every data call.
	AccessToken string
	// RefreshToken obtains the next pair, and is replaced by it.
	RefreshToken string
	// Scope is what the person granted, separated by commas; empty if Withings did not say.
	Scope string
	// Issued is when the pair was asked for, Expiry when the access token ends.
	Issued, Expiry time.Time
}

// ValidAt reports whether the access token has not expired at this moment.
// Withings may have withdrawn it earlier; only a call can tell.
func (t Token) ValidAt(now time.Time) bool {
	return t.AccessToken != "" && now.Before(t.Expiry)
}

// Granted lists the scopes that were granted; nil when Withings did not say.
func (t Token) Granted() []string {
	return strings.FieldsFunc(t.Scope, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

// Missing lists the wanted scopes that were not granted: what they cover is
// absent until the person authorises again. It is nil when Withings did not
// say what was granted, as for its demo account.
func (t Token) Missing() []string {
	granted := t.Granted()
	if len(granted) == 0 {
		return nil
	}
	var missing []string
	for _, scope := range Scopes {
		if !slices.Contains(granted, scope) {
			missing = append(missing, scope)
		}
	}
	return missing
}

// String tells whose token it is and until when it is good.
func (t Token) String() string {
	user := t.UserID
	if user == "" {
		user = "unknown"
	}
	return fmt.Sprintf("token of Withings user %s, good until %s", user, t.Expiry.UTC().Format(time.RFC3339))
}

// Format writes String for every verb.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// MarshalJSON encodes String; the token file has a format of its own.
func (t Token) MarshalJSON() ([]byte, error) { return json.Marshal(t.String()) }
