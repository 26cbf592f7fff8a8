package config

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Files remembers the configuration file that was read for a command line. A line may be parsed more than once, and a
// file that is a pipe can be read only once.
type Files struct {
	path string
	file *File
	err  error
}

// Read lets the configuration file give what flags and environment do not, for a command that has the flag --config.file,
// and returns the file's warnings. For another command it returns which of its flags the file would set if it were read. It belongs
// into kong.WithBeforeResolve.
func (f *Files) Read(ctx *kong.Context) (warnings []string, err error) {
	flag := flagOf(ctx, fileFlag)
	if flag == nil {
		return f.unread(ctx), nil
	}
	given, _ := ctx.FlagValue(flag).(string)
	path, err := Find(given)
	if err != nil || path == "" {
		return nil, err
	}
	file, err := f.load(path)
	if err != nil {
		return nil, err
	}
	ctx.AddResolver(file)
	ctx.Bind(file) // for Given
	return file.Warnings(), nil
}

// fileFlag is the flag of commands that read a configuration file.
const fileFlag = "config.file"

// unread returns a warning about settings of a file that the command would take, if it read files. What is wrong with the file does
// not matter then.
func (f *Files) unread(ctx *kong.Context) []string {
	if ctx.Selected() == nil {
		return nil
	}
	path, err := Find(os.Getenv(Variable(fileFlag)))
	if err != nil || path == "" {
		return nil
	}
	file, err := f.load(path)
	if err != nil {
		return nil
	}
	var names []string
	for _, s := range file.settings {
		if s.valued() && takes(ctx, s.name) {
			names = append(names, s.key)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s reads no configuration file: what %s has for %s is left out; give what is needed as flags",
		ctx.Selected().Name, path, strings.Join(names, ", "))}
}

// takes reports whether a command has a flag that nobody gave.
func takes(ctx *kong.Context, name string) bool {
	return slices.ContainsFunc(ctx.Flags(), func(flag *kong.Flag) bool {
		return flagName(flag.Name) == name && SourceOf(ctx, flag) < fromEnvironment
	})
}

// load is Load of a file, or what it was when it was loaded before.
func (f *Files) load(path string) (*File, error) {
	if f.path != path {
		f.path = path
		f.file, f.err = Load(path)
	}
	return f.file, f.err
}
