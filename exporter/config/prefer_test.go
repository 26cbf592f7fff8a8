package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/alecthomas/kong"
)

func TestTheStrongerOfTwoFlagsThatExcludeEachOtherCounts(t *testing.T) {
	for _, c := range []struct {
		name, yaml, env, envFile string
		args                     []string
		secret, secretFile       string
	}{
		{name: "environment over file", yaml: "client-secret-file: f\n", env: "e", secret: "e"},
		{name: "command line over file", yaml: "withings:\n  client_secret: s\n", args: []string{"--client-secret-file=a"}, secretFile: "a"},
		{name: "command line over environment", env: "e", args: []string{"--client-secret-file=a"}, secretFile: "a"},
		{name: "file alone", yaml: "client-secret: s\n", secret: "s"},
		{name: "both in the environment stay", env: "e", envFile: "f", secret: "e", secretFile: "f"},
		{name: "both in the file stay", yaml: "client-secret: s\nclient-secret-file: f\n", secret: "s", secretFile: "f"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "withings.yaml")
			if err := os.WriteFile(path, []byte(c.yaml), 0o600); err != nil {
				t.Fatal(err)
			}
			for name, value := range map[string]string{"T_SECRET": c.env, "T_SECRET_FILE": c.envFile} {
				if value != "" {
					t.Setenv(name, value)
				}
			}
			var cli struct {
				ConfigFile       string `name:"config.file"`
				ClientSecret     string `name:"client-secret" env:"T_SECRET"`
				ClientSecretFile string `name:"client-secret-file" env:"T_SECRET_FILE"`
			}
			parser := kong.Must(&cli, kong.WithBeforeResolve(func(ctx *kong.Context) error {
				file, err := Load(path)
				if err == nil {
					ctx.AddResolver(file)
				}
				return err
			}))
			ctx, err := parser.Parse(c.args)
			if err != nil {
				t.Fatal(err)
			}
			Prefer(ctx, "client-secret", "client-secret-file")
			if cli.ClientSecret != c.secret || cli.ClientSecretFile != c.secretFile {
				t.Errorf("secret %q and file %q, want %q and %q", cli.ClientSecret, cli.ClientSecretFile, c.secret, c.secretFile)
			}
		})
	}
}
