package config_test

import (
	"errors"
	"testing"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/config"
	"withings-exporter/exporter/hint"
)

// TestAnErrorAboutAFlagIsToldOfThePlaceOfItsValue has errors of values that are refused after all were read.
func TestAnErrorAboutAFlagIsToldOfThePlaceOfItsValue(t *testing.T) {
	advised := func(text, advice string) error { return hint.Wrap(errors.New(text), advice) }
	const secret = "0f8a4e7b9c1d2e3f405162738495a6b7"
	const file = "api:\n  rate_limit: 0\npoll_interval: 1s\nclient_secret: a\n"
	for _, c := range []struct {
		name, file, variable, flag string
		err                        error
		want                       string
		public                     string // what a page says; "" if that is not looked at
	}{
		{name: "the file of a secret", file: "api: {}\nclient_secret_file: a/hunter2\n", err: advised(`--client-secret-file: file "/a/hunter2" cannot be read: no such file or directory`, "check the path"),
			want: `withings.yaml:2: key "client_secret_file": file "/a/hunter2" cannot be read: no such file or directory; check the path`, public: "the file that client_secret_file names (withings.yaml:2) cannot be used"},
		{name: "the file of the pages", file: "web: {config: {file: hunter2}}\n", err: errors.New(`--web.config.file: "hunter2" is not YAML`),
			want: `withings.yaml:1: key "web.config.file": "hunter2" is not YAML`, public: "the file that web.config.file names (withings.yaml:1) cannot be used"},
		{name: "a secret as the file of one", file: "client_secret_file: hunter2\n", err: errors.New("--client-secret-file is not the name of a file, and may be the secret itself"),
			want: `withings.yaml:1: key "client_secret_file" is not the name of a file, and may be the secret itself`, public: "withings.yaml:1 is wrong"},
		{name: "the value of a key", file: file, err: advised("--poll-interval 1s is too short", "give 10s"), want: `withings.yaml:3: key "poll_interval": 1s is too short; give 10s`, public: "withings.yaml:3 is wrong"},
		{name: "a zero", file: file, err: errors.New("--api.rate-limit 0 is out of range"), want: `withings.yaml:2: key "api.rate_limit": 0 is out of range`},
		{name: "a sentence of its own", file: file, err: errors.New("--client-secret: unknown word"), want: `withings.yaml:4: key "client_secret": unknown word`},
		{name: "a sentence about the key, and another", file: file, err: errors.New("--client-secret is given, but --poll-interval and --influx.url are not"), want: `withings.yaml:4: key "client_secret" is given, but poll_interval and influx.url are not`},
		{name: "a secret", file: "influx.url: " + secret + "\n", err: advised("--influx.url \""+secret+"\" is no address", "write http://"+secret), want: `withings.yaml:1: key "influx.url": "…" is no address; write http://…`},
		{name: "an address", file: "influx.url: http://db:80a\n", err: errors.New(`--influx.url "http://db:80a" is no address`), want: `withings.yaml:1: key "influx.url": "http://db:80a" is no address`},
		{name: "a file of such a name", file: "state.dir: /" + secret + "\n", err: errors.New("--state.dir \"/" + secret + "\" is a file"), want: `withings.yaml:1: key "state.dir": "/` + secret + `" is a file`},
		{name: "one after a word", file: "to: openmetrics=/" + secret + "\n", err: errors.New("--to \"openmetrics=/" + secret + "\" is a folder"), want: `withings.yaml:1: key "to": "openmetrics=/` + secret + `" is a folder`},
		{name: "by default", file: "client_secret: a\n", err: errors.New("--poll-interval 5m0s is odd"), want: "--poll-interval 5m0s is odd"},
		{name: "a variable", file: file, variable: "1s", err: advised("--poll-interval 1s is too short", "give 10s"), want: "WITHINGS_POLL_INTERVAL: 1s is too short; give 10s"},
		{name: "a sentence about a variable", variable: "1s", err: errors.New("--poll-interval is short"), want: "WITHINGS_POLL_INTERVAL is short"},
		{name: "a sentence about two variables", variable: "1s", err: errors.New("--poll-interval and --influx.url are set, but --influx.token is not"), want: "WITHINGS_POLL_INTERVAL and WITHINGS_INFLUX_URL are set, but --influx.token is not"},
		{name: "the command line", file: file, variable: "1s", flag: "--poll-interval=2s", err: errors.New("--poll-interval 2s is too short"), want: "--poll-interval 2s is too short"},
		{name: "two, of which one has no place", file: file, err: errors.Join(advised("no profile", "name one"), errors.New("--poll-interval 1s is too short")), want: "no profile; name one\nwithings.yaml:3: key \"poll_interval\": 1s is too short"},
		{name: "no flag", file: file, err: errors.New("no profile"), want: "no profile"},
		{name: "an unknown flag", file: file, err: errors.New("--polls is odd"), want: "--polls is odd"},
		{name: "no error", file: file, want: ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var args []string
			path := ""
			if c.file != "" {
				path = write(t, c.file)
				args = append(args, "--config.file="+path)
			}
			if c.flag != "" {
				args = append(args, c.flag)
			}
			if c.variable != "" {
				t.Setenv("WITHINGS_POLL_INTERVAL", c.variable)
				t.Setenv("WITHINGS_INFLUX_URL", "http://db")
			}
			t.Chdir(t.TempDir())
			files := &config.Files{}
			parser, err := kong.New(&grammar{}, kong.WithBeforeResolve(func(ctx *kong.Context) error {
				_, err := files.Read(ctx)
				return err
			}))
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := parser.Parse(args)
			if err != nil {
				t.Fatal(err)
			}
			placed := files.Place(parsed, c.err)
			got := ""
			if placed != nil {
				got = text(errors.New(placed.Error()), path)
			}
			if got != c.want {
				t.Errorf("told %q, want %q", got, c.want)
			}
			if wrong, is := errors.AsType[*config.Error](placed); is && c.public != "" {
				if got := text(errors.New(wrong.Public()), path); got != c.public {
					t.Errorf("in public %q, want %q", got, c.public)
				}
			}
		})
	}
}
