package config

import (
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
// and returns the file's warnings. It belongs into kong.WithBeforeResolve.
func (f *Files) Read(ctx *kong.Context) (warnings []string, err error) {
	for _, flag := range ctx.Flags() {
		if flag.Name != "config.file" {
			continue
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
		warnings = append(warnings, file.Warnings()...)
	}
	return warnings, nil
}

// load is Load of a file, or what it was when it was loaded before.
func (f *Files) load(path string) (*File, error) {
	if f.path != path {
		f.path = path
		f.file, f.err = Load(path)
	}
	return f.file, f.err
}
