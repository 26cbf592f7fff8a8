package config_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/config"
)

func TestAValueComesFromFlagThenEnvironmentThenFileThenDefault(t *testing.T) {
	const file = `
client_id: from-file
profiles: [Anna Müller, File]
poll_interval: 3m
include_ambiguous: true
dry_run: yes
`
	env := map[string]string{
		"WITHINGS_CLIENT_ID":         "from-env",
		"WITHINGS_PROFILES":          "Env,Zwei",
		"WITHINGS_POLL_INTERVAL":     "2m",
		"WITHINGS_INCLUDE_AMBIGUOUS": "false",
		"WITHINGS_DRY_RUN":           "false",
	}
	flags := []string{"backfill", "--client-id=from-flag", "--profiles=Flag", "--poll-interval=1m", "--include-ambiguous", "--dry-run"}
	cases := []struct {
		name     string
		file     string
		env      map[string]string
		args     []string
		id       string
		profiles []string
		interval time.Duration
		bools    bool
	}{
		{"flag over all", file, env, flags, "from-flag", []string{"Flag"}, time.Minute, true},
		{"environment over file", file, env, flags[:1], "from-env", []string{"Env", "Zwei"}, 2 * time.Minute, false},
		{"file over default", file, nil, flags[:1], "from-file", []string{"Anna Müller", "File"}, 3 * time.Minute, true},
		{"default", "", nil, flags[:1], "none", []string{"Default"}, 5 * time.Minute, false},
		{"an empty file changes no default", "# nothing\n", nil, flags[:1], "none", []string{"Default"}, 5 * time.Minute, false},
		{"environment without file", "", env, flags[:1], "from-env", []string{"Env", "Zwei"}, 2 * time.Minute, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			path := ""
			if c.file != "" {
				path = write(t, c.file)
			}
			g, err := run(t, path, c.args...)
			if err != nil {
				t.Fatal(err)
			}
			if g.ClientID != c.id {
				t.Errorf("client-id: got %q, want %q", g.ClientID, c.id)
			}
			if !reflect.DeepEqual(g.Profiles, c.profiles) {
				t.Errorf("profiles: got %q, want %q", g.Profiles, c.profiles)
			}
			if g.PollInterval != c.interval {
				t.Errorf("poll-interval: got %v, want %v", g.PollInterval, c.interval)
			}
			if g.Ambiguous != c.bools || g.Backfill.DryRun != c.bools {
				t.Errorf("bools: got %v and %v, want %v", g.Ambiguous, g.Backfill.DryRun, c.bools)
			}
		})
	}
}

func TestAnEmptyEnvironmentVariableCountsAsSet(t *testing.T) {
	t.Setenv("WITHINGS_INFLUX_URL", "")
	g, err := run(t, write(t, "influx.url: http://file:8086\n"))
	if err != nil {
		t.Fatal(err)
	}
	if g.InfluxURL != "" {
		t.Errorf("got %q, want the empty value of the environment", g.InfluxURL)
	}
}

func TestKeysMayBeNestedOrFlatWithDashesOrUnderscores(t *testing.T) {
	for name, file := range map[string]string{
		"flat":               "influx.token-file: /t\nweb.config.file: /w\n",
		"flat underscores":   "influx.token_file: /t\nweb.config.file: /w\n",
		"nested":             "influx:\n  token-file: /t\nweb:\n  config:\n    file: /w\n",
		"nested underscores": "influx: {token_file: /t}\nweb: {config: {file: /w}}\n",
		"half and half":      "influx.token_file: /t\nweb:\n  config.file: /w\n",
		"given twice alike":  "influx: {token_file: /t}\ninflux.token-file: /t\nweb.config.file: /w\n",
		"empty group beside": "influx.token_file: /t\nweb.config.file: /w\ninflux:\nlog:\n",
		"merged":             "influx: &i {token_file: /t}\nweb: {config: {<<: {file: /w}}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			g, err := run(t, write(t, file))
			if err != nil {
				t.Fatal(err)
			}
			if g.InfluxTokenFile != "/t" || g.WebConfig != "/w" {
				t.Errorf("got %q and %q, want /t and /w", g.InfluxTokenFile, g.WebConfig)
			}
		})
	}
}

