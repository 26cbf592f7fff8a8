package grafana

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter"
	"withings-exporter/exporter/testrun"
)

// rules is a rule file.
type rules struct {
	Groups []struct {
		Name  string
		Rules []struct {
			Alert       string
			Record      string
			Expr        string
			Labels      map[string]string
			Annotations map[string]string
		}
	}
}

// ruleTests is a file of tests for promtool.
type ruleTests struct {
	Tests []struct {
		AlertRuleTest []struct {
			Alertname string
			ExpAlerts []any `yaml:"exp_alerts"`
		} `yaml:"alert_rule_test"`
		PromqlExprTest []struct {
			Expr       string
			ExpSamples []any `yaml:"exp_samples"`
		} `yaml:"promql_expr_test"`
	}
}

func TestPrometheusTakesTheRules(t *testing.T) {
	out, err := exec.Command(testrun.Promtool.Path(t), "check", "rules", "alerts/withings.alerts.yaml", "alerts/withings.recording.yaml").CombinedOutput()
	if err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

func TestRulesDoWhatTheirTestsSay(t *testing.T) {
	command := exec.Command(testrun.Promtool.Path(t), "test", "rules", "withings.alerts_test.yaml", "withings.weeks_test.yaml", "withings.recording_test.yaml")
	command.Dir = "alerts"
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

func TestEveryRuleIsTestedAndEveryAlertFiresAndRests(t *testing.T) {
	var tests, weeks, trends ruleTests
	read(t, "alerts/withings.alerts_test.yaml", &tests)
	read(t, "alerts/withings.weeks_test.yaml", &weeks)
	read(t, "alerts/withings.recording_test.yaml", &trends)
	fires, rests, tested := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range slices.Concat(tests.Tests, weeks.Tests) {
		for _, a := range c.AlertRuleTest {
			if len(a.ExpAlerts) > 0 {
				fires[a.Alertname] = true
			} else {
				rests[a.Alertname] = true
			}
		}
	}
	for _, c := range trends.Tests {
		for _, e := range c.PromqlExprTest {
			tested[e.Expr] = len(e.ExpSamples) > 0
		}
	}
	var alerts, recording rules
	read(t, "alerts/withings.alerts.yaml", &alerts)
	read(t, "alerts/withings.recording.yaml", &recording)
	for _, r := range alerts.Groups[0].Rules {
		if !fires[r.Alert] {
			t.Errorf("no test in which %s fires", r.Alert)
		}
		if !rests[r.Alert] {
			t.Errorf("no test in which %s rests", r.Alert)
		}
	}
	for _, r := range recording.Groups[0].Rules {
		if !tested[r.Record] {
			t.Errorf("no test of %s", r.Record)
		}
	}
}

func TestEveryAlertSaysWhatToDo(t *testing.T) {
	var alerts rules
	read(t, "alerts/withings.alerts.yaml", &alerts)
	todo := regexp.MustCompile(`(?i)\b(run|check|open|charge|increase|see)\b`)
	for _, r := range alerts.Groups[0].Rules {
		if !todo.MatchString(r.Annotations["description"]) {
			t.Errorf("%s does not say what to do: %q", r.Alert, r.Annotations["description"])
		}
		if !slices.Contains([]string{"info", "warning", "critical"}, r.Labels["severity"]) {
			t.Errorf("%s has the severity %q", r.Alert, r.Labels["severity"])
		}
		if !strings.HasSuffix(r.Annotations["summary"], ".") {
			t.Errorf("%s has the summary %q", r.Alert, r.Annotations["summary"])
		}
	}
}

func TestRulesAskForMetricsThatExist(t *testing.T) {
	known := map[string]bool{}
	for _, m := range exporter.Catalog() {
		known[m.FullName()] = true
	}
	for _, m := range exporter.Own() {
		known[exporter.Prefix+m.Name] = true
	}
	for _, file := range []string{"alerts/withings.alerts.yaml", "alerts/withings.recording.yaml"} {
		var all rules
		read(t, file, &all)
		for _, r := range all.Groups[0].Rules {
			if found := regexp.MustCompile(`withings_\w+`).FindAllString(r.Expr, -1); len(found) == 0 {
				t.Errorf("%s%s asks for nothing", r.Alert, r.Record)
			} else {
				for _, name := range found {
					if !known[name] {
						t.Errorf("%s%s asks for %s, which is no metric", r.Alert, r.Record, name)
					}
				}
			}
		}
	}
}

func TestTheMixinImportsEveryBoardAndRule(t *testing.T) {
	text, err := os.ReadFile("alerts/mixin.libsonnet")
	if err != nil {
		t.Fatal(err)
	}
	var imported []string
	for _, match := range regexp.MustCompile(`import(?:str)? '([^']+)'`).FindAllSubmatch(text, -1) {
		name := filepath.Join("alerts", string(match[1]))
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
		imported = append(imported, name)
	}
	want, err := filepath.Glob("dashboards/prometheus/*.json")
	if err != nil || len(want) == 0 {
		t.Fatalf("no boards: %v", err)
	}
	for _, name := range append(want, "alerts/withings.alerts.yaml", "alerts/withings.recording.yaml") {
		if !slices.Contains(imported, name) {
			t.Errorf("the mixin does not import %s", name)
		}
	}
}
