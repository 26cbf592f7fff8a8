package grafana

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter"
	"withings-exporter/exporter/testrun"
)

// ruleFile is a file of rules, or what jsonnet makes of the mixin.
type ruleFile struct {
	Groups []struct {
		Name     string
		Interval string
		Rules    []rule
	}
}

type rule struct {
	Alert       string
	Record      string
	Expr        string
	For         string
	Labels      map[string]string
	Annotations map[string]string
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

var ruleFiles = []string{"alerts/withings.alerts.yaml", "alerts/withings.health.yaml", "alerts/withings.recording.yaml"}

// rulesOf are the rules of some files, of one group each.
func rulesOf(t *testing.T, names ...string) (all []rule) {
	t.Helper()
	for _, name := range names {
		var file ruleFile
		read(t, name, &file)
		if len(file.Groups) != 1 || len(file.Groups[0].Rules) == 0 {
			t.Fatalf("%s has not one group with rules", name)
		}
		all = append(all, file.Groups[0].Rules...)
	}
	return all
}

// alertsOf are those that are alerts.
func alertsOf(t *testing.T, names ...string) []rule {
	t.Helper()
	return slices.DeleteFunc(rulesOf(t, names...), func(r rule) bool { return r.Alert == "" })
}

func TestPrometheusTakesTheRules(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), testrun.Promtool.Path(t), append([]string{"check", "rules"}, ruleFiles...)...).CombinedOutput()
	if err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

func TestRulesDoWhatTheirTestsSay(t *testing.T) {
	promtool := testrun.Promtool.Path(t)
	for _, name := range ruleTestFiles(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(t.Context(), promtool, "test", "rules", filepath.Base(name))
			command.Dir = "alerts"
			if out, err := command.CombinedOutput(); err != nil {
				t.Errorf("promtool: %v\n%s", err, out)
			}
		})
	}
}

func ruleTestFiles(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("alerts/*_test.yaml")
	if err != nil || len(names) < 4 {
		t.Fatalf("%d files of tests, %v", len(names), err)
	}
	return names
}

func TestEveryRuleIsTestedAndEveryAlertFiresAndRests(t *testing.T) {
	fires, rests := map[string]bool{}, map[string]bool{}
	var asked strings.Builder
	for _, name := range ruleTestFiles(t) {
		var file ruleTests
		read(t, name, &file)
		for _, c := range file.Tests {
			for _, a := range c.AlertRuleTest {
				if len(a.ExpAlerts) > 0 {
					fires[a.Alertname] = true
				} else {
					rests[a.Alertname] = true
				}
			}
			for _, e := range c.PromqlExprTest {
				if len(e.ExpSamples) > 0 {
					asked.WriteString(e.Expr + "\n")
				}
			}
		}
	}
	for _, r := range rulesOf(t, ruleFiles...) {
		switch {
		case r.Alert == "":
			// Those of the alerts are tested by the alerts.
			if !strings.Contains(asked.String(), r.Record) && !slices.ContainsFunc(alertsOf(t, "alerts/withings.alerts.yaml"), func(a rule) bool {
				return strings.Contains(a.Expr, r.Record)
			}) {
				t.Errorf("no test of %s", r.Record)
			}
		case !fires[r.Alert]:
			t.Errorf("no test in which %s fires", r.Alert)
		case !rests[r.Alert]:
			t.Errorf("no test in which %s rests", r.Alert)
		}
	}
}

func TestEveryAlertSaysWhatToDoAndWhereToLook(t *testing.T) {
	todo := regexp.MustCompile(`(?i)\b(run|check|open|charge|increase|see|call)\b`)
	link := regexp.MustCompile(`^http://localhost:3000/d/withings-(\w+)-prometheus(\?var-profile=\{\{ \$labels.profile \| urlquery \}\})?$`)
	for _, r := range alertsOf(t, ruleFiles[:2]...) {
		if !todo.MatchString(r.Annotations["description"]) {
			t.Errorf("%s does not say what to do: %q", r.Alert, r.Annotations["description"])
		}
		if !slices.Contains([]string{"info", "warning", "critical"}, r.Labels["severity"]) {
			t.Errorf("%s has the severity %q", r.Alert, r.Labels["severity"])
		}
		if !strings.HasSuffix(r.Annotations["summary"], ".") {
			t.Errorf("%s has the summary %q", r.Alert, r.Annotations["summary"])
		}
		found := link.FindStringSubmatch(r.Annotations["dashboard_url"])
		if found == nil {
			t.Errorf("%s links to %q", r.Alert, r.Annotations["dashboard_url"])
		} else if _, err := os.Stat("dashboards/prometheus/" + found[1] + ".json"); err != nil {
			t.Errorf("%s: %v", r.Alert, err)
		}
	}
}

