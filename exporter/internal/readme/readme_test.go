//go:build unix

package readme

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// image is the name that containers.md gives the container image.
const image = "withings-exporter"

// goOn are the commands that serve until they are ended, by how they begin, and a
// page that shows, in time, that they do what they are for.
var goOn = []struct{ begin, page, shows string }{
	{"go run . demo", metrics, polled},
	{"withings-exporter demo", metrics, polled},
	{"docker run --rm -p 127.0.0.1:10054", metrics, polled},
	{"docker run -d", metrics, polled},
	{"prometheus --config.file", "http://localhost:9090/-/ready", "Ready"},
}

const (
	metrics = "http://localhost:10054/metrics"
	polled  = `withings_last_success_timestamp_seconds{profile="Ben",service="workout"}`
)

// proofs are what somebody looks at after a command, by how that begins: a command
// whose answer must have something in it.
var proofs = []struct{ begin, look, wanted string }{
	{"withings-exporter auth Ben", `withings-exporter auth --list`, "Ben   authorised: "},
	{"withings-exporter dashboards --dir boards", `grep -l '"lengthft"\|"masslb"\|"lengthmi"\|"fahrenheit"' boards/dashboards/*/body.json`, "boards/"},
	{"prometheus --config.file=prometheus.yml --storage.tsdb.path=demo-data", prometheusHas, `"profile":"Anna"`},
	{"mv blocks/* data", prometheusHas, `"profile":"Anna"`},
	{"mv blocks/* data", `curl -fsS http://localhost:9090/api/v1/query --data-urlencode 'query=withings_weight_grams{profile="Anna",job="withings"}'`, `"profile":"Anna"`},
	{"docker exec prometheus sh", "ls data/*/meta.json && ! ls data/blocks", "meta.json"},
	{"withings-exporter demo --to influx", influxHas, `"withings_body"`},
	{"withings-exporter backfill  ", influxHas, `"withings_body"`},
	{"curl --data-binary @history.om", victoriaHas, `"profile":"Anna"`},
	{"withings-exporter backfill --to openmetrics=http://localhost:8428", victoriaHas, `"profile":"Anna"`},
	{"withings-exporter auth --revoke Ben", `withings-exporter auth --list`, "Ben   withdrawn on "},
	{"rm ", `ls "$HOME/.local/state/withings-exporter"; echo "gone"`, "gone"},
	{"curl -sS --fail-with-body -X POST http://localhost:9090/api/v1/admin/tsdb/clean_tombstones", `curl -fsS http://localhost:9090/api/v1/query --data-urlencode 'query=count_over_time({profile="Ben"}[2y])'`, `"result":[]`},
	{`curl -sS --fail-with-body http://localhost:8086/query`, influxHas, `"withings_body"`},
	{`curl -sS --fail-with-body http://localhost:8086/query`, strings.Replace(influxHas, "Anna", "Ben", 1), `"results":[{"statement_id":0}]`},
	{"curl -sS --fail-with-body http://localhost:8428/api/v1/admin/tsdb/delete_series", `curl -fsS http://localhost:8428/api/v1/series -d 'match[]={profile="Ben"}'`, `"data":[]`},
	{"withings-exporter import", `grep 71250 archive.om`, `withings_weight_grams{profile="Anna"} 71250 `},
}

const (
	influxHas = `curl -fsS http://localhost:8086/query -u user:password -d db=withings ` +
		`--data-urlencode "q=SELECT count(weight_grams) FROM withings_body WHERE profile='Anna'"`
	prometheusHas = `curl -fsS http://localhost:9090/api/v1/query --data-urlencode 'query=count_over_time(withings_weight_grams{profile="Anna",job=""}[2y]) > 100'`
	victoriaHas   = `curl -fsS http://localhost:8428/internal/force_flush && curl -fsS http://localhost:8428/api/v1/export -d 'match[]=withings_weight_grams{profile="Anna"}'`
)

