package auth

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"withings-exporter/exporter/statedir"
)

// about is how each note beside the token file begins: one that says what has become of an authorisation.
type about struct {
	Version int    `json:"version"`
	Profile string `json:"profile"`
}

func (a about) of() string { return a.Profile }

func (s *Store) about() about { return about{fileVersion, s.profile} }

// note writes a note. That may fail, as on a full disk: nothing depends on it.
func (s *Store) note(kind string, what any) {
	data, err := json.Marshal(what)
	if err == nil {
		_ = statedir.Write(s.dir.File(s.profile, kind), append(data, '\n'))
	}
}

// recall reads a note, and reports whether there is one of this profile.
func (s *Store) recall(kind string, what interface{ of() string }) bool {
	data, err := statedir.Read(s.dir.File(s.profile, kind), fileLimit)
	return err == nil && json.Unmarshal(data, what) == nil && what.of() == s.profile
}

// has reports whether there is a note, as far as that can be told.
func (s *Store) has(kind string) bool {
	_, err := os.Stat(s.dir.File(s.profile, kind))
	return !errors.Is(err, fs.ErrNotExist)
}

// forget removes a note.
func (s *Store) forget(kind string) { _ = os.Remove(s.dir.File(s.profile, kind)) }
