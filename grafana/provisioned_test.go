package grafana

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestADataSourceFromAFileIsLeftWhereItLeads: Grafana refuses to change it, whatever the role of the account.
func TestADataSourceFromAFileIsLeftWhereItLeads(t *testing.T) {
	file := Options{Prometheus: Server{URL: "http://localhost:9090"}, InfluxDB: Server{URL: "http://i", Database: "health", User: "grafana"}}
	for name, c := range map[string]struct {
		given Options
		want  string // of the error; empty: it is left as it is
	}{
		"the same":                         {file, ""},
		"the same with a slash at the end": {Options{Prometheus: Server{URL: "http://localhost:9090/"}}, ""},
		"another address": {Options{Prometheus: Server{URL: "http://elsewhere:9090"}},
			`data source "Withings Prometheus" comes from a provisioning file of Grafana, which has url: http://localhost:9090; ` +
				"if that is wrong, write url: http://elsewhere:9090 there, and restart Grafana; if it is right, give the same here"},
		"an address with a password": {Options{Prometheus: Server{URL: "http://ben:hunter2@localhost:9090"}}, "write url: http://ben:xxxxx@localhost:9090 there"},
		"another database and user":  {Options{InfluxDB: Server{URL: "http://i", Database: "d", User: "u"}}, "write user: u and dbName: d there"},
		"any user of a token":        {Options{InfluxDB: Server{URL: "http://i", Database: "health"}}, ""},
	} {
		g := newFakeGrafana(t)
		g.install(t, file)
		g.provisioned = true
		steps, err := Install(t.Context(), g.Client(), g.URL, g.token, c.given)
		if other := (*Provisioned)(nil); c.want != "" && !errors.As(err, &other) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		} else if c.want != "" && !strings.Contains(err.Error(), c.want) || c.want == "" && err != nil || strings.Contains(fmt.Sprint(err), "hunter2") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if got := done(steps); (c.want == "") != strings.Contains(got, Kept) || !strings.Contains(got, fmt.Sprintf("dashboard unchanged:%d", 2*kinds(t))) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestTheRoleThatIsNamedSufficesForAllThatIsAsked has an account that may only look.
func TestTheRoleThatIsNamedSufficesForAllThatIsAsked(t *testing.T) {
	for role, o := range map[string]Options{
		"Editor": {Datasource: Prometheus},
		"Admin":  {Datasource: Prometheus, Prometheus: Server{URL: "http://p"}},
	} {
		g := newFakeGrafana(t)
		g.role = 403
		_, err := Install(t.Context(), g.Client(), g.URL, g.token, o)
		if want := "give the service account the role " + role + ";"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestADashboardThatCannotBeSavedDoesNotHideTheDataSource: both come from provisioning files, and both are said.
func TestADashboardThatCannotBeSavedDoesNotHideTheDataSource(t *testing.T) {
	g := newFakeGrafana(t)
	o := Options{Datasource: Prometheus, Prometheus: Server{URL: "http://localhost:9090"}}
	g.install(t, o)
	g.provisioned, g.role = true, 400
	o.Units, o.Prometheus.URL = "imperial", "http://elsewhere:9090"
	_, err := Install(t.Context(), g.Client(), g.URL, g.token, o)
	if err == nil || !strings.Contains(err.Error(), "write url: http://elsewhere:9090 there") || !strings.Contains(err.Error(), "write them again with dashboards --dir") {
		t.Errorf("%v", err)
	}
}
