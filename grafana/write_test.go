package grafana

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

var boardNames = []string{"activity", "body", "composition", "doctor", "exporter", "heart", "longview", "minutes", "overview", "signals", "sleep", "together"}

// files that Write makes for the options, without the folder.
func written(t *testing.T, dir string, o Options) []string {
	t.Helper()
	names, err := Write(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		names[i] = filepath.ToSlash(rel)
	}
	slices.Sort(names)
	return names
}

func TestWriteMakesEverythingADataSourceNeeds(t *testing.T) {
	of := func(source string, more ...string) []string {
		for _, name := range boardNames {
			more = append(more, "dashboards/"+source+"/"+name+".json")
		}
		return append(more, "provisioning/dashboards/withings-"+source+".yaml", "provisioning/datasources/withings-"+source+".yaml")
	}
	prom := of(Prometheus, "alerts/withings.alerts.yaml", "alerts/withings.health.yaml", "alerts/withings.recording.yaml", "alerts/mixin.libsonnet")
	influx := of(InfluxDB, "provisioning/alerting/withings-influxdb.yaml", "provisioning/alerting/withings-influxdb-devices.yaml",
		"provisioning/alerting/withings-influxdb-health.yaml")
	for datasource, want := range map[string][]string{"": append(slices.Clone(prom), influx...), Prometheus: prom, InfluxDB: influx} {
		got := written(t, t.TempDir(), Options{Datasource: datasource})
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q: wrote %q, want %q", datasource, got, want)
		}
	}
}

func TestGrafanaOnlyWatchesWherePrometheusDoesNot(t *testing.T) {
	for datasource, want := range map[string]bool{"": true, InfluxDB: false} {
		dir := t.TempDir()
		written(t, dir, Options{Datasource: datasource})
		for name, paused := range map[string]bool{"withings-influxdb.yaml": want, "withings-influxdb-devices.yaml": want, "withings-influxdb-health.yaml": true} {
			var file struct {
				Groups []struct {
					Rules []struct {
						UID      string
						IsPaused bool `yaml:"isPaused"`
					}
				}
			}
			read(t, filepath.Join(dir, "provisioning/alerting", name), &file)
			for _, r := range file.Groups[0].Rules {
				if r.IsPaused != paused {
					t.Errorf("%q: %s is paused: %t, want %t", datasource, r.UID, r.IsPaused, paused)
				}
			}
		}
	}
}

func TestTheFileOfADataSourceNamesTheServer(t *testing.T) {
	for _, c := range []struct {
		name          string
		server        Server
		url, user, db string
	}{
		{"none named", Server{}, "http://localhost:8086", "withings", "withings"},
		{"InfluxDB 2", Server{URL: "http://influx:8086", Database: "my health", Password: "t0ken"}, "http://influx:8086", "withings", "my health"},
		{"InfluxDB 1.8", Server{URL: "https://db.example/influx", Database: "health", User: "b: #en", Password: "pw"}, "https://db.example/influx", "b: #en", "health"},
		{"a dollar", Server{URL: "http://influx:8086", Database: "$health"}, "http://influx:8086", "withings", "$$health"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			written(t, dir, Options{InfluxDB: c.server, Prometheus: Server{URL: "http://prom:9090"}})
			read := func(source string) (got struct {
				Datasources []struct {
					URL, User string
					JSONData  struct {
						DBName string `yaml:"dbName"`
					} `yaml:"jsonData"`
					Secrets map[string]string `yaml:"secureJsonData"`
				}
			}) {
				text, err := os.ReadFile(filepath.Join(dir, "provisioning", "datasources", "withings-"+source+".yaml"))
				if err == nil {
					err = yaml.Unmarshal(text, &got)
				}
				if err != nil || len(got.Datasources) != 1 {
					t.Fatalf("%v, %s", err, text)
				}
				return got
			}
			got := read(InfluxDB).Datasources[0]
			if got.URL != c.url || got.User != c.user || got.JSONData.DBName != c.db || got.Secrets["password"] != "$WITHINGS_INFLUX_PASSWORD" {
				t.Errorf("got %+v, want %q, %q, %q", got, c.url, c.user, c.db)
			}
			if got := read(Prometheus).Datasources[0]; got.URL != "http://prom:9090" {
				t.Errorf("Prometheus is at %q", got.URL)
			}
		})
	}
}

func TestAlertsLinkToTheGrafanaThatWasNamed(t *testing.T) {
	for given, want := range map[string]string{"": "http://localhost:3000", "https://grafana.example/o'hara": "https://grafana.example/o%27hara"} {
		dir := t.TempDir()
		for _, name := range written(t, dir, Options{Datasource: Prometheus, Grafana: given}) {
			if !strings.HasPrefix(name, "alerts/") {
				continue
			}
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if linked := bytes.Contains(text, []byte(want+"/d/")) || bytes.Contains(text, []byte("grafanaUrl: '"+want+"'")); linked != (name != "alerts/withings.recording.yaml") {
				t.Errorf("%q: %s leads to %s: %t", given, name, want, linked)
			}
			if given != "" && bytes.Contains(text, []byte("localhost:3000")) {
				t.Errorf("%q: %s also leads elsewhere", given, name)
			}
		}
	}
}

