package boards

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/testserver"

	"go.yaml.in/yaml/v4"
)

func regexpPlus32(text string) bool { return regexp.MustCompile(`\+ 32\b`).MatchString(text) }

// filledPromQL are the queries to Prometheus, with variables as they are in a browser
// whose days begin so many seconds after midnight UTC.
func filledPromQL(midnight string) []string {
	filled := strings.NewReplacer("$profile", "Anna", "$instance", ".*", "${__range_ms}", "7776000000", "$__range", "90d",
		"$__from", "1690000000000", "${midnight}", midnight, "${__to:date:E}", "7", "${__to:date:DDD}", "320", "${__to:date:M}", "11", "${__to:date:YYYY}", "2023", "$__rate_interval", "4m", "$__interval_ms", "300000", "$__interval", "5m",
		"${__to:date:seconds}", "1700000000", "${within}", "91", "$__to", "1700000000000")
	return strings.Split(filled.Replace(strings.TrimSpace(queries(Prometheus))), "\n")
}

// browsers are when days begin in New York, Vienna and UTC.
var browsers = []string{"18000", "82800", "86400"}

// TestPrometheusUnderstandsEveryQuery hands the queries to promtool as rules.
func TestPrometheusUnderstandsEveryQuery(t *testing.T) {
	promtool := testrun.Promtool.Path(t)
	type rule struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	var rules []rule
	for _, midnight := range browsers {
		for _, query := range filledPromQL(midnight) {
			rules = append(rules, rule{"query", query})
		}
	}
	text, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "boards", "rules": rules}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	// Without the linter: queries that are asked twice are no mistake here.
	if out, err := exec.Command(promtool, "check", "rules", "--lint=none", file).CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

// TestVictoriaMetricsUnderstandsEveryQuery asks a database without readings.
func TestVictoriaMetricsUnderstandsEveryQuery(t *testing.T) {
	s := testserver.Victoria(t)
	for _, midnight := range browsers {
		for _, query := range filledPromQL(midnight) {
			answer, err := http.PostForm(s.URL+"/api/v1/query", url.Values{"query": {query}, "time": {"1700000000"}})
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if err != nil || answer.StatusCode != http.StatusOK {
				t.Errorf("%s: %v\n%s", answer.Status, err, text)
			}
		}
	}
}

func TestInfluxQLIsWellFormed(t *testing.T) {
	shape := regexp.MustCompile(`^SELECT .+ FROM .+ WHERE .+$`)
	for query := range strings.SplitSeq(strings.TrimSpace(queries(InfluxDB)), "\n") {
		if !shape.MatchString(query) {
			t.Errorf("not SELECT … FROM … WHERE …: %s", query)
		}
		if strings.Count(query, `"`)%2 != 0 || strings.Count(query, "'")%2 != 0 {
			t.Errorf("a quote is open: %s", query)
		}
		depth := 0
		for _, r := range query {
			switch r {
			case '(':
				depth++
			case ')':
				depth--
			}
			if depth < 0 {
				break
			}
		}
		if depth != 0 {
			t.Errorf("parentheses do not match: %s", query)
		}
		if !strings.Contains(query, onePerson) {
			t.Errorf("shows everybody's data: %s", query)
		}
	}
}

func TestPromQLShowsTheChosenPeopleOnly(t *testing.T) {
	for _, selector := range regexp.MustCompile(`withings_\w+\{[^}]*\}`).FindAllString(queries(Prometheus), -1) {
		if !strings.Contains(selector, `instance=~"$instance"`) {
			t.Errorf("%s ignores the exporter chosen", selector)
		}
		perPerson := !regexp.MustCompile(`withings_(api_requests|rate_limited|skipped_readings|influx_points|exporter_build)`).MatchString(selector)
		if perPerson && !strings.Contains(selector, `profile=~"$profile"`) {
			t.Errorf("%s ignores the person chosen", selector)
		}
	}
}
