package grafana

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter/testrun"

	"go.yaml.in/yaml/v4"
)

// composed is what a compose file says of services and volumes.
type composed struct {
	Services map[string]struct {
		Image       string
		Build       string
		Restart     string
		Command     any // a text, or a list
		Environment map[string]string
		Volumes     []string
		Ports       []string
		Profiles    []string
		ReadOnly    bool     `yaml:"read_only"`
		CapDrop     []string `yaml:"cap_drop"`
		SecurityOpt []string `yaml:"security_opt"`
		Healthcheck struct{ Test []string }
	}
	Volumes map[string]struct{ Name string }
}

// composeVariants are the ways to start it, each by its variables.
var composeVariants = map[string]map[string]string{
	"real":            {},
	"demo":            {"WITHINGS_COMMAND": "demo"},
	"real, InfluxDB":  {"COMPOSE_PROFILES": "influxdb", "WITHINGS_DATA": "/home/anna/withings", "WITHINGS_UID": "1000"},
	"demo, InfluxDB":  {"COMPOSE_PROFILES": "influxdb", "WITHINGS_COMMAND": "demo --people 5"},
	"other passwords": {"INFLUXDB_PASSWORD": "one", "GRAFANA_PASSWORD": "two"},
}

// compose loads compose.yaml as Docker Compose does with these variables.
func compose(t *testing.T, variables map[string]string) (c composed) {
	t.Helper()
	text, err := os.ReadFile("compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(interpolate(t, string(text), variables)), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Services) < 5 {
		t.Fatalf("%d services, want five at least", len(c.Services))
	}
	return c
}

// interpolate puts variables in place of ${NAME:-instead} and ${NAME:+if given},
// which may stand within each other.
func interpolate(t *testing.T, text string, variables map[string]string) string {
	t.Helper()
	before, rest, found := strings.Cut(text, "${")
	if !found {
		return text
	}
	depth, end := 1, -1
	for i, r := range rest {
		switch r {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 {
			end = i
			break
		}
	}
	if end < 0 {
		t.Fatalf("a brace is not closed: %.40s", rest)
	}
	name, word, _ := strings.Cut(rest[:end], ":")
	value := variables[name]
	switch {
	case strings.HasPrefix(word, "-") && value == "", strings.HasPrefix(word, "+") && value != "":
		value = interpolate(t, word[1:], variables)
	case strings.HasPrefix(word, "+"):
		value = ""
	case !strings.HasPrefix(word, "-"):
		t.Fatalf("${%s} is none of the two forms", rest[:end])
	}
	return before + value + interpolate(t, rest[end+1:], variables)
}

// words are those of a command.
func words(command any) []string {
	switch command := command.(type) {
	case string:
		return strings.Fields(command)
	case []any:
		var all []string
		for _, word := range command {
			all = append(all, word.(string))
		}
		return all
	}
	return nil
}

// eachVariant runs a test for every way to start it.
func eachVariant(t *testing.T, test func(t *testing.T, c composed)) {
	for name, variables := range composeVariants {
		t.Run(name, func(t *testing.T) { test(t, compose(t, variables)) })
	}
}

// mounts are the files and folders of the repository that a service mounts, by
// the place where it finds them.
func mounts(t *testing.T, volumes []string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, volume := range volumes {
		parts := strings.Split(volume, ":")
		if !strings.HasPrefix(parts[0], ".") {
			continue
		}
		if len(parts) != 3 || parts[2] != "ro" {
			t.Errorf("%s is not mounted read-only", volume)
		}
		found[parts[1]] = parts[0]
	}
	return found
}

func TestComposeMountsWhatIsThereForEverybodyToRead(t *testing.T) {
	eachVariant(t, func(t *testing.T, c composed) {
		n := 0
		for service, s := range c.Services {
			for _, source := range mounts(t, s.Volumes) {
				n++
				if info, err := os.Stat(source); err != nil {
					t.Errorf("%s: %v", service, err)
				} else if info.Mode().Perm()&0o004 == 0 {
					t.Errorf("%s: other users may not read %s", service, source)
				}
			}
		}
		if n < 7 {
			t.Errorf("%d mounts, want at least 7", n)
		}
	})
}

func TestComposeIsPinnedHardenedAndReachableFromThisMachineOnly(t *testing.T) {
	pinned := regexp.MustCompile(`^[a-z/]+:v?\d+\.\d+\.\d+(-alpine)?$`)
	eachVariant(t, func(t *testing.T, c composed) {
		for service, s := range c.Services {
			if s.Build == "" && !pinned.MatchString(s.Image) {
				t.Errorf("%s: image %q has no full version", service, s.Image)
			}
			if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
				t.Errorf("%s may do more than it needs", service)
			}
			restart := "unless-stopped"
			if service == "history" {
				restart = "no"
			}
			if s.Restart != restart {
				t.Errorf("%s is restarted %q, want %q", service, s.Restart, restart)
			}
			for _, port := range s.Ports {
				if !strings.HasPrefix(port, "127.0.0.1:") {
					t.Errorf("%s: port %s is open to other machines", service, port)
				}
			}
			if service != "history" && (len(s.Healthcheck.Test) < 2 || s.Healthcheck.Test[0] != "CMD") {
				t.Errorf("%s: health is checked by %q, want a command without a shell", service, s.Healthcheck.Test)
			}
		}
	})
}