func TestTheHomeAssistantBlockIsTakenAsItStands(t *testing.T) {
	const want = `CLIENT_ID CONSUMER_SECRET [USER_PROFILE_NAME]`
	block := "withings:\n  client_id: CLIENT_ID\n  client_secret: CONSUMER_SECRET\n  profiles:\n    - USER_PROFILE_NAME\n"
	for name, file := range map[string]string{
		"alone":                    block,
		"beside our keys":          block + "poll_interval: 5m\ninflux:\n  url: http://localhost:8086\n",
		"after our keys":           "poll_interval: 5m\n" + block,
		"with the same again":      "client-id: CLIENT_ID\nprofiles: USER_PROFILE_NAME\n" + block,
		"on Windows":               strings.ReplaceAll(block, "\n", "\r\n"),
		"with a byte order mark":   "\ufeff" + block,
		"with our keys and dashes": strings.ReplaceAll(block, "_id:", "-id:"),
	} {
		t.Run(name, func(t *testing.T) {
			g, err := run(t, write(t, file))
			if err != nil {
				t.Fatal(err)
			}
			if got := g.ClientID + " " + g.ClientSecret + " [" + strings.Join(g.Profiles, "|") + "]"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestProfilesSurviveAsWritten(t *testing.T) {
	cases := []struct {
		name, file string
		want       []string
	}{
		{"list", "profiles: [Anna Müller, Mum]", []string{"Anna Müller", "Mum"}},
		{"comma text", "profiles: Anna Müller,Mum", []string{"Anna Müller", "Mum"}},
		{"one", "profiles: Anna Müller", []string{"Anna Müller"}},
		{"looks like another type", "profiles: [007, yes, 1e3, 2024-01-01]", []string{"007", "yes", "1e3", "2024-01-01"}},
		{"odd characters", `profiles: ["O'Brien \\ Söhne", "李雷 👩", "<b>&amp;"]`, []string{`O'Brien \ Söhne`, "李雷 👩", "<b>&amp;"}},
		{"map", "profiles: {Anna Müller: , Mum: {}}", []string{"Anna Müller", "Mum"}},
		{"map of Home Assistant", "withings:\n  profiles:\n    Anna:\n    Mum:\n", []string{"Anna", "Mum"}},
		{"map of names that would be one setting", "profiles:\n  <<: {Anna-Maria: , Ben: }\n  Anna_Maria:\n  ANNA-MARIA B:\n", []string{"Anna_Maria", "ANNA-MARIA B", "Anna-Maria", "Ben"}},
		{"map with a merged name in another spelling", "profiles:\n  <<: {Zoe\u0308: , Ben: }\n  Zo\u00eb:\n", []string{"Zo\u00eb", "Ben"}},
		{"map of merged maps", "profiles:\n  Anna:\n  <<: [{Ben: , Anna: }, {Carla: , Ben: }]\n", []string{"Anna", "Ben", "Carla"}},
		{"two places, two spellings", "profiles: Zoe\u0308\nwithings:\n  profiles: [Zo\u00eb]", []string{"Zoe\u0308"}},
		{"anchor", "profiles: &p [Anna]\nwithings:\n  profiles: *p", []string{"Anna"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g, err := run(t, write(t, c.file))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(g.Profiles, c.want) {
				t.Errorf("got %q, want %q", g.Profiles, c.want)
			}
		})
	}
}

func TestOfMergedMapsAnEarlierOneCountsMore(t *testing.T) {
	g, err := run(t, write(t, "influx:\n  <<: [{url: http://a}, {url: http://b, token: x}, {token: y, token_file: /t}]\n  token: z\n"), "serve")
	if err != nil {
		t.Fatal(err)
	}
	if g.InfluxURL != "http://a" || g.InfluxToken != "z" || g.InfluxTokenFile != "/t" {
		t.Errorf("got %q, %q and %q", g.InfluxURL, g.InfluxToken, g.InfluxTokenFile)
	}
}

func TestValuesReadAsOnTheCommandLine(t *testing.T) {
	g, err := run(t, write(t, "client_id: 00123\napi: {rate_limit: 60}\npauses: [1s, 2m]\ninclude_ambiguous: on\nlog.level: warn\nservices: [sleep]\ninflux.url:\n"), "serve")
	if err != nil {
		t.Fatal(err)
	}
	if g.ClientID != "00123" || g.RateLimit != 60 || !g.Ambiguous || g.LogLevel != "warn" || len(g.Pauses) != 2 || g.Services[0] != "sleep" || g.Pauses[1] != 2*time.Minute {
		t.Errorf("got %+v", g)
	}
}

func TestKeysOfOtherCommandsAreKnownAndTheirValuesLeftAlone(t *testing.T) {
	if _, err := run(t, write(t, "since: 2024-01-01\ndry_run: perhaps\n"), "serve"); err != nil {
		t.Errorf("serve: got %v, want no error", err)
	}
	g, err := run(t, write(t, "since: 2024-01-01\n"), "backfill", "Anna")
	if err != nil || g.Backfill.Since != "2024-01-01" {
		t.Errorf("backfill: got %q and %v", g.Backfill.Since, err)
	}
}

// TestWhatIsWrongIsSaidInPublicWithoutAWordOfTheFile: any of them may be a secret.
func TestWhatIsWrongIsSaidInPublicWithoutAWordOfTheFile(t *testing.T) {
	for file, want := range map[string]string{
		"\npofiles: [hunter2]\n":                  "withings.yaml:2 has an unknown key; did you mean profiles?",
		"hunter2: x\n":                            "withings.yaml:1 has an unknown key",
		"scrape_interval: 5m\n":                   "withings.yaml:1 has an unknown key",
		"poll_interval: hunter2\n":                "withings.yaml:1 is wrong",
		"client_id: abc\nclient_id: hunter2\n":    "withings.yaml:2 is wrong",
		"client_id: abc\n client_secret: hunter2": "withings.yaml:2 is wrong",
	} {
		path := write(t, file)
		_, err := run(t, path)
		wrong, ok := errors.AsType[*config.Error](err)
		if !ok {
			t.Errorf("%q: got %v", file, err)
			continue
		}
		if got := strings.ReplaceAll(wrong.Public(), path, "withings.yaml"); got != want {
			t.Errorf("%q: got %q, want %q", file, got, want)
		}
	}
}

func TestUnusableKeysAndValuesAreNamedWithLineAndFix(t *testing.T) {
	cases := []struct{ name, file, want string }{
		{"typo", "profiles: [a]\n\n\nclient_secrte: x\n", `withings.yaml:4: unknown key "client_secrte"; did you mean client_secret?`},
		{"typo with dashes", "client-secrte: x\n", `withings.yaml:1: unknown key "client-secrte"; did you mean client-secret?`},
		{"neither dash nor underscore", "clientid: x\n", `withings.yaml:1: unknown key "clientid"; did you mean client-id?`},
		{"the same below a group", "influx: {tokenfile: x}\n", `withings.yaml:1: unknown key "influx.tokenfile"; did you mean influx.token-file?`},
		{"typo in the block", "withings:\n  clientid: x\n", `withings.yaml:2: unknown key "clientid"; did you mean client_id?`},
		{"typo below a group", "influx:\n  ulr: x\n", `withings.yaml:2: unknown key "influx.ulr"; did you mean influx.url?`},
		{"the database of Home Assistant", "influxdb:\n  host: x\n", `withings.yaml:1: unknown key "influxdb"; in the group influx, give url (http://HOST:PORT), org (the organization), bucket (DATABASE/autogen for InfluxDB 1.8) and token (USERNAME:PASSWORD for InfluxDB 1.8); leave out what else Home Assistant has there`},
		{"its keys in ours", "influx:\n  api_version: 2\n", `withings.yaml:2: unknown key "influx.api_version"; in the group influx, give url (http://HOST:PORT), org (the organization), bucket (DATABASE/autogen for InfluxDB 1.8) and token (USERNAME:PASSWORD for InfluxDB 1.8); leave out what else Home Assistant has there`},
		{"typo in a group", "inflx:\n  url: x\n", `withings.yaml:1: unknown key "inflx"; did you mean influx?`},
		{"typo of the block", "withigs:\n  client_id: x\n", `withings.yaml:1: unknown key "withigs"; did you mean withings?`},
		{"the block in capitals", "Withings: {client_id: x}\n", `withings.yaml:1: unknown key "Withings"; did you mean withings?`},
		{"the whole of Home Assistant", "sensor: []\nwithings: {client_id: x}\n", `withings.yaml:1: key "sensor" belongs to Home Assistant; copy the block "withings:" alone into a file of its own`},
		{"the block as a list", "withings:\n  - client_id: x\n", `withings.yaml:1: key "withings" is not a map; write client_id, client_secret and profiles below it, indented`},
		{"the block in itself", "withings:\n  withings:\n    client_id: x\n", `withings.yaml:2: unknown key "withings"; remove it: the block "withings" has only client_id, client_secret, profiles`},
		{"typo at the third level", "web:\n  config:\n    fiel: x\n", `withings.yaml:3: unknown key "web.config.fiel"; did you mean web.config.file?`},
		{"typo at the second of three", "web:\n  confg:\n    file: x\n", `withings.yaml:2: unknown key "web.confg"; did you mean web.config?`},
		{"nothing near in a small group", "log:\n  colour: x\n", `withings.yaml:2: unknown key "log.colour"; remove it, or choose from log.level`},
		{"indented too far", "influx:\n  url: x\n  poll_interval: 5m\n", `withings.yaml:3: unknown key "influx.poll_interval"; move it out of the group "influx", to the left margin`},
		{"a group indented too far", "influx:\n  url: x\n  log:\n    level: warn\n", `withings.yaml:3: unknown key "influx.log"; move it out of the group "influx", to the left margin`},
		{"without its group", "level: warn\n", `withings.yaml:1: unknown key "level"; did you mean log.level?`},
		{"in the wrong group", "influx: {level: warn}\n", `withings.yaml:1: unknown key "influx.level"; did you mean log.level?`},
		{"a habit", "scrape_interval: 5m\n", `withings.yaml:1: unknown key "scrape_interval"; did you mean poll_interval: 5m?`},
		{"a habit without its value", "people: [Anna]\n", `withings.yaml:1: unknown key "people"; did you mean profiles?`},
		{"four letters of which two differ", "apes: x\n", `withings.yaml:1: unknown key "apes"; remove it, or see withings-exporter serve --help-all for the names of settings`},
		{"letters swapped", "ot: x\n", `withings.yaml:1: unknown key "ot"; did you mean to?`},
		{"a group inside the block", "withings:\n  influx:\n    url: x\n", `withings.yaml:2: unknown key "influx"; move it out of the block "withings", to the left margin`},
		{"typo of ours inside the block", "withings:\n  inflx:\n    url: x\n", `withings.yaml:2: unknown key "inflx"; did you mean influx? It belongs outside the block "withings", at the left margin`},
		{"typo without value", "timezoen:\n", `withings.yaml:1: unknown key "timezoen"; remove it, or see withings-exporter serve --help-all for the names of settings`},
		{"nothing near", "colour: x\n", `withings.yaml:1: unknown key "colour"; remove it, or see withings-exporter serve --help-all for the names of settings`},
		{"a secret in place of a key", "0f8a4e7b9c1d2e3f405162738495a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d: client-secret\n",
			`withings.yaml:1: unknown key "…"; it is not shown, since it may be a secret: write the name of a setting, a colon, a space and the value`},
		{"a secret below a group", "influx:\n  kX8vQ2mZp-Lr0_TyUw3E: token\n",
			`withings.yaml:2: unknown key "influx.…"; it is not shown, since it may be a secret: write the name of a setting, a colon, a space and the value`},
		{"a long known name mistyped", "web.disable-exporter-metrcs-of-2: x\n", `withings.yaml:1: unknown key "web.disable-exporter-metrcs-of-2"; remove it, or choose from web.config.file, web.config`},
		{"a secret without a colon", "? client_secret hunter2\n: x\n", `withings.yaml:1: unknown key "client_secret…"; write a colon and a space between the name and the value`},
		{"capitals", "Client_ID: x\n", `withings.yaml:1: unknown key "Client_ID"; did you mean client_id?`},
		{"ours inside the block", "withings:\n  poll_interval: 5m\n", `withings.yaml:2: unknown key "poll_interval"; move it out of the block "withings", to the left margin`},
		{"missing space after colon", "{client_secret:hunter2}\n", `withings.yaml:1: unknown key "client_secret…"; write a colon and a space between the name and the value`},
		{"help is not a setting", "help: true\n", `withings.yaml:1: unknown key "help"; remove it, or see withings-exporter serve --help-all for the names of settings`},
		{"nor is the whole help", "help-all: true\n", `withings.yaml:1: unknown key "help-all"; remove it, or see withings-exporter serve --help-all for the names of settings`},
		{"version is not a setting", "version: true\n", `withings.yaml:1: unknown key "version"; remove it, or see withings-exporter serve --help-all for the names of settings`},
		{"list for text", "client_id: [a]\n", `withings.yaml:1: key "client_id" is a list, but takes a single value; write the value on the same line`},
		{"map for a list", "services:\n  body:\n", `withings.yaml:1: key "services" is a map, but takes a list; write the values on the same line in brackets, separated by commas, or below it with a dash each`},
		{"map for text", "client_id: {a: b}\n", `withings.yaml:1: key "client_id" is a map, but takes a single value; write the value on the same line`},
		{"text for group", "influx: x\n", `withings.yaml:1: key "influx" is a group of settings, not a setting; write its settings below it, indented`},
		{"bare duration", "poll_interval: 300\n", `withings.yaml:1: key "poll_interval": "300" is not a duration (for example 30s, 5m or 1h30m); add the unit: 300s for seconds, 300m for minutes, 300h for hours`},
		{"a duration too large", "poll_interval: 9999999h\n", `withings.yaml:1: key "poll_interval": "9999999h" is too large; write a smaller one`},
		{"one of several no duration", "pauses: [1s, x]\n", `withings.yaml:1: key "pauses": "1s,x" is not a duration (for example 30s, 5m or 1h30m); correct the value, or remove it to use the default`},
		{"not a bool", "include_ambiguous: perhaps\n", `withings.yaml:1: key "include_ambiguous": "perhaps" is not true or false; correct the value, or remove it to use the default`},
		{"not a number", "api.rate_limit: many\n", `withings.yaml:1: key "api.rate_limit": "many" is not a whole number (for example 100); correct the value, or remove it to use the default`},
		{"one of several not in the list", "services: [sleep, tea]\n", `withings.yaml:1: key "services": "tea" is not one of body, sleep; correct the value, or remove it to use the default`},
		{"a secret as another value", "poll_interval: 0f8a4e7b9c1d2e3f405162738495a6b7\n", `withings.yaml:1: key "poll_interval": "…" is not a duration (for example 30s, 5m or 1h30m); correct the value, or remove it to use the default`},
		{"a secret as one of several", "services: [sleep, 0f8a4e7b9c1d2e3f405162738495a6b7]\n", `withings.yaml:1: key "services": "…" is not one of body, sleep; correct the value, or remove it to use the default`},
		{"settings of a profile", "profiles:\n  Anna:\n  Ben:\n    timezone: Europe/Vienna\n", `withings.yaml:4: key "profiles": profile "Ben" has settings of its own; remove what is after its name: all settings are for everybody`},
		{"value of a profile", "withings:\n  profiles:\n    Anna: 5\n", `withings.yaml:3: key "profiles": profile "Anna" has settings of its own; remove what is after its name: all settings are for everybody`},
		{"not in the list", "log: {level: loud}\n", `withings.yaml:1: key "log.level": "loud" is not one of debug, info, warn, error; correct the value, or remove it to use the default`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, c.file)
			_, err := run(t, path)
			if got := text(err, path); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}
