package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/config"
)

// TestACommandThatReadsNoFileSaysWhatItLeavesOut: only what it has a flag for that nobody gave, and only where a file has it.
func TestACommandThatReadsNoFileSaysWhatItLeavesOut(t *testing.T) {
	type shared struct {
		Level string   `name:"log.level" default:"info" env:"WITHINGS_LOG_LEVEL"`
		Web   string   `name:"web.config.file" env:"WITHINGS_WEB_CONFIG_FILE"`
		At    []string `name:"web.listen-address" default:"localhost:1" sep:","`
	}
	const file = "client_id: a\nlog: {level: warn}\nweb:\n  listen_address: [localhost:2]\n  config.file: w.yml\n"
	const advice = " is left out; give what is needed as flags"
	for _, c := range []struct {
		name, file, variable string
		args                 []string
		want                 []string
	}{
		{"all", file, "", []string{"show"}, []string{"show reads no configuration file: what withings.yaml has for log.level, web.listen_address, web.config.file" + advice}},
		{"what is given instead", file, "a.yml", []string{"show", "--log.level=debug"}, []string{"show reads no configuration file: what withings.yaml has for web.listen_address" + advice}},
		{"nothing of it", "client_id: a\nlog:\n", "", []string{"show"}, nil},
		{"no file", "", "", []string{"show"}, nil},
		{"a file with a mistake", "log.level: [\n", "", []string{"show"}, nil},
		{"a command that reads it", file, "", []string{"serve"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			home(t)
			if c.file != "" {
				put(t, "withings.yaml", c.file, 0o600)
			}
			if c.variable != "" {
				t.Setenv("WITHINGS_WEB_CONFIG_FILE", c.variable)
			}
			var cli struct {
				Serve struct {
					ConfigFile string `name:"config.file"`
					ClientID   string `name:"client-id"`
					shared     `embed:""`
				} `cmd:""`
				Show struct {
					Seed   int `name:"seed"`
					shared `embed:""`
				} `cmd:""`
			}
			var got []string
			_, err := kong.Must(&cli, kong.WithBeforeResolve(func(ctx *kong.Context) (err error) {
				got, err = (&config.Files{}).Read(ctx)
				return err
			})).Parse(c.args)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("\n got %q, %v\nwant %q", got, err, c.want)
			}
			elsewhere := filepath.Join(t.TempDir(), "seed.yaml")
			put(t, elsewhere, "seed: 3\n", os.FileMode(0o600))
			seeded, err := config.Load(elsewhere)
			if err != nil {
				t.Fatal(err)
			}
			if err := seeded.Validate(kong.Must(&cli).Model); err == nil {
				t.Error("a flag of a command that reads no file is a setting")
			}
		})
	}
}
