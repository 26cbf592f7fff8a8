package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"withings-exporter/exporter/testrun"
)

// TestTheScriptHandsOnSecretsAsSystemdDoes runs it where everything of the system is in a folder.
func TestTheScriptHandsOnSecretsAsSystemdDoes(t *testing.T) {
	testrun.Unix.Of(t)
	text, err := os.ReadFile("withings-exporter-service")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, secret, unit, defaults, want string }{
		{"a secret", "s3cret\n", "", "", "EXPORTER_FROM_WITHINGS_CLIENT_SECRET=DIR/etc/client-secret WITHINGS_CLIENT_SECRET=s3cret"},
		{"a blank one, which messages can name", " \n\n", "", "", "EXPORTER_FROM_WITHINGS_CLIENT_SECRET=DIR/etc/client-secret"},
		{"a file of the administrator", "s3cret\n", "", "WITHINGS_CLIENT_SECRET_FILE=/else", "WITHINGS_CLIENT_SECRET_FILE=/else"},
		{"a variable of the administrator", "s3cret\n", "", "WITHINGS_CLIENT_SECRET=other", "WITHINGS_CLIENT_SECRET=other"},
		{"a token that the unit loads", "", "LoadCredential=influx-token:DIR/etc/token", "",
			"EXPORTER_FROM_WITHINGS_CLIENT_SECRET=DIR/etc/client-secret EXPORTER_FROM_WITHINGS_INFLUX_TOKEN=DIR/etc/token WITHINGS_INFLUX_TOKEN=t0ken"},
		{"a token of the administrator", "", "LoadCredential=influx-token:DIR/etc/token", "WITHINGS_INFLUX_TOKEN_FILE=/else",
			"EXPORTER_FROM_WITHINGS_CLIENT_SECRET=DIR/etc/client-secret WITHINGS_INFLUX_TOKEN_FILE=/else"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			here := strings.NewReplacer("/etc/default/$user", dir+"/defaults", "/etc/withings-exporter", dir+"/etc",
				"/var/lib/withings-exporter", dir, "/usr/bin/withings-exporter", "/usr/bin/env").Replace(string(text))
			for name, content := range map[string]string{
				"script": here, "defaults": c.defaults, "etc/client-secret": c.secret, "etc/token": "t0ken\n",
				"bin/id":        "#!/bin/sh\necho 0\n",
				"bin/systemctl": "#!/bin/sh\necho '" + strings.ReplaceAll(c.unit, "DIR", dir) + "'\n",
				"bin/setpriv":   "#!/bin/sh\nenv\n",
			} {
				path := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			command := exec.Command("/bin/sh", filepath.Join(dir, "script"), "check")
			command.Env = []string{"PATH=" + dir + "/bin:" + os.Getenv("PATH")}
			out, err := command.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			got := map[string]bool{}
			for line := range strings.Lines(string(out)) {
				if strings.Contains(line, "_SECRET") || strings.Contains(line, "_TOKEN") {
					got[strings.TrimSpace(line)] = true
				}
			}
			want := strings.Fields(strings.ReplaceAll(c.want, "DIR", dir))
			for _, line := range want {
				if !got[line] {
					t.Errorf("it does not hand on %s:\n%s", line, out)
				}
			}
			if len(got) != len(want) {
				t.Errorf("it hands on %v, want %v", got, want)
			}
		})
	}
}
