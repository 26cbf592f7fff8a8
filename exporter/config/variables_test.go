package config_test

import (
	"slices"
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
		for _, rest := range []string{"SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_METRICS", "PORT", "PORT_10054_TCP", "PORT_10054_TCP_PROTO", "PORT_10054_TCP_PORT", "PORT_10054_TCP_ADDR"} {
			environ = append(environ, service+"_"+rest+"=x")
		}
	}
	if got := config.UnknownVariables(kong.Must(&grammar{}).Model, "serve", environ); len(got) > 0 {
		t.Errorf("got %q, want nothing", got)
	}
}
