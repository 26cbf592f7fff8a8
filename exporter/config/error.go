package config

import (
	"strconv"
	"strings"
)

// Error is one thing wrong with a configuration file. It is of the class "usage or configuration", exit code 2.
type Error struct {
	Path    string // Path is the file as it was named to Load.
	Line    int    // Line counts from 1; 0 means the file as a whole.
	Key     string // Key is the setting as written in the file, empty when it is not about one setting.
	Problem string // Problem says what is wrong; it never holds a secret.
	Advice  string // Advice says what to do about it.

	err error // the cause, for errors.Is
}

// Error returns one line: withings.yaml:4: key "client_secrte": unknown; did you mean client_secret?
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Path)
	if e.Line > 0 {
		b.WriteString(":" + strconv.Itoa(e.Line))
	}
	if e.Key != "" {
		b.WriteString(": key " + strconv.Quote(e.Key))
	}
	b.WriteString(": " + e.Problem)
	if e.Advice != "" {
		b.WriteString("; " + e.Advice)
	}
	return b.String()
}

// Hint returns the advice alone.
func (e *Error) Hint() string { return e.Advice }

// Unwrap returns the cause, such as fs.ErrNotExist, or nil.
func (e *Error) Unwrap() error { return e.err }
