package auth

import (
	"encoding/json"
	"fmt"
	"time"

	"withings-exporter/exporter/hint"
)

const (
	// fileVersion is the version of the token file this program writes and reads.
	fileVersion = 1
	// fileLimit is the largest token file read, in bytes.
	fileLimit = 64 << 10
)

// record is the content of a token file: the newest pair and, until it has been used,
// the pair it replaced.
type record struct {
	current  Token
	previous *Token
}

// fileJSON is the token file as it is written. Its keys are fixed.
type fileJSON struct {
	Version  int    `json:"version"`
	Profile  string `json:"profile"`
	ClientID string `json:"client_id"`
	UserID   string `json:"user_id,omitempty"`
	Scope    string `json:"scope,omitempty"`
	pairJSON
	Previous *pairJSON `json:"previous,omitempty"`
}

type pairJSON struct {
	AccessToken  string    `json:"access_token"`
	RefreshToken string    `json:"refresh_token"`
	Issued       time.Time `json:"issued,omitzero"`
	Expiry       time.Time `json:"expiry,omitzero"`
}

// encodeFile is the token file of a profile.
func encodeFile(profile string, rec record) ([]byte, error) {
	f := fileJSON{
		Version: fileVersion, Profile: profile,
		ClientID: rec.current.ClientID, UserID: rec.current.UserID, Scope: rec.current.Scope,
		pairJSON: pairOf(rec.current),
	}
	if rec.previous != nil {
		p := pairOf(*rec.previous)
		f.Previous = &p
	}
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the token file: %w", err)
	}
	return append(data, '\n'), nil
}

func pairOf(t Token) pairJSON {
	return pairJSON{AccessToken: t.AccessToken, RefreshToken: t.RefreshToken, Issued: t.Issued.UTC(), Expiry: t.Expiry.UTC()}
}

// decodeFile reads a token file and returns whose it is. A file without a refresh token
// is damaged; without an access token it only needs renewing. The error is ErrDamaged
// or ErrForeign.
func decodeFile(data []byte) (profile string, rec record, err error) {
	var head struct {
		Version int `json:"version"`
	}
	// Checked first: the rest of a newer file may have another form.
	if json.Unmarshal(data, &head) == nil && head.Version > fileVersion {
		return "", record{}, fmt.Errorf("%w: %w", ErrForeign, hint.Newer(head.Version, fileVersion))
	}
	var f fileJSON
	if json.Unmarshal(data, &f) != nil {
		// The decoder's error could quote the content, which is secret.
		return "", record{}, fmt.Errorf("%w: not a JSON token file", ErrDamaged)
	}
	switch {
	case f.Version != fileVersion:
		return "", record{}, fmt.Errorf("%w: no \"version\"", ErrDamaged)
	case f.Profile == "":
		return "", record{}, fmt.Errorf("%w: no \"profile\"", ErrDamaged)
	case f.ClientID == "":
		return "", record{}, fmt.Errorf("%w: no \"client_id\"", ErrDamaged)
	case !isSecret(f.RefreshToken), f.AccessToken != "" && !isSecret(f.AccessToken):
		return "", record{}, fmt.Errorf("%w: no usable tokens", ErrDamaged)
	}
	rec.current = f.token(f.pairJSON)
	if p := f.Previous; p != nil && isSecret(p.RefreshToken) {
		t := f.token(*p)
		rec.previous = &t
	}
	return f.Profile, rec, nil
}

func (f fileJSON) token(p pairJSON) Token {
	return Token{
		UserID: f.UserID, ClientID: f.ClientID, Scope: f.Scope,
		AccessToken: p.AccessToken, RefreshToken: p.RefreshToken, Issued: p.Issued, Expiry: p.Expiry,
	}
}
