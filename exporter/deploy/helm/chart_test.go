package helm

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"withings-exporter/exporter/config"
)

func TestChartHasNothingToBeLinted(t *testing.T) {
	for _, file := range append(valuesFiles(t), filepath.Join(chart, "values.yaml")) {
		out, talk, err := helm(t, "lint", "--strict", chart, "-f", file)
		if err != nil {
			t.Errorf("%s: %v\n%s%s", file, err, out, talk)
		}
	}
}

// TestLintFindsWhatIsBroken is about the chart itself, not about what it makes.
func TestLintFindsWhatIsBroken(t *testing.T) {
	for _, mistake := range []struct{ file, from, to, says string }{
		{"Chart.yaml", "apiVersion: v2", "apiVersion: v9", "apiVersion"},
		{"templates/service.yaml", "{{- end }}", "{{- ende }}", "ende"},
		{"templates/service.yaml", "apiVersion: v1", "apiVersion: [v1", "service.yaml"},
		{"values.yaml", "port: 10054", "port: ten", "port"},
	} {
		broken := copyChart(t)
		change(t, filepath.Join(broken, mistake.file), mistake.from, mistake.to)
		out, _, err := helm(t, append([]string{"lint", "--strict", broken}, with("least")...)...)
		if err == nil || !strings.Contains(out, mistake.says) {
			t.Errorf("%s: %v\n%s", mistake.to, err, out)
		}
	}
}

// TestValuesThatAreWrongAreRefused has what people mistype, and what they read then.
func TestValuesThatAreWrongAreRefused(t *testing.T) {
	chart := copyChart(t)
	for _, c := range []struct{ set, says string }{
		{"replicas=2", "replicas"},
		{"image.tagg=1", "tagg"},
		{"image.pullPolicy=Sometimes", "pullPolicy"},
		{"image.digest=1234", "digest"},
		{"persistent.enabled=false", "persistent"},
		{"persistence.size=big", "size"},
		{"service.port=99999", "port"},
		{"service.port=ten", "port"},
		{"serviceMonitor.enable=true", "enable"},
		{"serviceMonitor.interval=often", "interval"},
		{"podMonitor.labels.a=1", "podMonitor"},
		{"prometheusRule.grafanaUrl=grafana", "grafanaUrl"},
		{"networkPolicy.ingress[0].from=1", "ingress"},
		{"secret.clientsecret=s", "clientsecret"},
		{"config.client-id=7", "client-id"},
		{"config.profiles=7", "profiles"},
		{"config.poll_intervall=5m", "at '/config': additional properties 'poll_intervall' not allowed"},
		{"config.influx.ulr=http://influxdb:8086", "at '/config/influx': additional properties 'ulr' not allowed"},
		{`config.influx\.ulr=http://influxdb:8086`, "'influx.ulr' not allowed"},
		{"config.web.config.fil=web.yml", "'fil' not allowed"},
		{"config.withings.client_idd=ID", "'client_idd' not allowed"},
		{"config.config.file=withings.yaml", "'config' not allowed"},
		{"config.influx.bucket=7", "at '/config/influx/bucket': got number"},
		{"config.log.level=loud", "value must be one of <nil>, 'debug'"},
		{"env[0].Name=A", "Name"},
		{"serviceAccount.automount=true", "automount"},

		{"config.client-id=", "config.client-id is missing"},
		{"secret.existingSecret=", "the client secret is missing"},
		{"secret.clientSecret=s", "leave one of them out"},
		{"secret.influxToken=s", "leave one of them out"},
		{"config.client-secret=s", "move it to secret.clientSecret"},
		{"config.client_secret=s", "move it to secret.clientSecret"},
		{"config.withings.client_secret=s", "move it to secret.clientSecret"},
		{"config.withings.client-secret=s", "move it to secret.clientSecret"},
		{"config.influx.token=s", "move it to secret.influxToken"},
		{`config.influx\.token=s`, "move it to secret.influxToken"},
		{"notify.enabled=true", "config.web.external-url"},
		{"config.web.config.file=web.yml", "an Ingress or a service mesh"},
		{"config.web\\.config\\.file=web.yml", "an Ingress or a service mesh"},
		{"config.state.dir=/x", "which would have no effect: state is in /data/state"},
		{"config.state\\.dir=/x", "which would have no effect: state is in /data/state"},
		{"config.web.listen-address=:80", "which would have no effect: the pod listens on port 10054"},
		{"config.web.listen_address=:80", "which would have no effect: the pod listens on port 10054"},
		{"config.web\\.listen-address=:80", "which would have no effect: the pod listens on port 10054"},
		{"serviceMonitor.enabled=true,podMonitor.enabled=true", "scraped twice"},
	} {
		_, talk, err := helm(t, append([]string{"template", "home", chart, "--set", c.set}, with("least")...)...)
		if err == nil || !strings.Contains(talk, c.says) {
			t.Errorf("--set %s: %v\n%s", c.set, err, talk)
		}
	}
}

