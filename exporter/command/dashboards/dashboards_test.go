package dashboards

import (
	"io"
	"strings"
	"testing"

	"withings-exporter/exporter/command"
	"withings-exporter/grafana"
)

func TestInfluxDBIsGivenToGrafanaAsItAsks(t *testing.T) {
	for _, c := range []struct {
		name string
		from command.Influx
		want grafana.Server
	}{
		{"a token", command.Influx{URL: "http://db:8086", Bucket: "health", Token: "t0ken=="}, grafana.Server{URL: "http://db:8086", Database: "health", Password: "t0ken=="}},
		{"user and password", command.Influx{URL: "http://db:8086", Bucket: "health/autogen", Token: "ben:p:w"},
			grafana.Server{URL: "http://db:8086", Database: "health", User: "ben", Password: "p:w"}},
		{"both in the address", command.Influx{URL: "https://ben:pw@db:8086/x", Bucket: "health"},
			grafana.Server{URL: "https://db:8086/x", Database: "health", User: "ben", Password: "pw"}},
		{"the address is for a proxy, the token for the server", command.Influx{URL: "https://ben:pw@db:8086", Bucket: "health", Token: "t0ken"},
			grafana.Server{URL: "https://db:8086", Database: "health", Password: "t0ken"}},
	} {
		if got := server(c.from); got.URL != c.want.URL || got.Database != c.want.Database || got.User != c.want.User || got.Password != c.want.Password {
			t.Errorf("%s: got %q %q %q %q", c.name, got.URL, got.Database, got.User, got.Password)
		}
	}
}

func TestAMissingDataSourceSaysWhatToGive(t *testing.T) {
	for _, c := range []struct {
		kind, datasource string
		want, not        string
	}{
		{grafana.InfluxDB, grafana.Auto, "--datasource=prometheus", "--prometheus.url"},
		{grafana.Prometheus, "both", "--datasource=influxdb", "--influx.url"},
		{grafana.Prometheus, grafana.Prometheus, "--prometheus.url=URL", "--datasource"},
		{grafana.InfluxDB, "both", "--datasource=prometheus", "--prometheus.url"},
		{grafana.InfluxDB, grafana.InfluxDB, "--influx.bucket", "--datasource"},
	} {
		o := Options{Datasource: c.datasource}
		got := o.told(grafana.Step{What: "data source", Name: c.kind, Done: grafana.Missing})
		if !strings.Contains(got, c.want) || strings.Contains(got, c.not) || !strings.Contains(got, "stay empty") {
			t.Errorf("%s of %s: %q, want %q and not %q", c.kind, c.datasource, got, c.want, c.not)
		}
		for line := range strings.Lines(got) {
			if len(line) > 80 {
				t.Errorf("%d columns: %s", len(line), line)
			}
		}
	}
}

// TestATokenThatInfluxDBRejectsIsNamedByItsPlace: it was given, and its content alone is wrong.
func TestATokenThatInfluxDBRejectsIsNamedByItsPlace(t *testing.T) {
	for want, given := range map[string]command.Influx{
		"Write a token that may read into\n/etc/influx-token,\nand run this again.":     {Token: "t", TokenFile: "/etc/influx-token"},
		"Correct the token, which is from\nWITHINGS_INFLUX_TOKEN,\nand run this again.": {Token: "t", TokenFrom: "WITHINGS_INFLUX_TOKEN"},
		"Give --influx.token-file with a token that may read.":                          {},
	} {
		got := (&Options{influx: given}).told(grafana.Step{Name: grafana.InfluxDB, Done: grafana.Failing, Trouble: grafana.Rejected})
		if !strings.HasSuffix(got, "InfluxDB rejects the token or the password.\n"+want) {
			t.Errorf("of %+v it says %q, want %q", given, got, want)
		}
	}
}

func TestADataSourceThatGivesNothingSaysWhatToDo(t *testing.T) {
	for trouble, want := range map[grafana.Trouble]map[string]string{
		grafana.Unreachable: {grafana.Prometheus: "port of --prometheus.url", grafana.InfluxDB: "port of --influx.url"},
		grafana.Rejected:    {grafana.Prometheus: "asks for a password", grafana.InfluxDB: "--influx.token-file"},
		grafana.NoDatabase:  {grafana.InfluxDB: "not found: x.\nCheck --influx.bucket"},
		grafana.Foreign:     {grafana.Prometheus: "as --prometheus.url", grafana.InfluxDB: "--datasource=prometheus"},
	} {
		for kind, advice := range want {
			got := (&Options{}).told(grafana.Step{Name: kind, Done: grafana.Failing, Trouble: trouble, Said: "not found: x"})
			if !strings.HasPrefix(got, "Grafana gets nothing from "+named[kind]+", so its dashboards stay empty:\n") || !strings.Contains(got, advice) {
				t.Errorf("%d of %s: %q, want %q", trouble, kind, got, advice)
			}
			for line := range strings.Lines(got) {
				if len(line) > 81 {
					t.Errorf("%d columns: %s", len(line)-1, line)
				}
			}
		}
	}
}

func TestWhatIsNotInstalledIsSaidOnLinesOfATerminal(t *testing.T) {
	for _, done := range []string{grafana.LeftOut, grafana.Older, grafana.Missing} {
		for _, kind := range []string{grafana.Prometheus, grafana.InfluxDB} {
			got := (&Options{Datasource: grafana.Auto}).told(grafana.Step{Name: kind, Done: done})
			if !strings.Contains(got, named[kind]) || !strings.Contains(got, "--datasource=") {
				t.Errorf("%s %s: %q", kind, done, got)
			}
			for line := range strings.Lines(got) {
				if len(line) > 80 {
					t.Errorf("%d columns: %s", len(line), line)
				}
			}
		}
	}
}

func TestATokenThatGrafanaDoesNotTakeSaysWhereToChangeIt(t *testing.T) {
	for provisioned, want := range map[bool]string{true: "WITHINGS_INFLUX_PASSWORD", false: "the role Admin"} {
		got := (&Options{}).told(grafana.Step{What: "data source", Name: "Withings InfluxDB", Done: grafana.NotSent, Provisioned: provisioned})
		if !strings.HasPrefix(got, `data source "Withings InfluxDB": unchanged, its token or password not sent.`) || !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		for line := range strings.Lines(got) {
			if len(line) > 80 {
				t.Errorf("%d columns: %s", len(line), line)
			}
		}
	}
}

func TestDashboardsForNowhereAreToldOfTheService(t *testing.T) {
	const run = "sudo withings-exporter-service dashboards"
	err := install(t.Context(), Options{}, command.Settings{Service: run}, io.Discard)
	if err == nil || !strings.HasSuffix(err.Error(), "--grafana.url URL to install them; for the service of this machine, run: "+run) {
		t.Error(err)
	}
}
