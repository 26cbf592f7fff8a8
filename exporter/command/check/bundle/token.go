package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// tokenFile is what may be known of a token file.
type tokenFile struct {
	Version      int    `json:"version"`
	Profile      string `json:"profile"`
	ClientID     string `json:"client_id"`
	UserID       string `json:"user_id"`
	Scope        string `json:"scope"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	Issued       string `json:"issued"`
	Expiry       string `json:"expiry"`
	Previous     *struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
	} `json:"previous"`
}

// Application names a Withings application by a hash of its client id, so that
// two can be told apart.
func Application(clientID string) string {
	if clientID == "" {
		return "none"
	}
	sum := sha256.Sum256([]byte(clientID))
	return "application " + hex.EncodeToString(sum[:4])
}

// Token tells of a token file what is no secret, and the mask what is.
func Token(w io.Writer, data []byte, mask *Mask, now time.Time) {
	var f tokenFile
	if problem := decode(data, &f); problem != "" {
		fmt.Fprintln(w, "  damaged:", problem)
		hideStrings(data, mask)
		return
	}
	secrets := []string{f.AccessToken, f.RefreshToken}
	if f.Previous != nil {
		secrets = append(secrets, f.Previous.AccessToken, f.Previous.RefreshToken)
	}
	for _, secret := range secrets {
		mask.Secret(secret)
	}
	mask.Instead(f.ClientID, Application(f.ClientID))
	fmt.Fprintf(w, "  version %d, of %s, %s\n", f.Version, mask.Name("profile", f.Profile), Application(f.ClientID))
	user := "not told"
	if f.UserID != "" {
		user = mask.ID("user", f.UserID)
	}
	fmt.Fprintf(w, "  Withings user: %s\n", user)
	fmt.Fprintf(w, "  scope: %s\n", scopes(f.Scope))
	fmt.Fprintf(w, "  access token: %s, refresh token: %s, pair before: %s\n",
		given(f.AccessToken), given(f.RefreshToken), given(strings.Join(secrets[2:], "")))
	fmt.Fprintf(w, "  issued: %s\n  expires: %s\n", moment(f.Issued, now), moment(f.Expiry, now))
}

func given(s string) string {
	if s == "" {
		return "none"
	}
	return "there"
}

var scope = regexp.MustCompile(`^user\.(info|metrics|activity|sleepevents)$`)

// scopes shows those scopes that the exporter asks for, and counts others.
func scopes(text string) string {
	var shown []string
	others := 0
	for _, s := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		if scope.MatchString(s) {
			shown = append(shown, s)
		} else {
			others++
		}
	}
	switch {
	case others > 0:
		shown = append(shown, fmt.Sprintf("%d others", others))
	case len(shown) == 0:
		return "not told"
	}
	return strings.Join(shown, ", ")
}

// moment shows a saved time and how far away it is.
func moment(text string, now time.Time) string {
	if text == "" {
		return "not told"
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return "not a time"
	}
	return when(t, now)
}

// when shows a time in UTC and how far away it is.
func when(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	away := now.Sub(t).Round(time.Second)
	if away < 0 {
		return fmt.Sprintf("%s (in %s)", t.UTC().Format(time.RFC3339), -away)
	}
	return fmt.Sprintf("%s (%s ago)", t.UTC().Format(time.RFC3339), away)
}

// decode reads JSON and says what is wrong without a word of the content.
func decode(data []byte, into any) string {
	err := json.Unmarshal(data, into)
	switch wrong := err.(type) {
	case nil:
		return ""
	case *json.SyntaxError:
		return fmt.Sprintf("no JSON from byte %d of %d on", wrong.Offset, len(data))
	case *json.UnmarshalTypeError:
		return fmt.Sprintf("a %s where there should be a %s, at byte %d of %d", kindOf(wrong.Value), wrong.Type.Kind(), wrong.Offset, len(data))
	}
	return fmt.Sprintf("%d bytes that cannot be read", len(data))
}

// kindOf is the first word of what a decoder found, which is its kind.
func kindOf(found string) string {
	kind, _, _ := strings.Cut(found, " ")
	return kind
}

var quoted = regexp.MustCompile(`"((?:[^"\\]|\\.){8,})"?`)

// hideStrings hides every longer text of a damaged file: any of them may be a
// token that still works.
func hideStrings(data []byte, mask *Mask) {
	for _, m := range quoted.FindAllSubmatch(data, 64) {
		if s := string(m[1]); !keyLike.MatchString(s) {
			mask.Secret(s)
		}
	}
}

var keyLike = regexp.MustCompile(`^(version|profile|client_id|user_id|scope|access_token|refresh_token|issued|expiry|previous)$`)