// TestKeysBelowConfigAreSpeltAsInTheFile has the same settings in each spelling that withings.yaml takes: the chart follows
// all of them.
func TestKeysBelowConfigAreSpeltAsInTheFile(t *testing.T) {
	for _, text := range []string{
		"{client-id: ID, profiles: [Ben], poll-interval: 5m, api: {rate-limit: 60}, web: {external-url: 'https://a.example', route-prefix: b}, influx: {url: 'http://i'}}",
		"{client_id: ID, profiles: 'Ben', poll_interval: 5m, api.rate_limit: 60, web.external_url: 'https://a.example', web.route_prefix: b, influx.url: 'http://i'}",
		"{withings: {client_id: ID, profiles: [Ben], use_webhook: false}, poll-interval: , web.config: {file: }, web: {external_url: 'https://a.example', route-prefix: b}, influx.url: 'http://i'}",
	} {
		args := []string{"--set", "secret.existingSecret=withings,serviceMonitor.enabled=true,notify.enabled=true,networkPolicy.enabled=true", "--set-json", "config=" + jsonOf(t, text)}
		all := objects(t, render(t, args...))
		if path := at(pick(t, all, "ServiceMonitor"), "spec", "endpoints", 0, "path"); path != "/b/metrics" {
			t.Errorf("%s: the metrics are at %v", text, path)
		}
		if says := notes(t, args...); !strings.Contains(says, " auth Ben --no-browser") || !strings.Contains(says, "InfluxDB is reached only if") {
			t.Errorf("%s: NOTES.txt is %s", text, says)
		}
		loads(t, all)
	}
	for _, file := range valuesFiles(t) {
		if !strings.Contains(file, "demo") {
			loads(t, objects(t, render(t, "-f", file)))
		}
	}
}

// jsonOf is YAML as JSON.
func jsonOf(t *testing.T, text string) string {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	made, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(made)
}

// loads has the exporter read the withings.yaml of a ConfigMap.
func loads(t *testing.T, all []object) {
	t.Helper()
	all = slices.DeleteFunc(all, func(o object) bool { return at(o, "data", "withings.yaml") == nil })
	file := filepath.Join(t.TempDir(), "withings.yaml")
	text := at(pick(t, all, "ConfigMap"), "data", "withings.yaml").(string)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(file); err != nil {
		t.Errorf("%v in:\n%s", err, text)
	}
}

