package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"withings-exporter/exporter/config"
	"withings-exporter/exporter/hint"
)

func TestAHomeDirectoryIsMeantByATildeWhereverAFileIsNamed(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home) // which Windows has instead
	for _, c := range []struct{ given, want, problem string }{
		{"~/x", filepath.Join(home, "x"), ""},
		{"~", home, ""},
		{"~/a/../x", filepath.Join(home, "x"), ""},
		{"x~", "x~", ""},
		{"./~/x", "./~/x", ""},
		{"~backup", "~backup", ""},
		{"-", "-", ""},
		{"a$b", "a$b", ""},
		{"$x.y", "$x.y", ""},
		{"~ben/x", "", `"~ben/x" begins with somebody's home directory, which only a shell knows`},
		{"$HOME/x", "", `"$HOME/x" has a variable, which only a shell replaces`},
		{"${XDG_STATE_HOME:-/x}/y", "", `"${XDG_STATE_HOME:-/x}/y" has a variable, which only a shell replaces`},
		{`%APPDATA%\x`, "", `"%APPDATA%\\x" has a variable, which only a shell replaces`},
		{"$STATE", "", `"$STATE" has a variable, which only a shell replaces`},
		{`"/x"`, "", `"/x" is in quotation marks that are taken as part of it`},
		{`'/x'`, "", `'/x' is in quotation marks that are taken as part of it`},
	} {
		t.Run(c.given, func(t *testing.T) {
			for where, err := range map[string]error{
				"flag": settled(t, c.want, "", "--state.dir="+c.given),
				"to":   settled(t, c.want, "", "--to=openmetrics="+c.given),
				"file": settled(t, c.want, c.given),
			} {
				switch {
				case c.problem == "" && err != nil:
					t.Errorf("%s: %v", where, err)
				case c.problem != "" && err == nil:
					t.Errorf("%s: taken, want %q", where, c.problem)
				case c.problem == "":
				case where == "flag" && hint.Text(err) != "--state.dir: "+c.problem,
					where == "to" && hint.Text(err) != "--to: "+c.problem,
					where == "file" && hint.Text(err) != `withings.yaml:1: key "state.dir": `+c.problem:
					t.Errorf("%s: %q, want %q", where, hint.Text(err), c.problem)
				case hint.Of(err) == "":
					t.Errorf("%s: no advice", where)
				}
			}
		})
	}
}

// settled parses a command line, or a file with a state directory, and compares the path with what is wanted.
func settled(t *testing.T, want, inFile string, args ...string) error {
	t.Helper()
	dir := t.TempDir()
	path := ""
	if inFile != "" {
		path = filepath.Join(dir, "withings.yaml")
		put(t, path, "state.dir: '"+doubled(inFile)+"'\n", 0o600)
		if want != "" && want != "-" && !filepath.IsAbs(want) {
			want = filepath.Join(dir, want)
		}
	}
	g, err := run(t, path, args...)
	if err != nil {
		return plainError(err, dir)
	}
	got := g.StateDir
	if g.To != "" {
		got = g.To[len("openmetrics="):]
	}
	if got != want {
		t.Errorf("%q %q: got %q, want %q", inFile, args, got, want)
	}
	return nil
}

func TestAHomeDirectoryIsMeantInVariablesAndForTheConfigurationItself(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Setenv("WITHINGS_CLIENT_SECRET_FILE", "~/s")
	g, err := run(t, "")
	if err != nil || g.ClientSecretFile != filepath.Join(home, "s") {
		t.Errorf("got %q, %v, want it below %q", g.ClientSecretFile, err, home)
	}
	put(t, filepath.Join(home, "w.yaml"), "", 0o600)
	if path, err := config.Find("~/w.yaml"); err != nil || path != filepath.Join(home, "w.yaml") {
		t.Errorf("found %q, %v, want it below %q", path, err, home)
	}
	if _, err := config.Find("$HOME/w.yaml"); err == nil || hint.Of(err) == "" {
		t.Errorf("got %v, want what a shell does not replace", err)
	}
}

func TestVariablesLoseLineEndsOfWindowsAndMayNotBeQuoted(t *testing.T) {
	for name, value := range map[string]string{"WITHINGS_LOG": "debug\r", "WITHINGS_EMPTY": "", "WITHINGS_BARE": "\r", "OTHER": "x\r"} {
		t.Setenv(name, value)
	}
	config.CleanEnvironment("WITHINGS_")
	if got := os.Getenv("WITHINGS_LOG"); got != "debug" {
		t.Errorf("got %q, want the line end removed", got)
	}
	if got := os.Getenv("OTHER"); got != "x\r" {
		t.Errorf("the variable of another program is %q now", got)
	}
	for _, name := range []string{"WITHINGS_EMPTY", "WITHINGS_BARE"} {
		if _, set := os.LookupEnv(name); set {
			t.Errorf("%s is still set", name)
		}
	}
	for _, value := range []string{`"s"`, `'s'`} {
		t.Setenv("WITHINGS_CLIENT_SECRET", value)
		_, err := run(t, "")
		if err == nil || err.Error() != "WITHINGS_CLIENT_SECRET is in quotation marks that are taken as part of it; remove them" {
			t.Errorf("%s: got %v", value, err)
		}
	}
	for _, value := range []string{`"`, `"s`, `s'`, `a"b"`} {
		t.Setenv("WITHINGS_CLIENT_SECRET", value)
		if g, err := run(t, ""); err != nil || g.ClientSecret != value {
			t.Errorf("%s: got %q, %v, want it as it is", value, g.ClientSecret, err)
		}
	}
}

// doubled is a text for single quotation marks of YAML.
func doubled(text string) string { return strings.ReplaceAll(text, "'", "''") }

// plainError is an error with the file without its folder.
func plainError(err error, dir string) error {
	if wrong, ok := errors.AsType[*config.Error](err); ok {
		wrong.Path = strings.TrimPrefix(wrong.Path, dir+string(filepath.Separator))
		return wrong
	}
	return err
}
