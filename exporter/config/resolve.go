package config

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

var _ kong.Resolver = (*File)(nil)

// Validate returns an *Error for the first key that is not a flag of any command of the application, or that has settings
// below it where there are none. Values are the business of Resolve, which looks at the chosen command only.
func (f *File) Validate(app *kong.Application) error {
	flags := fileFlags(app)
	for _, s := range f.settings {
		if err := f.checkName(s, flags); err != nil {
			return err
		}
	}
	return nil
}

// checkName compares one setting with the names of all flags.
func (f *File) checkName(s setting, flags map[string]*kong.Flag) error {
	names := slices.Sorted(maps.Keys(flags))
	flag, isFlag := flags[s.name]
	isGroup := s.name == block || slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, s.name+".") })
	switch {
	case s.kind == section && isFlag && !isGroup && flag.IsSlice():
		return f.complain(s, "is a map, but takes a list", "write the values on the same line in brackets, separated by commas, or below it with a dash each")
	case s.kind == section && isFlag && !isGroup:
		return f.complain(s, "is a map, but takes a single value", "write the value on the same line")
	case s.kind != section && s.kind != nothing && isGroup && !isFlag:
		return f.complain(s, "is a group of settings, not a setting", "write its settings below it, indented")
	case !isFlag && !isGroup:
		return f.complain(s, unknownKey, suggest(s, names))
	}
	return nil
}

// Prints reports whether a flag only prints something and ends the program, so that it is not a setting.
func Prints(flag *kong.Flag) bool {
	return slices.Contains([]string{"help", "help-all", "version"}, flag.Name)
}

// Once reports whether a flag is of one run of one command and never a setting, which its tag "once" says: it has no
// place in a file, so that there its name is taken for a mistyped one (profile for profiles).
func Once(flag *kong.Flag) bool { return flag.Tag.Has("once") }

// fileFlags returns all flags that can stand in a file, by name: those of commands that read one.
func fileFlags(app *kong.Application) map[string]*kong.Flag {
	flags := make(map[string]*kong.Flag)
	var walk func(n *kong.Node, reads bool)
	walk = func(n *kong.Node, reads bool) {
		reads = reads || slices.ContainsFunc(n.Flags, func(flag *kong.Flag) bool { return flag.Name == fileFlag })
		for _, flag := range n.Flags {
			if reads && !Prints(flag) && !Once(flag) && flag.Name != fileFlag {
				flags[flagName(flag.Name)] = flag
			}
		}
		for _, child := range n.Children {
			walk(child, reads)
		}
	}
	walk(app.Node, false)
	return flags
}

// Resolve returns the file's value for a flag, or nil to leave the flag as it is. Kong does not ask for flags given on
// the command line, but does ask for those set in the environment, and would let the file win: those are left alone. An
// environment variable that is set and empty counts as set, as it does for kong. The error is an *Error with the line.
func (f *File) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Tag.Envs {
		if _, ok := os.LookupEnv(env); ok {
			return nil, nil
		}
	}
	if s, found := f.setting(flag); found {
		return f.value(s, flag)
	}
	return nil, nil
}

// setting is what the file has for a flag.
func (f *File) setting(flag *kong.Flag) (s setting, found bool) {
	i := slices.IndexFunc(f.settings, func(s setting) bool { return s.name == flagName(flag.Name) && s.valued() })
	if i < 0 {
		return setting{}, false
	}
	return f.settings[i], true
}

// holder is the file in which the value of a flag stands: this one, or secrets.yaml.
func (f *File) holder(flag *kong.Flag) string {
	if s, found := f.setting(flag); found && s.kind == text && !s.literal {
		return f.secrets.path
	}
	return f.path
}

// correct is advice on a value that says itself how one is written.
const correct = "correct the value, or remove it to use the default"

// value turns a setting into what kong decodes, after trying that it can be decoded: kong's own error would name the
// flag, which nobody gave.
func (f *File) value(s setting, flag *kong.Flag) (any, error) {
	if s.kind == list && !flag.IsSlice() {
		return nil, f.complain(s, "is a list, but takes a single value", "write the value on the same line")
	}
	placed, wrong := f.beside(flag, s.values)
	if wrong != nil {
		return nil, f.complainOfValue(s, wrong.problem, wrong.advice)
	}
	s.values = placed
	raw := forKong(s, flag)
	decoded := reflect.New(flag.Target.Type()).Elem()
	err := decode(flag, raw, decoded)
	switch {
	case err != nil && isSecret(s.name):
		return nil, f.complain(s, "cannot be used as it is", "put the value in quotes")
	case err != nil:
		value := strings.Join(s.values, ",")
		return nil, f.complainOfValue(s, notA(flag, veil(value)), cmp.Or(unit(flag, value), correct))
	case flag.Enum != "":
		if bad, ok := outside(decoded, flag.EnumSlice()); ok {
			return nil, f.complainOfValue(s, notOneOf(veil(bad), flag.EnumSlice()), cmp.Or(oneOf(bad, flag.EnumSlice()), correct))
		}
	}
	return raw, nil
}

// forKong returns a setting's value in a form that kong's decoders take apart into exactly what the file says.
func forKong(s setting, flag *kong.Flag) any {
	switch {
	case s.kind == list && flag.Target.Type().Elem().Kind() == reflect.String:
		// Texts go as they are: no comma or backslash in them is looked at.
		items := make([]any, len(s.values))
		for i, v := range s.values {
			items[i] = v
		}
		return items
	case s.kind == list:
		return kong.JoinEscaped(s.values, flag.Tag.Sep)
	case flag.IsBool():
		// YAML 1.1, which Home Assistant speaks, has two more words than kong.
		switch strings.ToLower(s.values[0]) {
		case "on":
			return "true"
		case "off":
			return "false"
		}
	}
	return s.values[0]
}

// outside returns the first of the values that is not in the enumeration.
func outside(value reflect.Value, enum []string) (string, bool) {
	if value.Kind() == reflect.Slice {
		for i := range value.Len() {
			if bad, ok := outside(value.Index(i), enum); ok {
				return bad, true
			}
		}
		return "", false
	}
	got := fmt.Sprint(value.Interface())
	return got, !slices.Contains(enum, got)
}
