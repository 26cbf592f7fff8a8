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
			out := runScript(t, dir, c.secret, c.unit, c.defaults)
			got := map[string]bool{}
			for line := range strings.Lines(out) {
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

// runScript runs it with a command of its own instead of the program, env, and returns what that prints.
func runScript(t *testing.T, dir, secret, unit, defaults string) string {
	t.Helper()
	testrun.Unix.Of(t)
	text, err := os.ReadFile("withings-exporter-service")
	if err != nil {
		t.Fatal(err)
	}
	here := strings.NewReplacer("/etc/default/$user", dir+"/defaults", "/etc/withings-exporter", dir+"/etc",
		"/var/lib/withings-exporter", dir, "/usr/bin/withings-exporter", "/usr/bin/env").Replace(string(text))
	for name, content := range map[string]string{
		"script": here, "defaults": defaults, "etc/client-secret": secret, "etc/token": "t0ken\n",
		"bin/id":        "#!/bin/sh\necho 0\n",
		"bin/systemctl": "#!/bin/sh\necho '" + strings.ReplaceAll(unit, "DIR", dir) + "'\n",
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
	return string(out)
}

// TestTheScriptReadsVariablesAsSystemdDoes and runs nothing of them, since it is root that would.
func TestTheScriptReadsVariablesAsSystemdDoes(t *testing.T) {
	for line, want := range map[string]string{
		"A=Anna, Ben":              "A=Anna, Ben",
		"A=Anna; touch DIR/run":    "A=Anna; touch DIR/run",
		"A=$(touch DIR/run) $HOME": "A=$(touch DIR/run) $HOME",
		"A=`touch DIR/run`":        "A=`touch DIR/run`",
		"touch DIR/run":            "",
		"# A=1":                    "",
		"  ; A=1":                  "",
		"A = 1 \t":                 "A=1",
		"A=":                       "A=",
		"A=1 # 2":                  "A=1 # 2",
		`A="1 # 2" `:               "A=1 # 2",
		`A='$1 "2" \'`:             `A=$1 "2" \`,
		`A="\"1\" \$2 \n"`:         `A="1" $2 \n`,
		`A=1"2"`:                   `A=1"2"`,
		`A="1"'2' 3`:               "A=123",
		`A=it\'s\ `:                "A=it's ",
		"A=1 \\\n  2":              "A=1   2",
		"A=\"1\n2\"":               "A=1\n2",
		"# 1 \\\nA=2":              "A=2",
		"A=1\r":                    "A=1",
		"export A=1":               "",
		"=1":                       "",
		"etc=/else\nA=1":           "A=1",
		"A=1\nA=2":                 "A=2",
	} {
		for _, end := range []string{"\n", "\nLAST=1\n", ""} {
			dir := t.TempDir()
			here := strings.NewReplacer("DIR", dir)
			out := "\n" + runScript(t, dir, "", "", here.Replace(line)+end)
			if want := here.Replace(want); want == "" && strings.Contains(out, "\nA=") || want != "" && !strings.Contains(out, "\n"+want+"\n") {
				t.Errorf("%q: it does not hand on %q:%s", line, want, out)
			}
			if own := "_SECRET=" + dir + "/etc/client-secret\n"; !strings.Contains(out, own) {
				t.Errorf("%q: it has changed what is the script's own:%s", line, out)
			}
			if strings.Contains(end, "LAST") && !strings.Contains(out, "\nLAST=1\n") {
				t.Errorf("%q: it does not read what follows:%s", line, out)
			}
			if _, err := os.Stat(filepath.Join(dir, "run")); err == nil {
				t.Errorf("%q: it has run a part of a value", line)
			}
		}
	}
}
