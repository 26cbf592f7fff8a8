package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"withings-exporter/exporter/config"
	"withings-exporter/exporter/testrun"
)

func TestSecretTagsAreLookedUpBesideTheFile(t *testing.T) {
	const file = "withings:\n  client_id: !secret id\n  client_secret: !secret withings\n  profiles: [!secret me, Ben]\n"
	cases := []struct{ name, secrets, want string }{
		{"found", "id: abc\nwithings: hunter2\nme: Anna\nother: 1\n", ""},
		{"found beside one that is nearly called so", "id: abc\nwithings: hunter2\nme: Anna\nwifi-pw: 1\nwifi_pw: 2\n", ""},
		{"found beside one that is called as a key of Home Assistant", "sensor: 1\nid: abc\nwithings: hunter2\nme: Anna\n", ""},
		{"no file", "", `withings.yaml:2: key "client_id" refers to !secret id, but secrets.yaml does not exist; create it with the line "id: …", or give the value here`},
		{"not in it", "id: abc\n", `withings.yaml:3: key "client_secret" refers to !secret withings, which is not in secrets.yaml; add it there, or fix the name`},
		{"no value", "id: abc\nwithings:\n", `secrets.yaml:2: key "withings" has no value; give it one`},
		{"not text", "id: abc\nwithings: [hunter2]\n", `secrets.yaml:2: key "withings" is not a single value; write one value, in quotes if it holds special characters`},
		{"double", "id: abc\nid: abd\n", `secrets.yaml:2: key "id" is already set on line 1; keep one of the two`},
		{"bad YAML", "id: abc\nwithings: *hunter2\n", `secrets.yaml:2: a value that begins with a star refers to an anchor that does not exist; put the value in quotes if the star is part of it`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, file)
			if c.secrets != "" {
				put(t, filepath.Join(filepath.Dir(path), "secrets.yaml"), c.secrets, 0o600)
			}
			g, err := run(t, path)
			if got := text(err, path); got != c.want {
				t.Fatalf("\n got %s\nwant %s", got, c.want)
			}
			if err == nil && (g.ClientID != "abc" || g.ClientSecret != "hunter2" || !reflect.DeepEqual(g.Profiles, []string{"Anna", "Ben"})) {
				t.Errorf("got %q, %q and %q", g.ClientID, g.ClientSecret, g.Profiles)
			}
		})
	}
}

func TestTheNameBehindASecretTagIsNotShownIfItMayBeTheSecret(t *testing.T) {
	const secret = "0f8a4e7b9c1d2e3f405162738495a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d"
	for _, other := range []string{"", "id: abc\n"} {
		path := write(t, "client_secret: !secret "+secret+"\n")
		if other != "" {
			put(t, filepath.Join(filepath.Dir(path), "secrets.yaml"), other, 0o600)
		}
		if _, err := run(t, path); err == nil || strings.Contains(err.Error(), secret[:shown]) || !strings.Contains(err.Error(), "refers to !secret …") {
			t.Errorf("got %v", err)
		}
	}
}

// shown is how much of a secret would be too much in a message.
const shown = 8

func TestAReadableFileHoldingSecretsIsWarnedAbout(t *testing.T) {
	testrun.Unix.Of(t)
	cases := []struct {
		name, file string
		mode       os.FileMode
		want       []string
	}{
		{"owner only", "client_secret: hunter2\n", 0o600, nil},
		{"no secret inside", "client_id: a\nclient_secret_file: f\n", 0o644, nil},
		{"group", "client_secret: hunter2\n", 0o640, []string{"withings.yaml holds client_secret and can be read by other users (mode 0640): run chmod 600 withings.yaml"}},
		{"others in the block", "withings:\n  client_secret: hunter2\n", 0o604, []string{"withings.yaml holds client_secret and can be read by other users (mode 0604): run chmod 600 withings.yaml"}},
		{"another secret", "influx: {token: hunter2}\n", 0o644, []string{"withings.yaml holds influx.token and can be read by other users (mode 0644): run chmod 600 withings.yaml"}},
		{"a password in an address", "influx:\n  url: http://u:hunter2@127.0.0.1:8086\n", 0o644, []string{"withings.yaml holds the password of influx.url and can be read by other users (mode 0644): run chmod 600 withings.yaml"}},
		{"a user in an address", "influx:\n  url: http://u@127.0.0.1:8086\n", 0o644, nil},
		{"an address without one", "influx: {url: http://127.0.0.1:8086/u@v}\n", 0o644, nil},
		{"secrets.yaml", "client_secret: !secret s\n", 0o644, []string{"secrets.yaml holds secrets and can be read by other users (mode 0644): run chmod 600 secrets.yaml"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "withings.yaml")
			put(t, path, c.file, c.mode)
			put(t, filepath.Join(dir, "secrets.yaml"), "s: hunter2\n", c.mode)
			ofSomeGroup(t, path)
			f, err := config.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range f.Warnings() {
				got = append(got, strings.ReplaceAll(w, dir+"/", ""))
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// ofSomeGroup gives a file of root's to another group than root's. Files of others have one already.
func ofSomeGroup(t *testing.T, path string) {
	t.Helper()
	if os.Geteuid() == 0 {
		if err := os.Chown(path, 0, 12345); err != nil {
			t.Fatal(err)
		}
	}
}

func TestASecretThatItsMakerGaveAwayIsNotWarnedAbout(t *testing.T) {
	testrun.Unix.Of(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "it's secret")
	put(t, path, "hunter2", 0o644)
	want := path + " holds the secret and can be read by other users (mode 0644): run chmod 600 '" + dir + `/it'\''s secret'`
	if got := config.Exposed(path, "the secret"); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	for name, value := range map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1", "CREDENTIALS_DIRECTORY": dir} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			if got := config.Exposed(path, "the secret"); got != "" {
				t.Errorf("got %s, want nothing", got)
			}
		})
	}
	for name, file := range map[string]string{"not there": path + "x", "a folder": dir, "a device": "/dev/null"} {
		if got := config.Exposed(file, "the secret"); got != "" {
			t.Errorf("%s: got %s, want nothing", name, got)
		}
	}
	if os.Geteuid() == 0 { // only root can give files away
		put(t, path, "hunter2", 0o640)
		for name, ids := range map[string][2]int{"of root's group": {0, 0}, "of root in a group": {1, 12345}} {
			if err := os.Chown(path, ids[0], ids[1]); err != nil {
				t.Fatal(err)
			}
			if got := config.Exposed(path, "the secret"); got != "" {
				t.Errorf("%s: got %s, want nothing", name, got)
			}
		}
	}
}
