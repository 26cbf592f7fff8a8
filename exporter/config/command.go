package config

import (
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// Read lets the configuration file give what flags and environment do not, for a command that has the flag --config.file,
// and returns the file's warnings. It belongs into kong.WithBeforeResolve.
func Read(ctx *kong.Context) (warnings []string, err error) {
	for _, flag := range ctx.Flags() {
		if flag.Name != "config.file" {
			continue
		}
		given, _ := ctx.FlagValue(flag).(string)
		path, err := Find(given)
		if err != nil || path == "" {
			return nil, err
		}
		file, err := Load(path)
		if err != nil {
			return nil, err
		}
		ctx.AddResolver(file)
		warnings = append(warnings, file.Warnings()...)
	}
	return warnings, nil
}

// DropEmpty takes the variables of the environment that begin so and are empty for ones that are not set: files of
// variables for containers are full of them.
func DropEmpty(prefix string) {
	for _, variable := range os.Environ() {
		if name, value, _ := strings.Cut(variable, "="); value == "" && strings.HasPrefix(name, prefix) {
			_ = os.Unsetenv(name)
		}
	}
}