func TestLinksLeadToTheExporterThatWasNamed(t *testing.T) {
	for given, want := range map[string]string{"": "http://localhost:10054", "https://home.example/health/": "https://home.example/health"} {
		all, err := Boards(Options{Exporter: given})
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, b := range all {
			for _, v := range b.variables() {
				if v["name"] != exporterVariable {
					continue
				}
				found++
				current, _ := v["current"].(map[string]any)
				if v["query"] != want || current["value"] != want || current["text"] != want {
					t.Errorf("%s of %s leads to %v, %v; want %s", b.Name, b.Source, v["query"], current["value"], want)
				}
			}
			text, err := b.Encode()
			if err != nil {
				t.Fatal(err)
			}
			if asks := bytes.Contains(text, []byte("${"+exporterVariable)); asks != (b.Name == "heart") {
				t.Errorf("%s of %s has links to the exporter: %t", b.Name, b.Source, asks)
			}
		}
		if found != 2 {
			t.Errorf("%d boards know where the exporter is, want Heart for each data source", found)
		}
	}
}

func TestWriteTwiceChangesNothing(t *testing.T) {
	dir := t.TempDir()
	names := written(t, dir, Options{Units: "uk"})
	before := contents(t, dir, names)
	if again := written(t, dir, Options{Units: "uk"}); !slices.Equal(again, names) {
		t.Errorf("wrote %q, then %q", names, again)
	}
	for name, text := range contents(t, dir, names) {
		if before[name] != text {
			t.Errorf("%s changed", name)
		}
	}
}

func contents(t *testing.T, dir string, names []string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(text)
	}
	return all
}

func TestProvisioningPointsToTheBoardsThatWereWritten(t *testing.T) {
	dir := t.TempDir()
	written(t, dir, Options{})
	for _, source := range []string{Prometheus, InfluxDB} {
		var providers struct {
			Providers []struct {
				Name    string
				Type    string
				Options struct{ Path string }
			}
		}
		read(t, filepath.Join(dir, "provisioning/dashboards/withings-"+source+".yaml"), &providers)
		if len(providers.Providers) != 1 {
			t.Fatalf("%s has %d providers, want 1", source, len(providers.Providers))
		}
		boards, err := filepath.Glob(filepath.Join(providers.Providers[0].Options.Path, "*.json"))
		if err != nil || len(boards) != len(boardNames) {
			t.Errorf("%s: %d boards in %q (%v), want %d", source, len(boards), providers.Providers[0].Options.Path, err, len(boardNames))
		}
		var sources struct {
			Datasources []struct{ Name, UID, Type, URL string }
		}
		read(t, filepath.Join(dir, "provisioning/datasources/withings-"+source+".yaml"), &sources)
		if len(sources.Datasources) != 1 || sources.Datasources[0].Type != source || sources.Datasources[0].UID != "withings-"+source {
			t.Errorf("%s: data sources are %v", source, sources.Datasources)
		}
	}
}

func read(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func TestUnknownChoicesAreRefusedWithTheKnownOnes(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Units: "stones"}, "metric, imperial, uk"},
		{Options{Scheme: "who"}, "esc2024, esc2024-office, accaha, accaha-office"},
		{Options{WeekStart: "friday"}, "monday, sunday"},
		{Options{Datasource: "graphite"}, "both, prometheus, influxdb"},
	} {
		if _, err := Write(t.TempDir(), c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q in it", c.o, err, c.want)
		}
	}
}

func TestWriteSaysWhereItCouldNot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(filepath.Join(file, "sub"), Options{}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("%v, want the name in it", err)
	}
}

func TestSharedBoardsAskForTheirDataSource(t *testing.T) {
	all, err := Boards(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range all {
		shared, err := b.shared()
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(shared.JSON)
		if err != nil {
			t.Fatal(err)
		}
		inputs, _ := shared.JSON["__inputs"].([]any)
		if len(inputs) != 1 {
			t.Fatalf("%s: inputs are %v", b.UID(), inputs)
		}
		input := inputs[0].(map[string]any)
		if input["pluginId"] != b.Source || !strings.Contains(string(text), `"${`+input["name"].(string)+`}"`) {
			t.Errorf("%s: input is %v, and nothing uses it", b.UID(), input)
		}
		if strings.Contains(string(text), "${datasource}") {
			t.Errorf("%s still uses the variable", b.UID())
		}
		if required, _ := shared.JSON["__requires"].([]any); len(required) < 3 {
			t.Errorf("%s requires %v", b.UID(), required)
		}
	}
}
