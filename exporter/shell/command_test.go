package shell

import (
	"os/exec"
	"strings"
	"testing"
)

// TestACommandIsSafeToPaste has a real shell take each apart again.
func TestACommandIsSafeToPaste(t *testing.T) {
	for name, want := range map[string]string{
		"Anna":        "withings-exporter auth Anna",
		"Anna Müller": "withings-exporter auth 'Anna Müller'",
		"Zoë":         "withings-exporter auth 'Zoë'",
		"O'Brien":     `withings-exporter auth 'O'\''Brien'`,
		"$(id) `id`":  "withings-exporter auth '$(id) `id`'",
		`a "b" \c!`:   `withings-exporter auth 'a "b" \c!'`,
		"-x":          "withings-exporter auth -- -x",
		"--list it":   "withings-exporter auth -- '--list it'",
		"a*; ls":      "withings-exporter auth 'a*; ls'",
		"~":           "withings-exporter auth '~'",
	} {
		got := Auth(name)
		if got != want {
			t.Errorf("for %q it is %s, want %s", name, got, want)
		}
		words, err := exec.Command("sh", "-c", `withings_exporter() { for word; do printf '%s\0' "$word"; done; }; `+
			strings.Replace(got, "withings-exporter", "withings_exporter", 1)).Output()
		if err != nil {
			t.Errorf("%s: %v", got, err)
		}
		if taken := strings.TrimPrefix(strings.TrimPrefix(string(words), "auth\x00"), "--\x00"); taken != name+"\x00" {
			t.Errorf("a shell takes %s for %q", got, taken)
		}
	}
}

func TestFlagsStayFlagsBesideAName(t *testing.T) {
	for name, want := range map[string]string{
		"Anna M": "withings-exporter auth 'Anna M' --paste --force",
		"-x":     "withings-exporter auth --paste --force -- -x",
	} {
		if got := AuthBy(name, "--paste", "--force"); got != want {
			t.Errorf("for %q it is %s, want %s", name, got, want)
		}
	}
	if got := AuthBy("Anna"); got != Auth("Anna") {
		t.Errorf("without flags it is %s", got)
	}
	if got, want := Backfill([]string{"--minutes"}, "Anna M", "-x"), "withings-exporter backfill --minutes -- 'Anna M' -x"; got != want {
		t.Errorf("of several it is %s, want %s", got, want)
	}
}

