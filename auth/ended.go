package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"time"

	"withings-exporter/exporter/statedir"
)

// endedKind is the kind of the file that says when Withings was found to refuse a token permanently. Other commands read it, which ask
// Withings nothing.
const endedKind = "ended"

// endedJSON is that file as it is written.
type endedJSON struct {
	Version int       `json:"version"`
	Profile string    `json:"profile"`
	Ended   time.Time `json:"ended"`
	Reason  string    `json:"reason"`
	// Token is the checksum of the token file of which this is true: it ends with another token, whoever puts that there.
	Token string `json:"token"`
}

// Ended says of the token in the file since when it is known that Withings refuses it permanently, and why, as in "the permission has
// ended". It is zero if that is not known.
func (s *Store) Ended() (at time.Time, reason string) {
	data, err := statedir.Read(s.endedPath(), fileLimit)
	var f endedJSON
	if err != nil || json.Unmarshal(data, &f) != nil || f.Profile != s.profile {
		return time.Time{}, ""
	}
	token, err := statedir.Read(s.Path(), fileLimit)
	if sum := sha256.Sum256(token); err != nil || f.Token != hex.EncodeToString(sum[:]) {
		return time.Time{}, ""
	}
	return f.Ended, f.Reason
}

// noteEnd keeps that Withings refuses the token of a file with this checksum, and since when, unless it is known. On a full disk
// it is found out again.
func (s *Store) noteEnd(refused error, sum [sha256.Size]byte) {
	is, ok := errors.AsType[*needsAuthorization](refused)
	if at, _ := s.Ended(); !ok || !at.IsZero() {
		return
	}
	data, err := json.Marshal(endedJSON{Version: fileVersion, Profile: s.profile, Ended: s.now().UTC(), Reason: is.reason, Token: hex.EncodeToString(sum[:])})
	if err == nil {
		_ = statedir.Write(s.endedPath(), append(data, '\n'))
	}
}

// forgetEnd removes the file, which says nothing of another token.
func (s *Store) forgetEnd() { _ = os.Remove(s.endedPath()) }

func (s *Store) endedPath() string { return s.dir.File(s.profile, endedKind) }