func TestComposeHasNoSecrets(t *testing.T) {
	text, err := os.ReadFile("compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`(?m)^\s*\w*(?:PASSWORD|TOKEN|SECRET)\w*:(.*)$`).FindAllStringSubmatch(string(text), -1)
	if len(named) < 4 {
		t.Fatalf("%d passwords, want four at least", len(named))
	}
	for _, line := range named {
		if !strings.Contains(line[1], "${") {
			t.Errorf("a password that nobody can change: %s", line[0])
		}
	}
}

func TestComposeGivesSimulatedPeopleVolumesOfTheirOwn(t *testing.T) {
	simulated, real := compose(t, composeVariants["demo"]), compose(t, composeVariants["real"])
	for name, volume := range real.Volumes {
		if volume.Name == "" || simulated.Volumes[name].Name == volume.Name {
			t.Errorf("volume %s is called %q for real people, %q for simulated ones", name, volume.Name, simulated.Volumes[name].Name)
		}
	}
	if len(real.Volumes) < 4 {
		t.Errorf("%d volumes, want four at least", len(real.Volumes))
	}
	if got, avoid := words(simulated.Services["history"].Command)[0], words(real.Services["history"].Command)[0]; strings.HasPrefix(got, avoid) {
		t.Errorf("the history of simulated people is %s*, which real ones' %s* takes too", got, avoid)
	}
}

func TestComposePushesToInfluxDBOnlyWhereItRuns(t *testing.T) {
	for name, variables := range composeVariants {
		c := compose(t, variables)
		if got := c.Services["influxdb"].Profiles; !slices.Equal(got, []string{"influxdb"}) {
			t.Fatalf("InfluxDB is in the profiles %q", got)
		}
		runs := variables["COMPOSE_PROFILES"] != ""
		for _, variable := range []string{"WITHINGS_INFLUX_URL", "WITHINGS_INFLUX_BUCKET", "WITHINGS_INFLUX_TOKEN"} {
			if got := c.Services["exporter"].Environment[variable]; (got != "") != runs {
				t.Errorf("%s: %s is %q", name, variable, got)
			}
		}
	}
}

func TestComposeProvisionsADataSourceWithItsBoards(t *testing.T) {
	eachVariant(t, func(t *testing.T, c composed) {
		g := c.Services["grafana"]
		at := mounts(t, g.Volumes)
		var sources, original struct {
			Datasources []struct{ UID, Type, URL, User string }
		}
		name := at["/etc/grafana/provisioning/datasources/withings.yaml"]
		read(t, name, &sources)
		read(t, filepath.Join("provisioning/datasources", filepath.Base(name)), &original)
		source, want := sources.Datasources[0], original.Datasources[0]
		if source.UID != want.UID || source.Type != want.Type || source.User != want.User {
			t.Errorf("the data source is %+v, want what provisioning has, %+v", source, want)
		}
		host, _, _ := strings.Cut(strings.TrimPrefix(source.URL, "http://"), ":")
		if _, there := c.Services[host]; !there {
			t.Errorf("the data source is at %s, which no service is", source.URL)
		}
		var providers struct {
			Providers []struct{ Options struct{ Path string } }
		}
		read(t, at["/etc/grafana/provisioning/dashboards/withings.yaml"], &providers)
		folder := providers.Providers[0].Options.Path
		if found, err := filepath.Glob(filepath.Join(at[path.Dir(folder)], path.Base(folder), "*.json")); err != nil || len(found) != len(boardNames) {
			t.Errorf("%d boards in %s, %v", len(found), folder, err)
		}
		home := g.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
		if home != folder+"/overview.json" || path.Base(folder) != source.Type {
			t.Errorf("home is %s, boards come from %s, the data source is %s", home, folder, source.Type)
		}
	})
}

// TestPrometheusTakesTheConfigurationOfCompose lays the mounted files out as the
// container sees them.
func TestPrometheusTakesTheConfigurationOfCompose(t *testing.T) {
	root := t.TempDir()
	p := compose(t, nil).Services["prometheus"]
	for target, source := range mounts(t, p.Volumes) {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(target)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, target), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	command := words(p.Command)
	i := slices.IndexFunc(command, func(word string) bool { return strings.HasPrefix(word, "--config.file=") })
	if i < 0 || !slices.Contains(command, "--storage.tsdb.retention.time=100y") {
		t.Fatalf("Prometheus is started with %q", command)
	}
	config := filepath.Join(root, strings.TrimPrefix(command[i], "--config.file="))
	out, err := exec.Command(testrun.Promtool.Path(t), "check", "config", config).CombinedOutput()
	if err != nil || strings.Count(string(out), "rules found") != 2 {
		t.Errorf("promtool: %v\n%s", err, out)
	}
	var scraped struct {
		ScrapeConfigs []struct {
			StaticConfigs []struct{ Targets []string } `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	read(t, config, &scraped)
	if got := scraped.ScrapeConfigs[0].StaticConfigs[0].Targets; !slices.Equal(got, []string{"exporter:10054"}) {
		t.Errorf("Prometheus scrapes %q", got)
	}
}
