package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/hint"
)

// CleanEnvironment takes from the variables of the environment that begin so the line end of Windows, which files of variables
// leave at the end of a value, and takes empty ones for ones that are not set: files of variables for containers are full of them.
func CleanEnvironment(prefix string) {
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		switch clean := strings.TrimRight(value, "\r"); {
		case clean == "":
			_ = os.Unsetenv(name)
		case clean != value:
			_ = os.Setenv(name, clean)
		}
	}
}

// Settle does for the values of a command line that was parsed what a shell does for some of them only: ~ is the home directory in
// the names of files. It refuses what a shell would have replaced or removed, in these and in variables of the environment.
func Settle(ctx *kong.Context) error {
	flags := ctx.Flags()
	for _, flag := range flags {
		for _, env := range flag.Envs {
			if value, ok := os.LookupEnv(env); ok && quoted(value) {
				return hint.Wrap(fmt.Errorf("%s %s", env, inQuotes), removeQuotes)
			}
		}
	}
	m := mistake{ctx: ctx, command: ctx.Selected()}
	var values []*kong.Value
	if m.command != nil {
		values = m.command.Positional
	}
	for _, flag := range flags {
		values = append(values, flag.Value)
	}
	for _, v := range values {
		if v.Target.Kind() != reflect.String {
			continue
		}
		given := v.Target.String()
		meant, wrong := named(v, given, atHome)
		if wrong != nil {
			return hint.Wrap(fmt.Errorf("%s: %s", m.source(v, given), wrong.problem), wrong.advice)
		}
		v.Target.SetString(meant)
	}
	return nil
}

// named returns the value of a flag or an argument with place done to the name of a file in it, if it has one. Which have one is
// told by their placeholders, as for the completion of a shell.
func named(v *kong.Value, value string, place func(string) (string, *fault)) (string, *fault) {
	placeholder := v.Name
	if v.Flag != nil {
		placeholder = v.Flag.PlaceHolder
	}
	switch placeholder {
	case "FILE", "DIR", "FILE.zip":
		return place(value)
	case "WHERE": // influx, openmetrics, openmetrics=FILE or openmetrics=URL
		if kind, file, found := strings.Cut(value, "="); found && !strings.Contains(file, "://") {
			placed, wrong := place(file)
			return kind + "=" + placed, wrong
		}
	}
	return value, nil
}

// What is said of a value in quotation marks, which a shell removes and other readers of a file of variables do not.
const (
	inQuotes     = "is in quotation marks that are taken as part of it"
	removeQuotes = "remove them"
)

// quoted reports whether a text is enclosed in quotation marks.
func quoted(text string) bool {
	return len(text) > 1 && (text[0] == '"' || text[0] == '\'') && text[len(text)-1] == text[0]
}

// inFull is advice on a path of which only a shell knows what is meant.
const inFull = "give the path in full"

// atHome returns the name of a file with ~ at its beginning replaced by the home directory. A shell does so where it stands alone,
// but not behind an equals sign, and nobody does in a file.
func atHome(name string) (string, *fault) {
	rest, tilde := strings.CutPrefix(name, "~")
	below := rest == "" || os.IsPathSeparator(rest[0])
	switch {
	case quoted(name):
		return name, &fault{fmt.Sprintf("%s %s", clip(name), inQuotes), removeQuotes}
	case shellVariable().MatchString(name):
		return name, &fault{fmt.Sprintf("%q has a variable, which only a shell replaces", clip(name)), inFull}
	case !tilde:
		return name, nil
	case !below && strings.ContainsRune(rest, '/'):
		return name, &fault{fmt.Sprintf("%q begins with somebody's home directory, which only a shell knows", clip(name)), inFull}
	case !below:
		return name, nil
	}
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		return name, &fault{fmt.Sprintf("%q begins with a home directory, but there is none", clip(name)), inFull}
	}
	return filepath.Join(home, rest), nil
}

// shellVariable matches a path that begins with a variable, of a POSIX shell or of Windows.
var shellVariable = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(\$[A-Za-z_]\w*|\$\{[^}]*\}|\$env:\w+|%\w+%)([/\\]|$)`)
})