// notHere says why a command cannot be done here; "" when it can.
func notHere(command string) string {
	switch {
	case command == "go test ./...":
		return "it is what does this"
	case strings.HasPrefix(command, "ssh -N"):
		return "the test of the recipes for notifications does it"
	case strings.HasSuffix(command, "blocks/*"), strings.HasSuffix(command, "/var/lib/prometheus/metrics2"):
		return "no service of Debian's package prometheus; the test of what backfill prints does what its user need not do"
	case strings.HasPrefix(command, "sudo"), strings.HasPrefix(command, "systemctl "), strings.HasPrefix(command, "journalctl "):
		return ".ci/install-test does it in a Debian of its own"
	case strings.Contains(command, "/api/v2/delete"):
		return "no InfluxDB 2; a test of its own does it with one"
	case strings.HasPrefix(command, ".ci/release"):
		return ".ci/install-test does it"
	case strings.Contains(command, "brew "), strings.HasPrefix(command, "launchctl "):
		return "no macOS"
	case strings.HasPrefix(command, "helm "), strings.Contains(command, "kubectl "), strings.HasPrefix(command, "docker push"):
		return "no cluster; the tests of exporter/deploy/helm do what can be done without one"
	case strings.Contains(command, "docker build"), strings.Contains(command, "docker compose"):
		return "no engine for containers; the tests of grafana/compose.yaml and Dockerfile read them"
	case strings.HasPrefix(command, "influx "):
		return "no command line of both versions of InfluxDB; the tests of influx have real servers"
	case strings.Contains(command, "--grafana.url") && os.Getenv("GRAFANA_URL") == "":
		return "no Grafana; set GRAFANA_URL and GRAFANA_TOKEN to one's address and token"
	}
	return ""
}

// TestWhatIsLookedAtFollowsACommand: of a command that is written in another way now, nobody would look at what it does.
func TestWhatIsLookedAtFollowsACommand(t *testing.T) {
	var commands []string
	for _, page := range pages(t) {
		for _, b := range blocks(t, page) {
			commands = append(commands, b.commands()...)
		}
	}
	var begins []string
	for _, is := range goOn {
		begins = append(begins, is.begin)
	}
	for _, is := range proofs {
		begins = append(begins, is.begin)
	}
	for _, begin := range begins {
		if !slices.ContainsFunc(commands, func(command string) bool { return strings.HasPrefix(command, begin) }) {
			t.Errorf("no command begins with %q", begin)
		}
	}
}

// TestTheREADMEDoesWhatItSays writes the configuration and types the commands of
// the README and the pages behind it, in their order.
func TestTheREADMEDoesWhatItSays(t *testing.T) {
	s := newStage(t, image)
	s.archive("data.zip")
	var all []block
	for _, page := range pages(t) {
		all = append(all, blocks(t, page)...)
	}
	for _, b := range all {
		switch b.language {
		case "sh":
			for _, command := range b.commands() {
				s.try(b, command)
			}
		case "yaml":
			s.configure(b)
		case "":
			s.scraped(b)
		case "nginx":
			t.Logf("%s: the test of the recipes for notifications uses it, or that of sub-paths in package web", b)
		default:
			t.Errorf("%s: nothing here knows what to do with %q; teach it", b, b.language)
		}
		if t.Failed() {
			return // what follows builds on it
		}
	}
}

// try types a command and expects it to work.
func (s *stage) try(b block, command string) {
	s.t.Helper()
	if why := notHere(command); why != "" {
		s.t.Logf("%s: not done: %s (%s)", b, command, why)
		return
	}
	page, shows := "", ""
	for _, is := range goOn {
		if strings.HasPrefix(command, is.begin) {
			page, shows = is.page, is.shows
		}
	}
	if command == "withings-exporter" {
		page, shows = metrics, polled
	}
	if page != "" {
		if err := s.serve(command, page, shows); err != nil {
			s.t.Errorf("%s: %s: %v", b, command, err)
		}
		s.t.Logf("%s: %s", b, command)
		s.prove(b, command)
		return
	}
	said, err := s.run(command)
	if err != nil {
		s.t.Errorf("%s: %s: %v\n%s", b, command, err, said)
		return
	}
	s.t.Logf("%s: %s\n%s", b, command, said)
	s.prove(b, command)
}