// TestSchemaKnowsEveryValue has no key in values.yaml but not in the schema, or the
// other way round, at any depth.
func TestSchemaKnowsEveryValue(t *testing.T) {
	var values map[string]any
	var root schema
	for name, into := range map[string]any{"values.yaml": &values, "values.schema.json": &root} {
		text, err := os.ReadFile(filepath.Join(chart, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
	delete(root["properties"].(schema), "global") // which Helm adds
	compareKeys(t, "values", values, root)
}

func compareKeys(t *testing.T, path string, value any, of schema) {
	t.Helper()
	properties, closed := of["properties"].(schema)
	if !closed || of["additionalProperties"] != false {
		return
	}
	values := value.(map[string]any)
	for name, of := range properties {
		if v, there := values[name]; there {
			compareKeys(t, path+"."+name, v, of.(schema))
		} else if path != "values.resources" {
			t.Errorf("%s.%s is in the schema alone", path, name)
		}
	}
	for name := range values {
		if properties[name] == nil {
			t.Errorf("%s.%s is in values.yaml alone", path, name)
		}
	}
}

func TestEachSwitchAddsItsObjects(t *testing.T) {
	always := []string{"ConfigMap", "Deployment", "Service"}
	for name, more := range map[string][]string{
		"least": {"PersistentVolumeClaim", "ServiceAccount"},
		"off":   {"NetworkPolicy", "PodMonitor", "PrometheusRule"},
		"all":   {"NetworkPolicy", "PersistentVolumeClaim", "PrometheusRule", "Secret", "ServiceAccount", "ServiceMonitor"},
		"claim": {},
		"demo":  {"ServiceAccount"},
	} {
		var got []string
		for _, o := range objects(t, render(t, with(name)...)) {
			got = append(got, o["kind"].(string))
		}
		slices.Sort(got)
		want := append(slices.Clone(always), more...)
		slices.Sort(want)
		if got = slices.Compact(got); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", name, got, want)
		}
	}
}

// TestRulesAreThoseOfTheMixin compares the PrometheusRule with the files that
// everybody else uses.
func TestRulesAreThoseOfTheMixin(t *testing.T) {
	read := func(names ...string) (groups []any) {
		for _, name := range names {
			text, err := os.ReadFile(filepath.Join("..", "..", "..", "grafana", "alerts", "withings."+name+".yaml"))
			if err != nil {
				t.Fatal(err)
			}
			var file struct{ Groups []any }
			if err := yaml.Unmarshal(bytes.ReplaceAll(text, []byte("http://localhost:3000"), []byte("https://grafana.example")), &file); err != nil {
				t.Fatal(err)
			}
			if len(file.Groups) == 0 {
				t.Fatalf("%s has no groups", name)
			}
			groups = append(groups, file.Groups...)
		}
		return groups
	}
	off := append(with("off"), "--set", "prometheusRule.grafanaUrl=https://grafana.example")
	for _, c := range []struct {
		args []string
		want []any
	}{
		{with("all"), read("alerts", "recording", "health")},
		{off, read("health")},
		{append(off, "--set", "prometheusRule.recording=true"), read("recording", "health")},
	} {
		got, _ := at(pick(t, objects(t, render(t, c.args...)), "PrometheusRule"), "spec", "groups").([]any)
		if !reflect.DeepEqual(plain(t, got), plain(t, c.want)) {
			t.Errorf("with %q: %d groups, which differ from the %d of grafana/alerts", c.args, len(got), len(c.want))
		}
	}
}

// plain is a value as JSON has it, in which a number has no type.
func plain(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var p any
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestDashboardsAreThoseOfTheFolder has one ConfigMap for each, which the sidecar of
// Grafana finds. ECGs on them link to the external URL, if there is one.
func TestDashboardsAreThoseOfTheFolder(t *testing.T) {
	for name, sources := range map[string][]string{"all": {"prometheus", "influxdb"}, "claim": {"prometheus"}, "demo": {"influxdb"}} {
		want := map[string]any{}
		for _, source := range sources {
			files, err := filepath.Glob(filepath.Join("..", "..", "..", "grafana", "dashboards", source, "*.json"))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if name == "all" {
					text = bytes.ReplaceAll(text, []byte("http://localhost:10054"), []byte("https://home.example"))
				}
				want["withings-"+source+"-"+filepath.Base(file)] = plain(t, json.RawMessage(text))
			}
		}
		if len(want) < 12*len(sources) {
			t.Fatalf("only %d dashboards", len(want))
		}
		got, names := map[string]any{}, map[string]bool{}
		for _, o := range objects(t, render(t, with(name)...)) {
			if at(o, "metadata", "labels", "grafana_dashboard") != "1" {
				continue
			}
			if at(o, "metadata", "annotations", "grafana_folder") != "Withings" || names[o.named()] {
				t.Errorf("%s: there is another, or its folder is %v", o.named(), at(o, "metadata", "annotations"))
			}
			names[o.named()] = true
			for file, text := range at(o, "data").(map[string]any) {
				if len(text.(string)) > 900_000 {
					t.Errorf("%s has %d bytes; Kubernetes takes 1 MiB", file, len(text.(string)))
				}
				got[file] = plain(t, json.RawMessage(text.(string)))
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s has %d dashboards, which differ from the %d of grafana/dashboards", name, len(got), len(want))
		}
	}
}
