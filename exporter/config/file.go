package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// File is a configuration file that was read and found well formed. It is a kong.Resolver.
type File struct {
	path     string
	settings []setting // in the order of the file
	secrets  *secretsFile
	notes    []string // about settings that have no meaning here
}

// Path returns the file as it was named to Load.
func (f *File) Path() string { return f.path }

// Warnings returns lines for the log: about files that hold secrets and can be read by others than their owner, each
// with the command that fixes it, and about settings of Home Assistant's that have no effect here.
func (f *File) Warnings() []string {
	warnings := slices.Clone(f.notes)
	warn := func(path, what string) {
		if line := Exposed(path, what); line != "" {
			warnings = append(warnings, line)
		}
	}
	for _, s := range f.settings {
		if secret := s.secret(); secret != "" && s.literal {
			warn(f.path, secret)
			break
		}
	}
	if f.secrets.path != "" {
		warn(f.secrets.path, "secrets")
	}
	return warnings
}

// secret is what others must not read of a setting's value, in words; "" if they may read all. An address may hold a password.
func (s setting) secret() string {
	switch {
	case s.kind != text:
		return ""
	case isSecret(s.name):
		return s.key
	}
	if u, err := url.Parse(strings.TrimSpace(s.values[0])); err == nil {
		if _, has := u.User.Password(); has {
			return "the password of " + s.key
		}
	}
	return ""
}

// check finds settings that are wrong whatever the flags are, and settings given in two places with different values.
func (f *File) check() error {
	seen := make(map[string]setting)
	for _, s := range f.settings {
		if err := f.checkOne(s); err != nil {
			return err
		}
		if !s.valued() {
			continue
		}
		first, ok := seen[s.name]
		if ok && !same(first, s) {
			return f.complain(s, fmt.Sprintf("has another value on line %d", first.line), "keep one of the two")
		}
		seen[s.name] = s
	}
	return nil
}

// checkOne checks one setting by itself.
func (f *File) checkOne(s setting) error {
	empty := s.kind == nothing || s.kind == text && strings.TrimSpace(s.values[0]) == ""
	switch {
	case s.name == fileFlag:
		return f.complain(s, "cannot be set in the file that it names", "use the flag --config.file or WITHINGS_CONFIG_FILE")
	case isSecret(s.name) && empty:
		return f.complain(s, "is empty", "put the secret here, or remove the line and name a file with "+s.key+fileSuffix(s.key))
	case s.name == "profiles" && (empty || s.kind == section || len(s.values) == 0):
		return f.complain(s, "has no profile", "write a list of names, such as [Anna, Ben]")
	case s.name == "profiles":
		for _, name := range s.values {
			if s.kind == list && strings.Contains(name, ",") { // only a text is one of several names
				return f.complainOfValue(s, fmt.Sprintf("profile %q contains a comma", veil(clip(name))), "write one name, without a comma, per item of the list")
			}
		}
		_, err := Profiles(s.values)
		if wrong := (*fault)(nil); errors.As(err, &wrong) {
			return f.complainOfValue(s, wrong.problem, wrong.advice)
		}
	case s.name == block && s.kind != section && s.kind != nothing:
		return f.complain(s, "is not a map", "write client_id, client_secret and profiles below it, indented")
	}
	return nil
}

// complain returns an error about one setting.
func (f *File) complain(s setting, problem, advice string) *Error {
	return &Error{Path: f.path, Line: s.line, Key: s.key, Problem: problem, Advice: advice}
}

// complainOfValue returns an error about the value of one setting.
func (f *File) complainOfValue(s setting, problem, advice string) *Error {
	e := f.complain(s, problem, advice)
	e.Value = true
	return e
}

// fileSuffix is what the name of a secret's file adds to the key of the secret, spelt as the key is.
func fileSuffix(key string) string {
	if strings.Contains(key, "-") {
		return "-file"
	}
	return "_file"
}

// same reports whether two settings say the same. A list and a comma-separated text can, and names of people in two spellings.
func same(a, b setting) bool {
	if a.name == "profiles" {
		first, _ := Profiles(a.values) // without an error, as checkOne knows
		second, _ := Profiles(b.values)
		return slices.Equal(first, second)
	}
	if a.kind == text && b.kind == text {
		return a.values[0] == b.values[0]
	}
	return slices.Equal(parts(a.values), parts(b.values))
}

// parts splits values at commas and trims the pieces.
func parts(values []string) []string {
	var all []string
	for _, v := range values {
		for p := range strings.SplitSeq(v, ",") {
			all = append(all, strings.TrimSpace(p))
		}
	}
	return all
}
