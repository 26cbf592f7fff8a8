package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNamesOfFilesInTheFileAreRelativeToIt(t *testing.T) {
	work := t.TempDir()
	t.Chdir(work)
	if err := os.Mkdir("conf", 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("conf", "withings.yaml")
	beside := func(name string) string { return filepath.Join(work, "conf", name) }
	cases := []struct{ name, yaml, secret, web, state, to string }{
		{"plain", "client_secret_file: s\nweb.config.file: w.yml\nstate: {dir: state}\nto: openmetrics=x.om\n", beside("s"), beside("w.yml"), beside("state"), "openmetrics=" + beside("x.om")},
		{"above and below", "client_secret_file: ../s\nweb.config.file: ./a/w.yml\nstate.dir: .\n", filepath.Join(work, "s"), beside("a/w.yml"), beside(""), ""},
		{"absolute", "client_secret_file: /s\nweb.config.file: /w.yml\nstate.dir: /state\nto: openmetrics=/x.om\n", "/s", "/w.yml", "/state", "openmetrics=/x.om"},
		{"not files", "client_secret_file: ''\nclient_id: s\nto: openmetrics=http://host/api\n", "", "", "", "openmetrics=http://host/api"},
		{"standard output", "to: openmetrics\nstate.dir: '-'\n", "", "", "-", "openmetrics"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			put(t, file, c.yaml, 0o600)
			g, err := run(t, file)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{g.ClientSecretFile, g.WebConfig, g.StateDir, g.To}
			want := []string{c.secret, strings.TrimSuffix(c.web, "/"), strings.TrimSuffix(c.state, "/"), c.to}
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("got %q, want %q", got[i], want[i])
				}
			}
			if g.ClientID == beside("s") {
				t.Errorf("got the client id %q: it is not a file", g.ClientID)
			}
		})
	}
}

func TestNamesOfFilesElsewhereStayRelativeToTheWorkingDirectory(t *testing.T) {
	path := write(t, "client_secret_file: file\nstate.dir: file\n")
	t.Setenv("WITHINGS_CLIENT_SECRET_FILE", "s")
	g, err := run(t, path, "--state.dir=state")
	if err != nil || g.ClientSecretFile != "s" || g.StateDir != "state" {
		t.Errorf("got %q and %q, %v, want them as they were given", g.ClientSecretFile, g.StateDir, err)
	}
}
