package command

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/config"
)

// TestWhereSecretsWereGivenIsKnown, and how a corrected one comes into use, for the day on which somebody refuses them.
func TestWhereSecretsWereGivenIsKnown(t *testing.T) {
	const plain, named = "client_id: a\nclient_secret: b\n", "withings:\n  client_id: !secret id\n  client_secret: !secret withings\n"
	const beginsInflux = "influx: {url: 'http://localhost:8086', bucket: b/c, "
	for _, c := range []struct {
		name, file, secrets string
		env                 map[string]string
		args                []string
		given, corrected    string
		token               string // where that of InfluxDB is from
		reread              bool
	}{
		{name: "in the file", file: plain, given: "both are from FOLDER/withings.yaml", corrected: "After the correction, reload."},
		{name: "in secrets.yaml", file: named, secrets: "id: a\nwithings: b\n",
			given: "both are from FOLDER/secrets.yaml", corrected: "After the correction, reload."},
		{name: "one in each", file: "client_id: a\nclient_secret: !secret withings\n", secrets: "withings: b\n",
			given: "the client id is from FOLDER/withings.yaml, the secret from FOLDER/secrets.yaml", corrected: "After the correction, reload."},
		{name: "in a file of its own", file: "client_id: a\nclient_secret_file: FOLDER/secret\n",
			given: `the client id is from FOLDER/withings.yaml, the secret from file "FOLDER/secret"`, corrected: "A corrected secret is used at once; after a change of the client id, reload."},
		{name: "in a file that a flag names", args: []string{"--client-id=a", "--client-secret-file=FOLDER/secret"},
			given: `the client id is from --client-id, the secret from file "FOLDER/secret"`, corrected: "A corrected secret is used at once; after a change of the client id, restart."},
		{name: "in the environment", env: map[string]string{"WITHINGS_CLIENT_ID": "a", "WITHINGS_CLIENT_SECRET": "b"},
			given: "the client id is from WITHINGS_CLIENT_ID, the secret from WITHINGS_CLIENT_SECRET", corrected: "After the correction, restart."},
		{name: "in two places", file: "client_id: a\n", env: map[string]string{"WITHINGS_CLIENT_SECRET": "b"},
			given:     "the client id is from FOLDER/withings.yaml, the secret from WITHINGS_CLIENT_SECRET",
			corrected: "After a change of the client id, reload; after one of the secret, restart."},
		{name: "handed over by systemd", file: "client_id: a\nclient_secret_file: FOLDER/secret\n", env: map[string]string{"CREDENTIALS_DIRECTORY": "FOLDER"},
			given:     "the client id is from FOLDER/withings.yaml, the secret from the file that LoadCredential=secret of the service names",
			corrected: "After a change of the client id, reload; after one of the secret, restart."},
		{name: "a token in secrets.yaml", file: beginsInflux + "token: !secret influx}\n", secrets: "influx: 'user:password'\n", token: "FOLDER/secrets.yaml", reread: true},
		{name: "a token in the file", file: beginsInflux + "token: 'user:password'}\n", token: "FOLDER/withings.yaml", reread: true},
		{name: "a token in the environment", file: beginsInflux + "}\n", env: map[string]string{"WITHINGS_INFLUX_TOKEN": "user:password"}, token: "WITHINGS_INFLUX_TOKEN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			here := func(text string) string { return strings.ReplaceAll(text, "FOLDER", dir) }
			for name, content := range map[string]string{"withings.yaml": c.file, "secrets.yaml": c.secrets, "secret": "b"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(here(content)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for name, value := range c.env {
				t.Setenv(name, here(value))
			}
			args := []string{"--config.file=" + filepath.Join(dir, "withings.yaml"), "--state.dir=" + dir}
			for _, arg := range c.args {
				args = append(args, here(arg))
			}
			var f ServingFlags
			parser, err := kong.New(&f, kong.WithBeforeResolve(func(ctx *kong.Context) error {
				_, err := new(config.Files).Read(ctx)
				return err
			}))
			if err != nil {
				t.Fatal(err)
			}
			if _, err = parser.Parse(args); err != nil {
				t.Fatal(err)
			}
			s, err := f.Settings(&Program{Now: time.Now, Err: io.Discard})
			if err != nil {
				t.Fatal(err)
			}
			if s.Given != here(c.given) || s.Corrected != c.corrected {
				t.Errorf("given: %q, corrected: %q", s.Given, s.Corrected)
			}
			if restarts := c.corrected != "" && !strings.Contains(c.corrected, "reload"); s.Restarts != restarts {
				t.Errorf("it restarts: %v, want %v", s.Restarts, restarts)
			}
			if s.Influx.TokenFrom != here(c.token) || s.Influx.TokenReread != c.reread {
				t.Errorf("the token is from %q, reread: %v", s.Influx.TokenFrom, s.Influx.TokenReread)
			}
		})
	}
}
