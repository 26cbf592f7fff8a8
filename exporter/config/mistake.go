package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/shell"
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
	if told == nil {
		told = err
	}
	if hint.Of(told) == "" {
		told = hint.Wrap(errors.New(told.Error()), "see "+m.typed()+" -h")
	}
	return told
}

// mistaken is an error of what was typed, with advice that may be empty.
func mistaken(advice, format string, args ...any) error {
	return hint.Wrap(fmt.Errorf(format, args...), advice)
}

// mistake is a command line that kong refuses.
type mistake struct {
	ctx     *kong.Context
	command *kong.Node // nil where none was chosen
}

// explain says what is wrong, or nil where it finds nothing.
func (m mistake) explain() error {
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
func (m mistake) unreadable() error {
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
		return mistaken("give "+name+"="+flags[i].FormatPlaceHolder(), "%s needs a value", name)
	}
	return mistaken(unit(flags[i], value), "%s: %s", name, notA(flags[i], value))
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
func (m mistake) unexpected(word string) error {
	program := m.ctx.Model
	if m.command != nil && !m.isDefault() {
		if len(m.command.Positional) == 0 {
			return mistaken(m.instead(), "unexpected argument %q: %s %s takes none", word, program.Name, m.command.Name)
		}
		return mistaken("quote names that contain spaces", "unexpected argument %q", word)
	}
	var names []string
	for _, command := range program.Children {
		if command.Name == word { // known, so it is a flag before it that does not fit
			for _, p := range m.ctx.Path {
				if p.Flag != nil && slices.Contains(program.DefaultCmd.Flags, p.Flag) {
					return mistaken(fmt.Sprintf("write %s %s --%s", program.Name, word, p.Flag.Name), "--%s must come after the command", p.Flag.Name)
				}
			}
		}
		if !command.Hidden {
			names = append(names, command.Name)
		}
	}
	flag, _, _ := strings.Cut(word, "=")
	near := Nearest(word, names)
	if means := commandHabits[strings.ToLower(word)]; slices.Contains(names, means) {
		near = means
	}
	switch {
	case near != "":
		return mistaken("did you mean "+near+"?", "unknown command %q", word)
	case word == "help":
		return mistaken(fmt.Sprintf("write %s -h, or %[1]s COMMAND -h", program.Name), "unknown command %q", word)
	case personal(word):
		return mistaken("to authorise a person, run: "+shell.Auth(word), "unknown command %q", show(word))
	case slices.ContainsFunc(m.flags(), func(f *kong.Flag) bool { return f.Name == flag }):
		return mistaken("did you mean --"+flag+"?", "unknown command %q", show(word))
	}
	return mistaken("choose from "+strings.Join(names, ", "), "unknown command %q", word)
}

// personal reports whether a word looks like the name of a person: no command begins with a capital letter.
func personal(word string) bool {
	first, _ := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(first)
}

// unknown explains a flag that the command does not have.
func (m mistake) unknown(flag string) error {
	advice := m.habit(flag)
	if flag == "--"+fileFlag {
		advice = "it reads no configuration file: give what is needed as flags, or leave this out"
	}
	for _, command := range m.ctx.Model.Children {
		if !command.Hidden && slices.ContainsFunc(command.Flags, func(f *kong.Flag) bool { return "--"+f.Name == flag }) {
			return mistaken(advice, "%s is a flag of %s %s, not of this command", flag, m.ctx.Model.Name, command.Name)
		}
	}
	var names []string
	for _, f := range m.flags() {
		names = append(names, "--"+f.Name)
	}
	if near := Nearest(flag, names); advice == "" && near != "" {
		advice = "did you mean " + near + "?"
	}
	return mistaken(advice, "unknown flag %s", flag)
}

// unusable explains arguments and variables that can be read, with values that cannot be used; nil if it finds none.
func (m mistake) unusable() error {
	flags := m.flags()
	for _, f := range flags {
		for _, env := range f.Envs {
			value, ok := os.LookupEnv(env)
			if ok && quoted(value) {
				return mistaken(removeQuotes, "%s %s", env, inQuotes)
			}
			if ok && decode(f, value, reflect.New(f.Target.Type()).Elem()) != nil {
				return mistaken(unit(f, value), "%s: %s", env, notA(f, value))
			}
		}
	}
	var values []*kong.Value
	if m.command != nil {
		values = m.command.Positional
	}
	for _, v := range values {
		if v.Required && !v.Set {
			return mistaken(fmt.Sprintf("write %s %s", m.typed(), v.Name), "%s is missing", v.Name)
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
			return mistaken(oneOf(bad, v.EnumSlice()), "%s: %s", m.source(v, bad), notOneOf(bad, v.EnumSlice()))
		}
	}
	return nil
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
	if tooLarge(flag, value) {
		return fmt.Sprintf("%q is too large", value)
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

// tooLarge reports whether a value that is not of the flag's type would be with small numbers in it.
func tooLarge(flag *kong.Flag, value string) bool {
	inside := false
	small := strings.Map(func(r rune) rune {
		was := inside
		switch inside = '0' <= r && r <= '9'; {
		case inside && was:
			return -1
		case inside:
			return '1'
		}
		return r
	}, value)
	return !flag.IsBool() && decode(flag, small, reflect.New(flag.Target.Type()).Elem()) == nil
}

// unit is advice on a value that is too large, and on a duration that is a number alone or has a unit that is written otherwise; "" for
// anything else.
func unit(flag *kong.Flag, value string) string {
	if tooLarge(flag, value) {
		return "write a smaller one"
	}
	number := strings.TrimRight(value, " abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	if _, err := strconv.ParseUint(number, 10, 31); err != nil || flag.Target.Type() != reflect.TypeFor[time.Duration]() {
		return ""
	}
	if strings.TrimSpace(value) == number {
		return fmt.Sprintf("add the unit: %ss for seconds, %[1]sm for minutes, %[1]sh for hours", number)
	}
	return fmt.Sprintf("write %ss for seconds, %[1]sm for minutes, %[1]sh for hours", number)
}

// oneOf is advice on a value that is like one of those a flag takes; "" if it is like none.
func oneOf(value string, choice []string) string {
	if near := Nearest(value, choice); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

// notOneOf says that a value is not among those a flag takes.
func notOneOf(value string, choice []string) string {
	return fmt.Sprintf("%q is not one of %s", value, strings.Join(choice, ", "))
}
