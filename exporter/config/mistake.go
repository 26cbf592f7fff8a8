package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/hint"
)

// Explain words what kong says of a command line for the person who typed it: what is wrong, and what to type instead.
// Other errors, those of a configuration file among them, stay as they are.
//
// Of kong's errors only ParseError has a name, and it holds the context in which parsing stopped. What is wrong is found
// there, in the grammar and the arguments, not in the text of the error.
func Explain(err error) error {
	var parse *kong.ParseError
	if file := (*Error)(nil); errors.As(err, &file) || !errors.As(err, &parse) || parse.Context == nil {
		return err
	}
	m := mistake{ctx: parse.Context, command: parse.Context.Selected()}
	told := m.explain()
	if told == "" {
		told = err.Error()
	}
	return hint.Wrap(errors.New(told), "see "+m.typed()+" -h")
}

// mistake is a command line that kong refuses.
type mistake struct {
	ctx     *kong.Context
	command *kong.Node // nil where none was chosen
}

// explain says what is wrong, or "" where it finds nothing.
func (m mistake) explain() string {
	if m.ctx.Error != nil && len(m.ctx.Args) > 0 {
		return m.unreadable()
	}
	return m.unusable()
}

// typed is the command as it was given: without a name where it is the default one.
func (m mistake) typed() string {
	if m.command == nil || m.isDefault() {
		return m.ctx.Model.Name
	}
	return m.ctx.Model.Name + " " + m.command.Name
}

// isDefault reports whether the command was meant without being named.
func (m mistake) isDefault() bool {
	return m.command == m.ctx.Model.DefaultCmd && !slices.Contains(m.ctx.Args, m.command.Name)
}

// flags are those that may be given: before a command is chosen, those of the default one too.
func (m mistake) flags() []*kong.Flag {
	flags := m.ctx.Flags()
	if m.command == nil && m.ctx.Model.DefaultCmd != nil {
		flags = append(flags, m.ctx.Model.DefaultCmd.Flags...)
	}
	return flags
}

// unreadable explains the argument at which kong stopped reading.
func (m mistake) unreadable() string {
	at := m.stopped()
	word := m.ctx.Args[at]
	if !strings.HasPrefix(word, "-") || slices.Contains(m.ctx.Args[:at], "--") {
		return m.unexpected(word)
	}
	name, value, given := strings.Cut(word, "=")
	flags := m.flags()
	i := slices.IndexFunc(flags, func(f *kong.Flag) bool { return "--"+f.Name == name })
	switch {
	case i < 0:
		return m.unknown(name)
	case given:
	case at+1 < len(m.ctx.Args) && !strings.HasPrefix(m.ctx.Args[at+1], "-"):
		value = m.ctx.Args[at+1]
	default:
		return fmt.Sprintf("%s needs a value: give %[1]s=%s", name, flags[i].FormatPlaceHolder())
	}
	return name + ": " + notA(flags[i], value)
}

// stopped is the index of the argument that kong cannot take after those before it.
func (m mistake) stopped() int {
	at := len(m.ctx.Args) - 1
	for at > 0 {
		if before, err := kong.Trace(m.ctx.Kong, m.ctx.Args[:at]); err == nil && before.Error == nil {
			break
		}
		at--
	}
	return at
}

// unexpected explains a word that no command and no argument takes, or that kong takes for a command only now.
func (m mistake) unexpected(word string) string {
	program := m.ctx.Model
	if m.command != nil && !m.isDefault() {
		if len(m.command.Positional) == 0 {
			return fmt.Sprintf("unexpected argument %q; %s %s takes none", word, program.Name, m.command.Name)
		}
		return fmt.Sprintf("unexpected argument %q; quote names that contain spaces", word)
	}
	var names []string
	for _, command := range program.Children {
		if command.Name == word { // known, so it is a flag before it that does not fit
			for _, p := range m.ctx.Path {
				if p.Flag != nil && slices.Contains(program.DefaultCmd.Flags, p.Flag) {
					return fmt.Sprintf("--%s must follow the command: %s %s --%[1]s", p.Flag.Name, program.Name, word)
				}
			}
		}
		if !command.Hidden {
			names = append(names, command.Name)
		}
	}
	if near := nearest(word, names); near != "" {
		return fmt.Sprintf("unknown command %q; did you mean %s?", word, near)
	}
	return fmt.Sprintf("unknown command %q; choose from %s", word, strings.Join(names, ", "))
}

// unknown explains a flag that the command does not have.
func (m mistake) unknown(flag string) string {
	for _, command := range m.ctx.Model.Children {
		if !command.Hidden && slices.ContainsFunc(command.Flags, func(f *kong.Flag) bool { return "--"+f.Name == flag }) {
			return fmt.Sprintf("%s is not a flag of this command; it belongs to %s %s", flag, m.ctx.Model.Name, command.Name)
		}
	}
	var names []string
	for _, f := range m.flags() {
		names = append(names, "--"+f.Name)
	}
	if near := nearest(flag, names); near != "" {
		return fmt.Sprintf("unknown flag %s; did you mean %s?", flag, near)
	}
	return "unknown flag " + flag
}

// unusable explains arguments and variables that can be read, with values that cannot be used; "" if it finds none.
func (m mistake) unusable() string {
	flags := m.flags()
	for _, f := range flags {
		for _, env := range f.Envs {
			if value, ok := os.LookupEnv(env); ok && decode(f, value, reflect.New(f.Target.Type()).Elem()) != nil {
				return env + ": " + notA(f, value)
			}
		}
	}
	var values []*kong.Value
	if m.command != nil {
		values = m.command.Positional
	}
	for _, v := range values {
		if v.Required && !v.Set {
			return fmt.Sprintf("%s is missing: give %s %[1]s", v.Name, m.typed())
		}
	}
	for _, f := range flags {
		values = append(values, f.Value)
	}
	for _, v := range values {
		if v.Enum == "" || !v.Set {
			continue
		}
		if bad, ok := outside(v.Target, v.EnumSlice()); ok {
			return fmt.Sprintf("%s: %s", m.source(v, bad), notOneOf(bad, v.EnumSlice()))
		}
	}
	return ""
}

// source is where a value of a flag or an argument comes from, as far as can be told: its variable, if that has it.
func (m mistake) source(v *kong.Value, value string) string {
	for _, env := range v.Tag.Envs {
		if os.Getenv(env) == value {
			return env
		}
	}
	if v.Flag == nil {
		return v.Name
	}
	return "--" + v.Name
}

// decode turns what was written for a flag into a value of its type.
func decode(flag *kong.Flag, raw any, into reflect.Value) error {
	return flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: kong.Scan().PushTyped(raw, kong.FlagValueToken)}, into)
}

// notA says that a value is not of the flag's type, and how one is written.
func notA(flag *kong.Flag, value string) string {
	kind := flag.Target.Type()
	if kind.Kind() == reflect.Slice {
		kind = kind.Elem()
	}
	what := "a valid value"
	switch zero := reflect.Zero(kind); {
	case kind == reflect.TypeFor[time.Duration]():
		what = "a duration (for example 30s, 5m or 1h30m)"
	case kind.Kind() == reflect.Bool:
		what = "true or false"
	case zero.CanInt(), zero.CanUint():
		what = "a whole number (for example 100)"
	case zero.CanFloat():
		what = "a number (for example 1.5)"
	}
	return fmt.Sprintf("%q is not %s", value, what)
}

// notOneOf says that a value is not among those a flag takes.
func notOneOf(value string, choice []string) string {
	return fmt.Sprintf("%q is not one of %s", value, strings.Join(choice, ", "))
}
