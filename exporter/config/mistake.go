package config

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// What kong says of a command line it cannot read.
var (
	tooMany    = regexp.MustCompile(`^unexpected argument (.+?)(?:, did you mean .*)?$`)
	missing    = regexp.MustCompile(`^expected "<(.+?)>`)
	unknown    = regexp.MustCompile(`^unknown flag (--?[^ ,]+)(?:, did you mean "?([^"]+)"?\?)?`)
	early      = regexp.MustCompile(`^flag (--\S+) applies to the default command .*, not "(.+)"`)
	notOneOf   = regexp.MustCompile(`^(\S+) must be one of (.+) but got (".*")$`)
	notDecoded = regexp.MustCompile(`(?s)^(--[^ :]+): (.*?)(?: \(from envar (\S+)=.*\))?$`)
	got        = regexp.MustCompile(`but got ("(?:[^"\\]|\\.)*")`)
)

// Explain makes what kong says of a command line a sentence for the person who typed it: what is wrong, and what to type
// instead. Other errors, those of a configuration file among them, stay as they are.
func Explain(model *kong.Application, err error) error {
	var parse *kong.ParseError
	if file := (*Error)(nil); errors.As(err, &file) || !errors.As(err, &parse) || parse.Context == nil {
		return err
	}
	m := mistake{model: model, ctx: parse.Context, command: parse.Context.Selected()}
	return fmt.Errorf("%s\nsee %s -h", m.explain(err.Error()), m.typed())
}

type mistake struct {
	model   *kong.Application
	ctx     *kong.Context
	command *kong.Node // nil where none was chosen
}

// typed is the command as it was given: without a name where it is the default one.
func (m mistake) typed() string {
	if m.command == nil || m.isDefault() {
		return m.model.Name
	}
	return m.model.Name + " " + m.command.Name
}

// isDefault reports whether the command was meant without being named.
func (m mistake) isDefault() bool {
	return m.command == m.model.DefaultCmd && !slices.Contains(m.ctx.Args, m.command.Name)
}

func (m mistake) explain(said string) string {
	if f := tooMany.FindStringSubmatch(said); f != nil {
		return m.superfluous(f[1])
	}
	if f := missing.FindStringSubmatch(said); f != nil {
		return fmt.Sprintf("%s is missing: give %s %s", f[1], m.typed(), f[1])
	}
	if f := unknown.FindStringSubmatch(said); f != nil {
		return m.unknown(f[1], f[2])
	}
	if f := early.FindStringSubmatch(said); f != nil {
		return fmt.Sprintf("%s stands before the command: write it behind, as in %s %s %s", f[1], m.model.Name, f[2], f[1])
	}
	if f := notOneOf.FindStringSubmatch(said); f != nil {
		return fmt.Sprintf("%s: %s is none of %s", m.source(f[1], f[3]), f[3], strings.NewReplacer(`"`, "", ",", ", ").Replace(f[2]))
	}
	if f := notDecoded.FindStringSubmatch(said); f != nil {
		return m.undecoded(f[1], f[2], f[3])
	}
	return said
}

// superfluous explains a word that no command and no argument takes.
func (m mistake) superfluous(word string) string {
	if m.command != nil && !m.isDefault() {
		takes := strings.TrimSuffix(m.command.Summary(), " [flags]")
		advice := fmt.Sprintf("%q is one word too many: give %s %s", word, m.model.Name, takes)
		if len(m.command.Positional) > 0 {
			advice += ", and what has spaces in quotes"
		}
		return advice
	}
	var names []string
	for _, command := range m.model.Children {
		if !command.Hidden {
			names = append(names, command.Name)
		}
	}
	if near := nearest(word, names); near != "" {
		return fmt.Sprintf("there is no command %q; did you mean %s?", word, near)
	}
	return fmt.Sprintf("there is no command %q; there are %s", word, strings.Join(names, ", "))
}

// unknown explains a flag that the command does not have; near is kong's guess,
// which does not know of a letter that was forgotten.
func (m mistake) unknown(flag, near string) string {
	for _, command := range m.model.Children {
		if !command.Hidden && slices.ContainsFunc(command.Flags, func(f *kong.Flag) bool { return "--"+f.Name == flag }) {
			return fmt.Sprintf("there is no flag %s here; it belongs to %s %s", flag, m.model.Name, command.Name)
		}
	}
	if near == "" && m.command != nil {
		var names []string
		for _, f := range m.command.Flags {
			names = append(names, "--"+f.Name)
		}
		near = nearest(flag, names)
	}
	if near != "" {
		return fmt.Sprintf("there is no flag %s; did you mean %s?", flag, near)
	}
	return fmt.Sprintf("there is no flag %s", flag)
}

// undecoded explains a value that is not what the flag takes; variable is where it stands, "" for the command line.
func (m mistake) undecoded(flag, said, variable string) string {
	if strings.Contains(said, `"EOL"`) {
		for _, f := range m.ctx.Flags() {
			if "--"+f.Name == flag {
				return fmt.Sprintf("%s: its value is missing; give %s=%s", flag, flag, f.FormatPlaceHolder())
			}
		}
	}
	value := ""
	if f := got.FindStringSubmatch(said); f != nil {
		value = f[1]
	}
	if variable == "" {
		variable = flag
	}
	switch {
	case value == "":
		return variable + ": " + said
	case strings.Contains(said, "bool"):
		return fmt.Sprintf("%s: %s is neither yes nor no; write it alone, or =true or =false behind it", variable, value)
	case strings.Contains(said, "expected duration"):
		return fmt.Sprintf("%s: %s is no time; write it like 30s, 5m or 1h30m", variable, value)
	case strings.Contains(said, "int"):
		return fmt.Sprintf("%s: %s is no whole number; give one such as 100", variable, value)
	case strings.Contains(said, "float"):
		return fmt.Sprintf("%s: %s is no number; give one such as 1.5", variable, value)
	}
	return variable + ": " + said
}

// source is where a value of a flag or an argument comes from, as far as can be told: its variable, if that has it.
func (m mistake) source(name, value string) string {
	for _, f := range m.ctx.Flags() {
		if "--"+f.Name != name {
			continue
		}
		for _, env := range f.Envs {
			if fmt.Sprintf("%q", os.Getenv(env)) == value {
				return env
			}
		}
	}
	return strings.Trim(name, "<>")
}
