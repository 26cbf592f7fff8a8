package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/config"
)

// grammar is a small program of the shape the real one has: flags of the application and flags of commands.
type grammar struct {
	ConfigFile       string        `name:"config.file" env:"WITHINGS_CONFIG_FILE" placeholder:"FILE"`
	ClientID         string        `name:"client-id" env:"WITHINGS_CLIENT_ID" default:"none"`
	ClientSecret     string        `name:"client-secret" env:"WITHINGS_CLIENT_SECRET"`
	ClientSecretFile string        `name:"client-secret-file" env:"WITHINGS_CLIENT_SECRET_FILE" placeholder:"FILE"`
	Profiles         []string      `name:"profiles" env:"WITHINGS_PROFILES" default:"Default"`
	PollInterval     time.Duration `name:"poll-interval" env:"WITHINGS_POLL_INTERVAL" default:"5m"`
	Ambiguous        bool          `name:"include-ambiguous" env:"WITHINGS_INCLUDE_AMBIGUOUS"`
	RateLimit        int           `name:"api.rate-limit" env:"WITHINGS_API_RATE_LIMIT" default:"100"`
	InfluxURL        string        `name:"influx.url" env:"WITHINGS_INFLUX_URL"`
	InfluxToken      string        `name:"influx.token" env:"WITHINGS_INFLUX_TOKEN"`
	InfluxTokenFile  string        `name:"influx.token-file" env:"WITHINGS_INFLUX_TOKEN_FILE" placeholder:"FILE"`
	WebConfig        string        `name:"web.config.file" env:"WITHINGS_WEB_CONFIG_FILE" placeholder:"FILE"`
	StateDir         string        `name:"state.dir" env:"WITHINGS_STATE_DIR" placeholder:"DIR"`
	To               string        `name:"to" env:"WITHINGS_TO" placeholder:"WHERE"`
	Pauses           []time.Duration
	Services         []string         `name:"services" enum:"body,sleep" default:"body"`
	LogLevel         string           `name:"log.level" enum:"debug,info,warn,error" default:"info"`
	Version          kong.VersionFlag `name:"version"`

	Serve    struct{} `cmd:"" default:"1"`
	Backfill struct {
		Since  string   `name:"since" env:"WITHINGS_SINCE"`
		DryRun bool     `name:"dry-run" env:"WITHINGS_DRY_RUN"`
		Names  []string `arg:"" optional:""`
	} `cmd:""`
}

// run parses a command line as main does, with the file (when there is one) brought in before kong resolves.
func run(t *testing.T, file string, args ...string) (*grammar, error) {
	t.Helper()
	var g grammar
	attach := func(ctx *kong.Context) error {
		if file == "" {
			return nil
		}
		f, err := config.Load(file)
		if err != nil {
			return err
		}
		ctx.AddResolver(f)
		return nil
	}
	parser, err := kong.New(&g, kong.Name("test"), kong.WithBeforeResolve(attach))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(args)
	if err == nil {
		err = config.Settle(parsed)
	}
	return &g, err
}

// write puts a file named withings.yaml into a folder of its own and returns its path.
func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "withings.yaml")
	put(t, path, content, 0o600)
	return path
}

func put(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // the umask may have taken something away
		t.Fatal(err)
	}
}

// text returns an error's message, "" for no error, with the folder of the test's file cut away when there is one. What
// kong puts in front of an *Error goes too.
func text(err error, path string) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*config.Error](err); ok {
		err = e
	}
	if path == "" {
		return err.Error()
	}
	return strings.ReplaceAll(err.Error(), filepath.Dir(path)+string(filepath.Separator), "")
}
