package grafana

import (
	"os"
	"testing"

	"go.yaml.in/yaml/v4"
)

// opens is the data source that the first variable of a board says.
func opens(t *testing.T, page map[string]any) (name, uid string) {
	t.Helper()
	first := page["templating"].(map[string]any)["list"].([]any)[0].(map[string]any)
	current, ok := first["current"].(map[string]any)
	if !ok || first["type"] != "datasource" {
		t.Fatalf("the first variable is %v, want a data source that is chosen", first)
	}
	return text(current["text"]), text(current["value"])
}

// TestDashboardsOpenAtTheDataSourceThatComesWithThem looks where the program creates
// data sources: in its provisioning files, in those for compose, and through the API.
func TestDashboardsOpenAtTheDataSourceThatComesWithThem(t *testing.T) {
	boards, err := Boards(Options{})
	if err != nil {
		t.Fatal(err)
	}
	made := map[string][2]string{}
	for _, s := range (Options{Datasource: both, Prometheus: Server{URL: "http://p"}, InfluxDB: Server{URL: "http://i"}}).dataSources() {
		made[s.Type] = [2]string{s.Name, s.UID}
	}
	for _, b := range boards {
		name, uid := opens(t, b.JSON)
		if got := [2]string{name, uid}; got != made[b.Source] {
			t.Errorf("%s %s opens at %q, want %q", b.Source, b.Name, got, made[b.Source])
		}
	}
	for kind, want := range made {
		for _, dir := range []string{"provisioning/datasources", "compose/datasources"} {
			file := dir + "/withings-" + kind + ".yaml"
			plain, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var in struct {
				Datasources []struct {
					Name string `yaml:"name"`
					UID  string `yaml:"uid"`
				} `yaml:"datasources"`
			}
			if err := yaml.Unmarshal(plain, &in); err != nil {
				t.Fatal(err)
			}
			if len(in.Datasources) != 1 || in.Datasources[0].Name != want[0] || in.Datasources[0].UID != want[1] {
				t.Errorf("%s has %v, want %v", file, in.Datasources, want)
			}
		}
	}
}

func TestDashboardsOpenAtTheOnlyDataSourceOfTheirKind(t *testing.T) {
	ours, theirs := [2]string{"Withings Prometheus", "withings-prometheus"}, [2]string{"Prometheus", "abc"}
	for name, c := range map[string]struct {
		there     [][2]string
		secretive bool
		url       string // of a Prometheus that a data source is made of
		want      [2]string
	}{
		"none":                {nil, false, "", ours},
		"one":                 {[][2]string{theirs}, false, "", theirs},
		"two":                 {[][2]string{theirs, {"Mimir", "def"}}, false, "", ours},
		"ours among them":     {[][2]string{theirs, ours}, false, "", ours},
		"ours is made":        {[][2]string{theirs}, false, "http://prom:9090", ours},
		"who may not see any": {[][2]string{theirs}, true, "", ours},
	} {
		t.Run(name, func(t *testing.T) {
			g := newFakeGrafana(t)
			g.secretive = c.secretive
			for _, s := range c.there {
				g.sources[s[1]] = map[string]any{"name": s[0], "uid": s[1], "type": Prometheus}
			}
			g.sources["logs"] = map[string]any{"name": "Loki", "uid": "logs", "type": "loki"}
			o := Options{Datasource: Prometheus, Prometheus: Server{URL: c.url}}
			g.install(t, o)
			name, uid := opens(t, g.boards["withings-body-prometheus"])
			if got := [2]string{name, uid}; got != c.want {
				t.Errorf("opens at %q, want %q", got, c.want)
			}
			for _, step := range g.install(t, o) {
				if step.Done != unchanged && step.Done != Missing {
					t.Errorf("a second time: %s", step)
				}
			}
		})
	}
}