// prove looks at what a command has done.
func (s *stage) prove(b block, command string) {
	s.t.Helper()
	for _, p := range proofs {
		if !strings.HasPrefix(command, p.begin) {
			continue
		}
		if said := s.await(p.look, p.wanted); said != "" {
			s.t.Errorf("%s: after %s, %s is without %s:\n%s", b, command, p.look, p.wanted, said)
		}
	}
}

// configure writes a block of configuration where its reader puts it, and lets
// the program it is for read it.
func (s *stage) configure(b block) {
	s.t.Helper()
	text := s.yours.Replace(b.text)
	kind, _, _ := strings.Cut(b.text, ":")
	switch kind {
	case "client-id":
		s.write("withings.yaml", text)
	case "influx":
		s.write("withings.yaml", read(s.t, s.path("withings.yaml"))+text)
		s.try(b, "withings-exporter check")
	case "withings":
		s.write("other.yaml", strings.NewReplacer("CLIENT_ID", simulator.DefaultClientID, "CONSUMER_SECRET", simulator.DefaultClientSecret, "USER_PROFILE_NAME", "Anna").Replace(text))
		s.try(b, "chmod 600 other.yaml && withings-exporter check --config.file=other.yaml")
	case "image":
		s.t.Logf("%s: the tests of exporter/deploy/helm give it to the chart", b)
	case "grafana":
		s.write("withings.yaml", read(s.t, s.path("withings.yaml"))+text)
		s.try(b, "withings-exporter dashboards --dir from-file && grep -l masslb from-file/dashboards/*/body.json")
	case "web", "basic_auth_users":
		s.t.Logf("%s: the test of the recipes for notifications uses it, or that of sub-paths in package web", b)
	case "scrape_configs", "rule_files":
		for _, name := range []string{"withings.alerts.yaml", "withings.recording.yaml"} {
			s.write(name, read(s.t, "grafana/alerts/"+name))
		}
		if _, err := os.Stat(s.path("prometheus.yml")); err != nil {
			s.write("prometheus.yml", text) // the first is the one that is used
		}
		s.write("checked.yml", text)
		s.write("withings-password.txt", "secret")
		if said, err := exec.Command(testrun.Promtool.Path(s.t), "check", "config", s.path("checked.yml")).CombinedOutput(); err != nil {
			s.t.Errorf("%s: promtool: %v\n%s", b, err, said)
		}
	default:
		s.t.Errorf("%s: nothing here knows where %q is to be written; teach it", b, kind)
	}
}

// scraped waits until the program in the background shows every series of a block: it
// asks Withings for one service after the other.
func (s *stage) scraped(b block) {
	s.t.Helper()
	for _, line := range b.commands() {
		series := line[:strings.LastIndex(line, " ")]
		if said := s.await("curl -fsS localhost:10054/metrics", "\n"+series+" "); said != "" {
			s.t.Errorf("%s: there is no series %s among:\n%s", b, series, said)
		}
	}
}

// archive is what Withings lets a person download.
func (s *stage) archive(name string) {
	s.t.Helper()
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	entry, err := z.Create(filepath.Join("data_ANN_1", "weight.csv"))
	if err != nil {
		s.t.Fatal(err)
	}
	const rows = "Date,\"Weight (kg)\",\"Fat mass (kg)\",\"Bone mass (kg)\",\"Muscle mass (kg)\",\"Hydration (kg)\",Comments\n" +
		"\"2014-03-08 07:21:05\",71.25,,,,,\n"
	if _, err := entry.Write([]byte(rows)); err != nil {
		s.t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.write(name, packed.String())
}
