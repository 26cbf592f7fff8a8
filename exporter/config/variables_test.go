package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/config"
)

func TestMistypedVariablesAreNamedWithTheNearest(t *testing.T) {
	app := kong.Must(&grammar{}).Model
	got := config.UnknownVariables(app, "serve", []string{
		"WITHINGS_CLIENT_SECRTE=hunter2", "WITHINGS_COLOUR=x", "WITHINGS_POLLINTERVAL=5m", "PATH=/bin", "HOME", "WITHINGS=x",
		"WITHINGS_CLIENT_ID=a", "WITHINGS_SINCE=2020-01-01",
		"WITHIGS_CLIENT_ID=a", "WHITINGS_SINCE=x", "withings_client_id=a", "WITH_SINCE=x", "HASSIO_PROFILES=x", "WITHIGS_COLOUR=x", "WITHINGS_INTERVAL=5m",
	})
	want := []string{
		"unknown variable WHITINGS_SINCE; did you mean WITHINGS_SINCE?",
		"unknown variable WITHIGS_CLIENT_ID; did you mean WITHINGS_CLIENT_ID?",
		"unknown variable WITHINGS_CLIENT_SECRTE; did you mean WITHINGS_CLIENT_SECRET?",
		"unknown variable WITHINGS_COLOUR; remove it, or see --help for the names of flags",
		"unknown variable WITHINGS_INTERVAL; did you mean WITHINGS_POLL_INTERVAL=5m?",
		"unknown variable WITHINGS_POLLINTERVAL; did you mean WITHINGS_POLL_INTERVAL?",
		"unknown variable withings_client_id; did you mean WITHINGS_CLIENT_ID?",
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

func TestVariableOfOneRunIsKnownToItsCommandOnly(t *testing.T) {
	app := kong.Must(&struct {
		grammar
		Import struct {
			Profile string `name:"profile" once:"" env:"WITHINGS_PROFILE"`
		} `cmd:""`
	}{}).Model
	for command, want := range map[string][]string{
		"import": nil,
		"serve":  {"unknown variable WITHINGS_PROFILE; did you mean WITHINGS_PROFILES?"},
	} {
		if got := config.UnknownVariables(app, command, []string{"WITHINGS_PROFILE=Anna"}); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", command, got, want)
		}
	}
}

func TestVariablesOfAServiceOfKubernetesAreNotMistyped(t *testing.T) {
	var environ []string
	for _, service := range []string{"WITHINGS", "WITHINGS_EXPORTER", "WITHINGS_OF_ANNA"} {
		for _, rest := range []string{"SERVICE_HOST=10.96.0.7", "SERVICE_PORT=10054", "SERVICE_PORT_METRICS=10054", "PORT=tcp://10.96.0.7:10054",
			"PORT_10054_TCP=tcp://10.96.0.7:10054", "PORT_10054_TCP_PROTO=tcp", "PORT_10054_TCP_PORT=10054", "PORT_10054_TCP_ADDR=10.96.0.7"} {
			environ = append(environ, service+"_"+rest)
		}
	}
	if got := config.UnknownVariables(kong.Must(&grammar{}).Model, "serve", environ); len(got) > 0 {
		t.Errorf("got %q, want nothing", got)
	}
}

func TestAPortAndAPrefixThatAreMeantForTheExporterAreQuestioned(t *testing.T) {
	app := kong.Must(&struct {
		grammar
		Listen   []string `name:"web.listen-address" env:"WITHINGS_WEB_LISTEN_ADDRESS"`
		Exporter string   `name:"exporter.url" env:"WITHINGS_EXPORTER_URL"`
	}{}).Model
	const listen = "did you mean WITHINGS_WEB_LISTEN_ADDRESS=localhost:10054?"
	for variable, advice := range map[string]string{
		"WITHINGS_PORT=10055":                listen,
		"WITHINGS_WEB_PORT=10055":            listen,
		"WITHINGS_LISTEN_PORT=10055":         listen,
		"WITHINGS_EXPORTER_PORT=10055":       listen,
		"WITHINGS_EXPORTER_PROFILES=Anna":    "did you mean WITHINGS_PROFILES?",
		"WITHINGS_EXPORTER_PROFILE=Anna":     "did you mean WITHINGS_PROFILES?",
		"WITHINGS_EXPORTER_URLL=http://h":    "did you mean WITHINGS_EXPORTER_URL?",
		"WITHINGS_OTHER_THINGS_PORT=notaurl": "remove it, or see --help for the names of flags",
	} {
		name, _, _ := strings.Cut(variable, "=")
		if got, want := config.UnknownVariables(app, "serve", []string{variable}), []string{"unknown variable " + name + "; " + advice}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