func TestCommandsAreThoseOfTheServiceWhereThatRuns(t *testing.T) {
	for got, want := range map[string]string{
		Start():              "withings-exporter serve",
		Restart():            "restart serve",
		Reauth("Anna"):       "withings-exporter auth Anna --force",
		Run("auth --list"):   "run: withings-exporter auth --list",
		Delete("/x/+ben.*"):  "rm /x/+ben.*",
		Delete("/a b/%c3.*"): "rm '/a b/%c3'.*",
	} {
		if got != want || IsService() || IsUnit() {
			t.Errorf("without a service it is %s, want %s", got, want)
		}
	}
	t.Setenv("EXPORTER_PROGRAM", "sudo withings-exporter-service")
	for got, want := range map[string]string{
		Auth("Anna M"):          "sudo withings-exporter-service auth 'Anna M' --paste", // a server has no browser
		Auth("-x"):              "sudo withings-exporter-service auth --paste -- -x",
		Reauth("Anna"):          "sudo withings-exporter-service auth Anna --paste --force",
		AuthBy("Ben", "--demo"): "sudo withings-exporter-service auth Ben --demo",
		Start():                 "sudo systemctl enable --now withings-exporter",
		Restart():               "run: sudo systemctl restart withings-exporter",
		Delete("/x/+ben.*"):     "sudo sh -c 'rm /x/+ben.*'",
		Delete("/a b/it.*"):     `sudo sh -c 'rm '\''/a b/it'\''.*'`,
		Run("auth --list"):      "run: sudo withings-exporter-service auth --list",
	} {
		if got != want || !IsService() {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	by := map[string]bool{}
	for _, socket := range []string{"", "/run/systemd/notify"} {
		t.Setenv("NOTIFY_SOCKET", socket)
		by[socket] = IsUnit()
	}
	if by[""] || !by["/run/systemd/notify"] {
		t.Errorf("whether systemd has started it: %v", by)
	}
}

func TestNothingIsAWordToo(t *testing.T) {
	if got := Quote(""); got != "''" {
		t.Errorf("an empty word is %s", got)
	}
}

func TestACommandWithoutTheServiceIsSaidAsOneOfIt(t *testing.T) {
	for want, c := range map[string]struct {
		file      string
		arguments string
	}{
		"sudo withings-exporter-service check":                          {"", "check"},
		"sudo withings-exporter-service auth --list":                    {"/etc/withings-exporter/withings.yaml", "auth --list"},
		"sudo withings-exporter-service auth Anna --paste":              {"", "auth Anna --client-secret hunter2"}, // a server has no browser
		"sudo withings-exporter-service auth --revoke Anna":             {"", "auth --client-secret=hunter2 --revoke Anna"},
		"sudo withings-exporter-service auth Anna --force --no-browser": {"", "auth Anna --force --no-browser"},
		"sudo withings-exporter-service auth Anna '--listen=:1'":        {"", "auth Anna --listen=:1"},
		"sudo withings-exporter-service check --bundle x.zip":           {"", "check --config.file /etc/withings-exporter/withings.yaml --bundle x.zip --influx.token hunter2"},
		"sudo withings-exporter-service notify 'a*'":                    {"", "notify a*"},
		"sudo withings-exporter-service notify --clear Anna":            {"", "notify --clear Anna"},
		"sudo systemctl enable --now withings-exporter":                 {"", "serve --web.max-requests 3"},
	} {
		if got := asService(true, c.file, strings.Fields(c.arguments)); got != want {
			t.Errorf("for %q it is %s, want %s", c.arguments, got, want)
		}
	}
	if got := asService(false, "", []string{"check"}) + asService(true, "/home/anna/withings.yaml", []string{"check"}); got != "" {
		t.Errorf("of a machine without the service, or with a file of one's own, it is %s", got)
	}
	t.Setenv("EXPORTER_PROGRAM", "sudo withings-exporter-service")
	if got := asService(true, "", []string{"check"}); got != "" {
		t.Errorf("of the service it is %s", got)
	}
}

func TestWhoMayNotUseWhatIsTheServicesIsLedToIt(t *testing.T) {
	const begin = "only root and the service may use "
	for path, want := range map[string]string{
		"/etc/withings-exporter/withings.yaml":       begin + "/etc/withings-exporter: run: sudo withings-exporter-service check",
		"/etc/withings-exporter/client-secret":       begin + "/etc/withings-exporter: run: sudo withings-exporter-service check",
		"/var/lib/withings-exporter":                 begin + "/var/lib/withings-exporter: run: sudo withings-exporter-service check",
		"/var/lib/withings-exporter/+ben.token.json": begin + "/var/lib/withings-exporter: run: sudo withings-exporter-service check",
		"/etc/withings-exporter.yaml":                "",
		"/home/anna/withings.yaml":                   "",
	} {
		arguments := strings.Fields("check --config.file " + path + " --state.dir=/var/lib/withings-exporter")
		if got := onlyOfService(true, path, arguments); got != want {
			t.Errorf("of %s it says %q, want %q", path, got, want)
		}
		if got := onlyOfService(false, path, arguments); got != "" {
			t.Errorf("without a service, of %s it says %q", path, got)
		}
	}
	t.Setenv("EXPORTER_PROGRAM", "sudo withings-exporter-service")
	if got := onlyOfService(true, serviceState, []string{"check"}); got != "" {
		t.Errorf("the service itself is told %q", got)
	}
}

func TestWhatTheServiceCannotDoIsSaidAsACommandOfRoot(t *testing.T) {
	for want, c := range map[string]struct {
		file      string
		arguments string
	}{
		"sudo withings-exporter dashboards --dir /srv/x":                                               {"", "dashboards --dir boards"},
		"sudo withings-exporter dashboards '--units=uk' --config.file /etc/we/w.yaml --dir /srv/x":     {"/etc/we/w.yaml", "dashboards --dir=boards --units=uk"},
		"sudo withings-exporter dashboards --influx.url http://db --config.file '/e t/w' --dir /srv/x": {"/e t/w", "dashboards --config.file w --influx.token hunter2 --influx.url http://db"},
		"sudo withings-exporter dashboards --influx.token-file /t --config.file /etc/w --dir /srv/x":   {"/etc/w", "dashboards --influx.token=hunter2 --influx.token-file /t"},
	} {
		if got := ByRoot(c.file, strings.Fields(c.arguments), "--dir", "/srv/x"); got != want {
			t.Errorf("for %q it is\n%s, want\n%s", c.arguments, got, want)
		}
	}
}