func TestAlertsAboutHealthAreNoDiagnosis(t *testing.T) {
	for _, r := range alertsOf(t, "alerts/withings.health.yaml") {
		if !strings.HasSuffix(r.Annotations["description"], "This is not a diagnosis.") {
			t.Errorf("%s ends with %q", r.Alert, r.Annotations["description"])
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
	for _, name := range ruleFiles {
		recorded := map[string]bool{} // in the same file, before
		for _, r := range rulesOf(t, name) {
			found := regexp.MustCompile(`(\w+:)?withings_\w+(:\w+)?`).FindAllString(r.Expr, -1)
			if len(found) == 0 {
				t.Errorf("%s%s asks for nothing", r.Alert, r.Record)
			}
			for _, name := range found {
				if !known[name] && !recorded[name] && name != r.Record {
					t.Errorf("%s%s asks for %s, which is no metric", r.Alert, r.Record, name)
				}
			}
			recorded[r.Record] = true
		}
	}
}

// evaluated is a part of the mixin, changed by some jsonnet.
func evaluated(t *testing.T, what, change string, into any) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), testrun.Jsonnet.Path(t), "-e", "((import 'alerts/mixin.libsonnet')"+change+")."+what).CombinedOutput()
	if err != nil {
		t.Fatalf("jsonnet: %v\n%s", err, out)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatal(err)
	}
}

func TestTheMixinHasTheRulesOfTheFiles(t *testing.T) {
	var alerts, health, recording, got ruleFile
	read(t, "alerts/withings.alerts.yaml", &alerts)
	read(t, "alerts/withings.health.yaml", &health)
	read(t, "alerts/withings.recording.yaml", &recording)
	evaluated(t, "prometheusAlerts", "", &got)
	if !reflect.DeepEqual(got, alerts) {
		t.Errorf("the alerts are not those of the file: %+v", got)
	}
	var with ruleFile
	evaluated(t, "prometheusAlerts", " + {_config+:: {health: true}}", &with)
	if want := append(slices.Clone(alerts.Groups), health.Groups...); !reflect.DeepEqual(with.Groups, want) {
		t.Errorf("with health, the alerts are not those of both files: %+v", with)
	}
	var trends ruleFile
	evaluated(t, "prometheusRules", "", &trends)
	if !reflect.DeepEqual(trends, recording) {
		t.Errorf("the recording rules are not those of the file: %+v", trends)
	}
}

// TestTheMixinCanBeChanged changes every setting and looks for the new value.
func TestTheMixinCanBeChanged(t *testing.T) {
	var settings map[string]any
	evaluated(t, "_config", "", &settings)
	if len(settings) < 30 {
		t.Fatalf("%d settings", len(settings))
	}
	delete(settings, "health") // see above
	for name, value := range settings {
		if _, text := value.(string); text {
			settings[name] = `changed="` + name + `"`
		} else {
			settings[name] = value.(float64)*1000 + 7
		}
	}
	change, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	var all any
	evaluated(t, "prometheusAlerts", " + {_config+:: "+string(change)+" + {health: true}}", &all)
	text, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range settings {
		want, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), strings.Trim(string(want), `"`)) {
			t.Errorf("%s changes nothing", name)
		}
	}
	if strings.Contains(string(text), `profile!=\"\"`) || strings.Contains(string(text), `job!=\"\"`) {
		t.Errorf("some selector cannot be changed")
	}
}

func TestTheMixinHasEveryDashboard(t *testing.T) {
	var got map[string]struct{ UID string }
	evaluated(t, "grafanaDashboards", "", &got)
	want, err := filepath.Glob("dashboards/prometheus/*.json")
	if err != nil || len(want) == 0 || len(got) != len(want) {
		t.Fatalf("%d dashboards, of %d (%v)", len(got), len(want), err)
	}
	for _, name := range want {
		slug := strings.TrimSuffix(filepath.Base(name), ".json")
		if uid := got["withings-"+slug+".json"].UID; uid != "withings-"+slug+"-prometheus" {
			t.Errorf("%s is %q", slug, uid)
		}
	}
}
