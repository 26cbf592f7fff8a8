package config_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/config"
)

// A program looks for the file once the command line is read and before kong asks for values. Until kong applies them,
// values of flags are had from FlagValue.
func ExampleFile() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "withings.yaml")
	if err := os.WriteFile(path, []byte("withings:\n  profiles: [Anna Müller, Ben]\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}

	var cli struct {
		ConfigFile string   `name:"config.file"`
		Profiles   []string `name:"profiles"`
	}
	var file *config.File
	attach := func(ctx *kong.Context) error {
		given := ""
		for _, flag := range ctx.Flags() {
			if flag.Name == "config.file" {
				given, _ = ctx.FlagValue(flag).(string)
			}
		}
		found, err := config.Find(given)
		if err != nil || found == "" {
			return err
		}
		if file, err = config.Load(found); err != nil {
			return err
		}
		ctx.AddResolver(file)
		return nil
	}
	parser := kong.Must(&cli, kong.WithBeforeResolve(attach))
	if _, err := parser.Parse([]string{"--config.file", path}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%q from %s, %d warnings\n", cli.Profiles, filepath.Base(file.Path()), len(file.Warnings()))
	// Output: ["Anna Müller" "Ben"] from withings.yaml, 0 warnings
}
