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
	Problem string // Problem says what is wrong; it never holds a secret. After a key it continues the sentence.
	Advice  string // Advice says what to do about it.
	Value   bool   // Value is true where Problem is a sentence of its own, about the value of the key.

	named bool  // the line is right, and the file that it names is not
	err   error // the cause, for errors.Is
}

// unknownKey is the problem of a key that no setting has.
const unknownKey = "is unknown"

// Error returns one line: withings.yaml:4: unknown key "client_secrte"; did you mean client_secret?
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Path)
	if e.Line > 0 {
		b.WriteString(":" + strconv.Itoa(e.Line))
	}
	switch key := strconv.Quote(e.Key); {
	case e.Key == "":
		b.WriteString(": " + e.Problem)
	case e.Problem == unknownKey:
		b.WriteString(": unknown key " + key)
	case e.Value:
		b.WriteString(": key " + key + ": " + e.Problem)
	default:
		b.WriteString(": key " + key + " " + e.Problem)
	}
	if e.Advice != "" {
		b.WriteString("; " + e.Advice)
	}
	return b.String()
}

// Public says where the file is wrong, and what is where no word of the file is needed to say it: a secret may stand anywhere
// in the file, and whoever sees a status page may not see the file.
func (e *Error) Public() string {
	place := e.Path
	if e.Line > 0 {
		place += ":" + strconv.Itoa(e.Line)
	}
	switch {
	case e.Problem == unknownKey && strings.HasPrefix(e.Advice, "did you mean ") && !strings.Contains(e.Advice, ":"): // it names a setting, without a value
		return place + " has an unknown key; " + e.Advice
	case e.Problem == unknownKey:
		return place + " has an unknown key"
	case e.named: // the key is that of a setting
		return "the file that " + e.Key + " names (" + place + ") cannot be used"
	}
	return place + " is wrong"
}

// Hint returns the advice alone.
func (e *Error) Hint() string { return e.Advice }

// Unwrap returns the cause, such as fs.ErrNotExist, or nil.
func (e *Error) Unwrap() error { return e.err }
