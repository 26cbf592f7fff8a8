package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"withings-exporter/exporter/statedir"
)

// endedKind is the kind of the file that says when Withings was found to refuse a token permanently. Other commands read it, which ask
// Withings nothing.
const endedKind = "ended"

// endedJSON is that file as it is written.
type endedJSON struct {
	about
	Ended  time.Time `json:"ended"`
	Reason string    `json:"reason"`
	// Token is the checksum of the token file of which this is true: it ends with another token, whoever puts that there.
	Token string `json:"token"`
}

// Ended says of the token in the file since when it is known that Withings refuses it permanently, and why, as in "the permission has
// ended". It is zero if that is not known.
func (s *Store) Ended() (at time.Time, reason string) {
	var f endedJSON
	if !s.recall(endedKind, &f) {
		return time.Time{}, ""
	}
	token, err := statedir.Read(s.Path(), fileLimit)
	if sum := sha256.Sum256(token); err != nil || f.Token != hex.EncodeToString(sum[:]) {
		return time.Time{}, ""
	}
	return f.Ended, f.Reason
}

// noteEnd keeps that Withings refuses the token of a file with this checksum, and since when, unless it is known. The lock must be
// held. On a full disk it is found out again.
func (s *Store) noteEnd(refused error, sum [sha256.Size]byte) {
	is, ok := errors.AsType[*needsAuthorization](refused)
	if at, _ := s.Ended(); ok && at.IsZero() {
		s.note(endedKind, endedJSON{s.about(), s.now().UTC(), is.reason, hex.EncodeToString(sum[:])})
	}
}
